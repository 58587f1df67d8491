"""Meet a cluster that does not answer: in the time you allow, and told whether trying again helps."""

from eropaf_client.cluster import Cluster, Timing
from eropaf_client.errors import ClientError
from eropaf_client.publisher import ArrearsPublisher

nobody_there = Cluster("127.0.0.1:1", timing=Timing(answer_within_s=0.3))

try:
    ArrearsPublisher(nobody_there, "rent")
except ClientError as error:
    print(type(error).__name__, "- try again" if error.retriable else "- give up")
    print(str(error).split(" (")[0])

# Prints:
# BrokerUnreachable - try again
# no Kafka broker answered at 127.0.0.1:1 within 0.3 s
