// One row as people see it.
const DAY_MS = 86400000;

export function left(row, today) {
  return row.due ? Math.round((Date.parse(row.due) - Date.parse(today)) / DAY_MS) : null;
}

export function inDays(words, days) {
  if (days === null) return "";
  if (days === 0) return words["due.today"];
  const one = Math.abs(days) === 1;
  return words[days > 0 ? (one ? "due.left_one" : "due.left") : one ? "due.over_one" : "due.over"].replace("{}", Math.abs(days));
}

export class RowDrawer {
  constructor(words, user) { Object.assign(this, { words, user }); }

  fill(element, row, today) {
    Object.assign(element.dataset, { household: row.household, rank: row.rank, band: row.band, area: row.area });
    const is = (name) => element.querySelector(`[data-is=${name}]`);
    element.querySelector(".address").textContent = row.address;
    is("which").textContent = row.address;
    element.querySelector("a").href = `/households/${row.household}`;
    element.querySelector("form").setAttribute("action", `/households/${row.household}/claim`);
    is("band").textContent = this.words[`band.${row.band}`];
    is("action").textContent = this.words[`action.${row.action}`];
    if (!element.dataset.moved) is("change").textContent = this.words[`change.${row.change}`];
    this.due(element, row, today);
    this.safety(element, row, today);
    this.holder(element, row);
  }

  due(element, row, today) {
    const cell = element.querySelector("[data-is=due]");
    const days = left(row, today);
    cell.textContent = inDays(this.words, days);
    cell.toggleAttribute("data-over", days !== null && days < 0);
  }

  // A mark ends by itself on its last day, also on a page that stays open over midnight.
  safety(element, row, today) {
    const holds = row.safety && row.safe_until >= today;
    if (holds) element.dataset.safety = row.safety;
    else delete element.dataset.safety;
    element.querySelector("[data-is=safety]").textContent = holds ? this.words[`safety.${row.safety}`] : "";
  }

  holder(element, row) {
    const cell = element.querySelector("[data-is=holder]");
    const had = element.contains(document.activeElement) && document.activeElement.matches(".claim");
    if (row.holder) element.dataset.holder = row.holder === this.user ? "mine" : "other";
    else delete element.dataset.holder;
    cell.textContent = !row.holder ? "" : row.holder === this.user ? this.words["claim.mine"] : `${this.words["claim.held"]} ${row.name}`;
    // The button under the focus is gone: the row that it was of is the next thing.
    if (had && row.holder) element.querySelector("a").focus({ preventScroll: true });
  }

  // How far it moved, for as long as it takes to see it.
  moved(element, row, places) {
    const cell = element.querySelector("[data-is=change]");
    const one = Math.abs(places) === 1;
    cell.textContent = this.words[places > 0 ? (one ? "list.up_one" : "list.up") : one ? "list.down_one" : "list.down"].replace("{}", Math.abs(places));
    element.dataset.moved = places > 0 ? "up" : "down";
    clearTimeout(element.moving);
    element.moving = setTimeout(() => {
      delete element.dataset.moved;
      cell.textContent = this.words[`change.${row.change}`];
    }, MOVED_MS);
  }

  mark(element) {
    element.classList.add("new");
    setTimeout(() => element.classList.remove("new"), 1200);
  }
}

const MOVED_MS = 5000;
