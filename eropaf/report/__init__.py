"""What the municipality reports on."""
