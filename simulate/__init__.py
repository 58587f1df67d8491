"""A synthetic city, its creditors and what they signal."""
