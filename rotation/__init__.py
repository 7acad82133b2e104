"""The rotation: tickets, load, budget, plan, booking, invite, reply, insight, report."""
