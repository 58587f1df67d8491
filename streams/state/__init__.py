"""Tables: the rows of each partition, and their restore from the changelog."""
