"""Proactive budgets: availability times the share of the team."""
