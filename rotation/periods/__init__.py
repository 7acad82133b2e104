"""Weeks, half-open intervals and working time; values in, values out."""
