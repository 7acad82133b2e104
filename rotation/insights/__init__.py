"""What a visit brought home."""
