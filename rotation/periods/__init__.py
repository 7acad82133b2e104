"""Weeks, half-open intervals, working time, and how they read; values in, values out."""
