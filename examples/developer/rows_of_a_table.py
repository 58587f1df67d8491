"""Keep rows in a stage's table: what was touched goes out with the next checkpoint, each key once."""

from eropaf.streams.runtime.stage import TableSpec
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition

spec = TableSpec("count", encode=lambda row: str(row).encode(), decode=int)
table: TablePartition[int] = TablePartition(spec, InMemory())

for key in (b"one", b"two", b"one"):
    table.put(key, (table.get(key) or 0) + 1)
table.delete(b"two")

print(table.rest())
print(table.get(b"one"), table.get(b"two"), table.rest())

# Prints:
# [(b'one', b'2'), (b'two', None)]
# 2 None []
