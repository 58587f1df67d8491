"""A real Apache Kafka on this machine, without a system Java, Docker or ZooKeeper.

`EmbeddedKafka` lives as long as the process that starts it; `eropaf.deploy.embedded.daemon` keeps a
broker that outlives the command.
"""

from eropaf.deploy.embedded.cluster import EmbeddedKafka
from eropaf.deploy.embedded.errors import EmbeddedKafkaError
from eropaf.deploy.embedded.node import Node

__all__ = ["EmbeddedKafka", "EmbeddedKafkaError", "Node"]
