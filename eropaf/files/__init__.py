"""What a municipality or a creditor hands in as a file, for an operator to take in."""
