"""Tables: rows of each partition, and how they come back from the changelog."""
