"""Telling people: calendar requests and cancellations for guests, mails for hosts, the outbox."""
