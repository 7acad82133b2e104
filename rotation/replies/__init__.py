"""Answers coming back: mails and links in, decisions, the ledger of answers, the demo mailbox."""
