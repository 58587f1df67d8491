"""The records that travel: Avro schemas, their published versions, and the wire format."""
