"""The agents: each takes a batch, applies the rules, and returns what changes."""
