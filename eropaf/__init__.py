"""What runs: programs (`main`, `worker`, `healthy`) and commands, over services in rooms, over the settings.

A command asks one room: `desk/` (residents' rights), `files/` (what offices hand in), `cluster/` (what is
kept in Kafka), `derived/` (what the tables decide), `demo/`, `rank/`, `lookup/`, `report/`, or one that
weighs a policy (`choosing/`, `hindsight/`, `trial/`, `worth/`). `process/` is how each begins and ends.
"""
