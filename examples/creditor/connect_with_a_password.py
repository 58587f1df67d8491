"""Connect with TLS and a password: librdkafka's own settings, which the text form leaves out."""

from eropaf_client.cluster import Cluster

cluster = Cluster(
    "kafka.example:9093",
    {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "creditor-rent",
        "sasl.password": "not for a log",
    },
)

print(repr(cluster).split(", timing")[0])

# Prints:
# Cluster(bootstrap='kafka.example:9093'
