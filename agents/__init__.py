"""The agents: each takes a batch, asks the rules, and hands back what changes."""
