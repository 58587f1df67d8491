"""The machine: poll, hand out, collect, save, and what a change of the group does to it."""
