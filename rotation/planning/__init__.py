"""The plan; values in, values out."""
