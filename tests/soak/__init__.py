"""A flow that runs for long, and what grows with time instead of with state."""
