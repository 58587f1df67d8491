# Fill in the municipality's documents by its own policy: register entry, DPIA, model card, retention.
set -eu
eropaf documents amsterdam-example --out ours > /dev/null
ls ours
grep -o -m 1 'amsterdam-example-3' ours/model-card.md

# Prints:
# algorithm-register.md
# data-flow-and-retention.md
# dpia.md
# model-card.md
# amsterdam-example-3
