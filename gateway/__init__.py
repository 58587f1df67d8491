"""The open door: creditors and outreach tools that speak HTTP and no Kafka. Built on the client library."""
