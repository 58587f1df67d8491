// Which part of the list is shown. What is chosen stands in the address, so that a way back leads to it; what is
// typed may be an address, and stands nowhere.
import { left } from "./row.js";

const WEEK_DAYS = 7;
// Where there is room for all of it; on a phone the rows come first (board.css).
const ROOMY = "(min-width: 44rem)";

export class Filters {
  constructor(changed) {
    this.search = document.querySelector("#search");
    this.area = document.querySelector("#area");
    this.show = document.querySelector("#show");
    this.bands = [...document.querySelectorAll(".bands input")];
    this.fold = document.querySelector("[data-fold]");
    this.summary = this.fold.querySelector("summary");
    this.word = this.summary.textContent;
    this.open(matchMedia(ROOMY));
    this.say();
    this.search.form.addEventListener("submit", (event) => event.preventDefault());
    for (const each of [this.search, this.area, this.show, ...this.bands]) {
      each.addEventListener("input", () => { this.write(); this.say(); changed(); });
    }
  }

  open(roomy) {
    const fit = () => { this.fold.open = roomy.matches || this.chosen().length > 0; };
    roomy.addEventListener("change", fit);
    fit();
  }

  chosen() {
    const bands = this.bands.filter((band) => band.checked).map((band) => band.labels[0].textContent.trim());
    const asked = [this.area, this.show].filter((each) => each.value).map((each) => each.selectedOptions[0].text);
    return bands.length < this.bands.length ? [...asked, ...bands] : asked;
  }

  // Folded, it still says that not everything is shown.
  say() {
    const chosen = this.chosen();
    this.summary.textContent = chosen.length ? `${this.word}: ${chosen.join(", ")}` : this.word;
  }

  write() {
    const query = new URLSearchParams();
    if (this.area.value) query.set("area", this.area.value);
    if (this.show.value) query.set("show", this.show.value);
    if (this.bands.some((band) => !band.checked)) for (const band of this.bands) if (band.checked) query.append("band", band.value);
    history.replaceState(history.state, "", query.size ? `?${query}` : location.pathname);
  }

  matching(today) {
    const wanted = plain(this.search.value);
    const bands = new Set(this.bands.filter((band) => band.checked).map((band) => band.value));
    const { area, show } = this;
    return (row) =>
      (!area.value || row.area === area.value) &&
      bands.has(row.band) &&
      (!show.value || shown(show.value, row, today)) &&
      (!wanted || plain(row.address).includes(wanted) || plain(row.postal ?? "").includes(wanted));
  }
}

function plain(text) { return text.replace(/\s+/g, "").toLowerCase(); }

function shown(which, row, today) {
  if (row.due === undefined) return true; // not known yet
  const days = left(row, today);
  if (which === "free") return !row.holder;
  if (which === "held") return Boolean(row.holder);
  if (which === "overdue") return days !== null && days < 0;
  if (which === "tomorrow") return days === 0;
  return days !== null && days >= 0 && days < WEEK_DAYS;
}
