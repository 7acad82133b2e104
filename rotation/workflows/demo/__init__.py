"""The demo organisation: seeded, relative to today, the same for one seed and day."""
