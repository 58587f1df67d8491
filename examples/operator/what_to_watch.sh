# Look up what to watch: every metric with its labels, and how to read it.
set -eu
eropaf metrics > metrics.md
grep '`eropaf_lag' metrics.md

# Prints:
# | `eropaf_lag_records` | gauge | topic, partition | Records that wait to be read, by input partition. |
