"""The machine: poll, hand out, collect, save, and handle rebalances."""
