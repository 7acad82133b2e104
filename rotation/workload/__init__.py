"""Reactive load: tickets, where they come from, backlog and inflow per team."""
