// The list: each row is moved to its place by its rank and keeps the focus. It can be held still, and what it says
// aloud is what concerns who listens: a new first row, or one of their own.
import { Arriving } from "./arriving.js";
import { Filters } from "./filters.js";
import { Finger } from "./finger.js";
import { Kept } from "./kept.js";
import { logIn } from "./leaving.js";
import { Order } from "./order.js";
import { RowDrawer } from "./row.js";
import { glide, SHEET, Sheets } from "./sheets.js";
import { listen } from "./stream.js";
import { speaker } from "./speaker.js";

const MOST_MOVED_AT_ONCE = 40;
const ROWS_AT_FIRST = 100;
const AHEAD_PX = 2000;
const KEEP_MS = 3000;

export async function start(words, me, queue) {
  const list = document.querySelector("[data-list]");
  const pattern = document.querySelector("#row").content.firstElementChild;
  const counter = document.querySelector("[data-count]");
  const empty = document.querySelector("[data-empty]");
  const pause = document.querySelector("[data-pause]");
  const dot = document.querySelector("[data-state]");
  const round = document.querySelector("[data-round]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const order = new Order();
  const arriving = new Arriving(order);
  const sheets = new Sheets(list);
  const drawer = new RowDrawer(words, me.user);
  const speak = speaker(words, me.user);
  const filters = new Filters(() => { drawn = ROWS_AT_FIRST; draw(new Set()); keepPlace(); });
  const kept = new Kept(list.dataset.key);
  const elements = new Map(); // household → element, of the rows that are drawn
  let drawn = ROWS_AT_FIRST;
  let { today } = list.dataset;
  let known = false; // the list was whole once: until then the page shows what it came with, and nobody is missing
  let paused = false;
  let places = new Map(); // household → place, as drawn last
  let mark = "";

  for (const element of list.querySelectorAll(".row")) elements.set(element.dataset.household, element);

  // What this tab knew, so that only what changed since has to come.
  const returns = ["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type);
  const [before, place] = await Promise.all([kept.get("rows"), returns ? kept.get("place") : null]);
  if (place?.search) filters.search.value = place.search;
  if (before) {
    order.fill(before.rows);
    mark = before.mark;
    known = true;
    if (place) drawn = Math.max(drawn, place.drawn);
    draw(new Set());
    if (place) scrollTo(0, place.y);
  }

  listen(mark, {
    told(name, data, id) {
      queue.reached();
      if (name === "start") { arriving.begin(); showPause(); }
      if (name === "rows") take(data);
      if (name === "whole") { arriving.whole = true; release(); document.body.dataset.live = "whole"; }
      light();
      if (name === "today" && data !== today) { today = data; draw(new Set(), [...order.rows.values()]); }
      if (id !== mark) { mark = id; keepSoon(); }
    },
    lost() {
      queue.unreached();
      light();
    },
    // Whoever finds this phone sees no address; the log-in leads back to the list.
    ended() {
      list.replaceChildren();
      location.replace(logIn(location));
    },
  });

  // A phone that knows that it has no line says so before the stream does.
  function light() {
    if (!queue.unconnected && !document.body.dataset.live) return;
    dot.dataset.state = queue.unconnected ? "lost" : "live";
    dot.title = words[queue.unconnected ? "list.lost" : "list.live"];
  }
  for (const name of ["online", "offline"]) addEventListener(name, light);

  // A row must not slip away from under a finger, nor while somebody reads.
  const finger = new Finger(window, release);
  pause.addEventListener("click", () => { paused = !paused; showPause(); release(); });

  function showPause() {
    pause.setAttribute("aria-pressed", paused);
    const { size } = arriving.waiting;
    const said = !paused ? "list.pause" : size === 0 ? "list.resume" : size === 1 ? "list.show_one" : "list.show";
    pause.textContent = words[said].replace("{}", size);
  }

  function take(changed) {
    arriving.take(changed);
    release();
    // Held still, a row says all the same who goes there.
    for (const row of arriving.waiting.values()) if (row.rank !== null && elements.has(row.household)) drawer.holder(elements.get(row.household), row);
    if (paused) showPause();
  }

  function release() {
    if (finger.down || paused) return;
    const { changed, moved, whole } = arriving.settle((was, row) => { if (known) speak.changed(was, row); });
    if (whole) {
      // What the page showed first, or before the line was lost, may be of a moment ago.
      const all = [...elements.keys()].map((household) => order.get(household)).filter(Boolean);
      const first = !known;
      known = true;
      for (const element of elements.values()) element.hidden = false;
      draw(first ? new Set() : moved, all);
    } else if (known && changed.length) {
      draw(moved, changed);
    }
  }

  // Rows further down are drawn as they come near: appended, so that nothing above is looked at again.
  new IntersectionObserver((seen) => {
    if (!known || elements.size < drawn || !seen.some((each) => each.isIntersecting)) return;
    const sheet = sheets.made();
    for (const row of order.ranked.filter(filters.matching(today)).slice(drawn, drawn + SHEET)) sheet.append(made(row));
    drawn += SHEET;
    list.append(sheet);
    head(order.ranked.filter(filters.matching(today)));
  }, { rootMargin: `${AHEAD_PX}px` }).observe(document.querySelector("[data-end]"));

  // Bring the page to what the rows say: the first of those that match, each in its place.
  function draw(moved, changed = []) {
    if (!known) return sift();
    const matching = order.ranked.filter(filters.matching(today));
    const wanted = matching.slice(0, drawn);
    const few = moved.size > 0 && moved.size <= MOST_MOVED_AT_ONCE;
    const tops = few && !calm.matches && !document.hidden ? sheets.tops() : null;
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    for (const { household } of changed) {
      const element = elements.get(household);
      if (element && order.get(household)) drawer.fill(element, order.get(household), today);
      // Out of the way, so that the others need not move for it.
      if (element && moved.has(household)) sheets.place(element, null);
    }
    const stays = new Set(wanted.map((row) => row.household));
    for (const [household, element] of elements) if (!stays.has(household)) leave(household, element);
    let at = sheets.first();
    const now = new Map();
    for (const [index, row] of wanted.entries()) {
      now.set(row.household, index);
      const element = elements.get(row.household) ?? made(row);
      if (element.dataset.rank !== row.rank) drawer.fill(element, row, today);
      if (element === at) at = sheets.after(at);
      else sheets.place(element, at);
      if (moved.has(row.household)) {
        drawer.mark(element);
        const by = places.has(row.household) ? places.get(row.household) - index : 0;
        if (few && by) drawer.moved(element, row, by);
      }
    }
    places = now;
    sheets.balance();
    if (focused?.isConnected && document.activeElement !== focused && focused.checkVisibility()) focused.focus({ preventScroll: true });
    if (tops) glide(tops);
    speak.top(wanted[0]);
    head(matching);
    counter.textContent = matching.length;
    round.toggleAttribute("data-none", !order.ranked.some((row) => row.holder === me.user));
    empty.hidden = matching.length > 0;
  }

  // Some rows came and some did not: of the first ones, from the server, those that match are shown.
  function sift() {
    const matches = filters.matching(today);
    for (const element of elements.values()) {
      const { area, band, postal } = element.dataset;
      element.hidden = !matches({ area, band, postal, address: element.querySelector(".address").textContent });
    }
    counter.textContent = "…";
  }

  // The first row of each band says which band begins, and how many there are.
  function head(matching) {
    const counts = new Map();
    const first = new Set();
    for (const row of matching) {
      if (!counts.has(row.band)) first.add(row.household);
      counts.set(row.band, (counts.get(row.band) ?? 0) + 1);
    }
    for (const element of list.querySelectorAll("[data-first]")) if (!first.has(element.dataset.household)) element.removeAttribute("data-first");
    for (const household of first) {
      const element = elements.get(household);
      if (!element) continue;
      element.dataset.first = "";
      element.querySelector("[data-is=group]").textContent = `${words[`band.${element.dataset.band}`]} ${counts.get(element.dataset.band)}`;
    }
  }

  function made(row) {
    const element = pattern.cloneNode(true);
    elements.set(row.household, element);
    drawer.fill(element, row, today);
    return element;
  }

  function leave(household, element) {
    if (element.contains(document.activeElement)) {
      (sheets.after(element) ?? element.previousElementSibling)?.querySelector("a")?.focus({ preventScroll: true });
    }
    elements.delete(household);
    element.remove();
  }

  // Kept a little later, so that a busy list is not sealed with each change.
  let keeping;
  function keepSoon() { keeping ??= setTimeout(() => { keeping = undefined; if (known && !arriving.stale.size && !arriving.waiting.size) kept.put("rows", { mark, rows: order.ranked }); }, KEEP_MS); }
  function keepPlace() { kept.put("place", { y: scrollY, drawn, search: filters.search.value }); }
  addEventListener("scrollend", keepPlace);

  list.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button.hasAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true"); // not disabled: that would lose the focus
    try {
      const answer = await queue.sent(event.target.action, {});
      const said = await answer.json();
      if (queue.ended) queue.end();
      else if (answer.status === 409) toast(said.office_only ? words["claim.office_only"] : said.full ? words["claim.full"] : words["claim.lost"].replace("{}", said.holder ?? "?"));
      else if (!answer.ok) toast(words["claim.failed"]);
    } catch {
      toast(words["list.lost"]);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });

  let hiding;
  function toast(text) {
    const line = document.querySelector("[data-toast]");
    line.textContent = text;
    line.hidden = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => { line.hidden = true; }, 5000);
  }
}
