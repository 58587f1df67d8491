"""Every metric of the plumbing, with unit and reading. No label holds personal data."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RECORDS_IN = Counter("eropaf_records_in", "Records read and processed, by topic.", ["topic"])
NEWEST_RECORD = Gauge(
    "eropaf_newest_record_timestamp_seconds",
    "When the newest record that was processed had been stored, by topic.",
    ["topic"],
)
RECORDS_OUT = Counter("eropaf_records_out", "Records written in committed checkpoints, by topic.", ["topic"])
REJECTED = Counter(
    "eropaf_rejected", "Records set aside, by stage, topic and reason.", ["stage", "topic", "reason"]
)
LAG = Gauge("eropaf_lag_records", "Records that wait to be read, by input partition.", ["topic", "partition"])
LOST = Gauge(
    "eropaf_lost_records",
    "Offsets that were deleted before they were read, by input partition, which stands still until somebody "
    "accepts the loss.",
    ["topic", "partition"],
)
CHECKPOINTS = Counter("eropaf_checkpoints", "Checkpoints, by result.", ["result"])
CHECKPOINT_SECONDS = Histogram(
    "eropaf_checkpoint_duration_seconds",
    "Time to make one checkpoint of a stage durable.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
)
CHECKPOINT_TIMESTAMP = Gauge(
    "eropaf_last_checkpoint_timestamp_seconds",
    "When all was durable last that a worker had done, stage by stage; its age is time() minus this.",
)
LET_GO = Counter("eropaf_let_go", "Silent workers that this one had the group go on without.")
PARTITIONS_OPEN = Gauge(
    "eropaf_partitions_open", "Input partitions that this worker reads, by stage.", ["stage"]
)
PARTITIONS = Gauge(
    "eropaf_partitions",
    "Input partitions that there were when this worker started, by stage: all workers together read as many.",
    ["stage"],
)
PARTITIONS_RESTORING = Gauge("eropaf_partitions_restoring", "Restores under way.")
RESTORED_ROWS = Counter("eropaf_restored_rows", "Changelog records read back.")
STANDBY_PARTITIONS = Gauge(
    "eropaf_standby_partitions", "Changelog partitions of other workers whose rows this one keeps ready."
)
STANDBY_LAG = Gauge(
    "eropaf_standby_lag_records", "Changelog records of others that wait to be read for the rows kept ready."
)
RESTORE_SECONDS = Histogram(
    "eropaf_restore_duration_seconds",
    "Time to read back one table partition.",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
ROWS = Gauge("eropaf_table_rows", "Rows kept, by table.", ["table"])
TALLY = Gauge(
    "eropaf_table_tally",
    "Rows kept, by what their table counts them under.",
    ["table", "under"],
)
