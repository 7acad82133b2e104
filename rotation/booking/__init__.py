"""The commitment: one person's seat in one meeting, its states, and what may refuse it."""
