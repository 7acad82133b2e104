"""Starts, watches and stops the product's own servers on one machine."""
