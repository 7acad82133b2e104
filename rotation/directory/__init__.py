"""Who: departments, IT teams, staff, hosts, working hours, absence, duty, and who may do what."""
