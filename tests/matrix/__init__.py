"""What was tried on which Kafka, under which group protocol, and from which version of ours."""
