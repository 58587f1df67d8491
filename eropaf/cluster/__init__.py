"""What services read of the configured cluster, and append to it."""
