"""The plumbing: Kafka in, Kafka out, state in between, and nothing lost or told twice.

It knows nothing of what it carries. Faust gives agents, streams, services and their life cycle; transport,
checkpoints and restore are this package's own (ADR 1, ADR 2). In this order it reads best:

1. What it works on: `runtime/stage.py` (a stage of a flow), `runtime/record.py` (what is read and
   written), `runtime/batch.py` (what an agent gets, and where it puts what comes of it).
2. What is kept: `state/table.py` (rows by key), `state/rows.py` (where they rest), `state/restore.py`
   (how they come back).
3. What makes it durable: `runtime/checkpoint.py` (outputs, rows and offsets in one transaction),
   `runtime/transactional.py` (whose, and what of a predecessor is aborted), `runtime/saving.py` (one after
   the other, for each stage or chain of stages), `runtime/chain.py` and `runtime/placing.py` (what one stage
   hands the next in memory).
4. What is ours to read: `runtime/ownership.py` (which partitions, under which assignment),
   `runtime/opening.py` (open and close them with their rows), `runtime/kafka_group.py` (the group's side),
   `runtime/presence.py` (who else is there, and who is let go), `runtime/standby.py` (whose rows are kept
   ready), `runtime/pacing.py` (what waits).
5. The machine: `runtime/machine.py` ties these together, a tick at a time; `runtime/lanes.py` does what
   blocks; `runtime/invariants.py` must always hold; `runtime/watchdog.py` ends what stands still.
6. Around it: `runtime/consumer.py` and `runtime/app.py` (its face to Faust), `runtime/transport.py` (where
   Kafka's clients come from), `errors.py` (what goes wrong, and the one way to stop), `config.py`.

`operate/` is for operators (topics, rights, savepoints, letters, replay, the supervisor), `observe/` for who
watches (metrics, health, traces).
"""
