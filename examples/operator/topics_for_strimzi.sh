# Have the Strimzi operator make topics and users: each one a resource for `kubectl apply`.
set -eu
export EROPAF_CREDITORS=rent
eropaf strimzi > resources.yaml
grep '^kind:' resources.yaml | sort | uniq -c | sed 's/^ *//'
grep -A 9 '^  name: arrears.rent$' resources.yaml

# Prints:
# 23 kind: KafkaTopic
# 18 kind: KafkaUser
#   name: arrears.rent
#   labels:
#     strimzi.io/cluster: eropaf
# spec:
#   partitions: 8
#   replicas: 3
#   config:
#     cleanup.policy: delete
#     max.message.bytes: '1048588'
#     retention.ms: '2592000000'
