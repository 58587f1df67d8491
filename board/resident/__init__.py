"""A resident's own page, and what the desk does for it."""
