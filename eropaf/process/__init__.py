"""What every process here does: how it begins, what it logs, how it says what went wrong, how it ends."""
