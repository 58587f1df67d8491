"""A city, its creditors, a real Kafka, and the list that results, in about a minute."""
