// The rows by their rank, which is text that sorts as the list does.
export class Order {
  constructor() {
    this.rows = new Map(); // household → row
    this.ranked = [];
  }

  get(household) { return this.rows.get(household); }

  keep(row) {
    this.rows.set(row.household, row);
    this.ranked.splice(this.find(row.rank), 0, row);
  }

  drop(household) {
    const row = this.rows.get(household);
    if (!row) return;
    this.ranked.splice(this.find(row.rank), 1);
    this.rows.delete(household);
  }

  // All at once, as they were kept before.
  fill(rows) {
    this.rows = new Map(rows.map((row) => [row.household, row]));
    this.ranked = [...rows].sort((one, other) => (one.rank < other.rank ? -1 : 1));
  }

  // The first place at which a row of this rank may stand.
  find(rank) {
    let low = 0;
    let high = this.ranked.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ranked[middle].rank < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
