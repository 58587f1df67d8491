// What the board told and the list does not show yet: it waits while a finger is down, or while the list is held still.
export class Arriving {
  constructor(order) {
    this.order = order;
    this.waiting = new Map(); // household → row
    this.stale = new Set(); // households of before, of which nothing was said since everything is told anew
    this.whole = false; // everything was told, and that is not shown yet
  }

  // From here on everything is told anew: what waits is of before, and who is not told of any more has left.
  begin() {
    this.stale = new Set(this.order.rows.keys());
    this.waiting.clear();
    this.whole = false;
  }

  take(rows) { for (const row of rows) this.waiting.set(row.household, row); }

  // Bring what waits into the order; `hear(before, after)` is told of each row. Returns the rows, the households that
  // moved, and whether everything was told.
  settle(hear) {
    const changed = [...this.waiting.values()];
    this.waiting.clear();
    const moved = new Set();
    for (const row of changed) {
      this.stale.delete(row.household);
      const was = this.order.get(row.household);
      if (was?.rank !== row.rank) moved.add(row.household);
      hear(was, row);
      this.order.drop(row.household);
      if (row.rank !== null) this.order.keep(row);
    }
    const { whole } = this;
    if (whole) for (const household of this.stale) this.order.drop(household);
    if (whole) this.stale.clear();
    this.whole = false;
    return { changed, moved, whole };
  }
}
