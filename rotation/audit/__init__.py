"""Who did what, and who looked: written by every room, changed by none."""
