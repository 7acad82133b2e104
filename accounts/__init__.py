"""Who may sign in: the user, the user's roles, language and look."""
