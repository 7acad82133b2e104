"""What can be attended: the meeting series of departments, their occurrences and guest seats."""
