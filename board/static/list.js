// The list: each row is moved to its place by its rank, keeps the focus, and says politely that it changed.
const MOVE_MS = 380;
const MOST_MOVED_AT_ONCE = 40;
const ANNOUNCE_MS = 6000;
const ROWS_AT_FIRST = 100;
// Rows stand on sheets: a browser passes over a sheet that is off the screen as a whole, not row by row. A sheet
// is few enough for one frame, and taller than the margin below: so each step leads to the next.
const SHEET = 40;
const AHEAD_PX = 2000;
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15000;

export function start(words, me, queue) {
  const list = document.querySelector("[data-list]");
  const end = document.querySelector("[data-end]");
  const pattern = document.querySelector("#row").content.firstElementChild;
  const search = document.querySelector("#search");
  const area = document.querySelector("#area");
  const bands = [...document.querySelectorAll(".bands input")];
  const counter = document.querySelector("[data-count]");
  const empty = document.querySelector("[data-empty]");
  const dot = document.querySelector("[data-state]");
  const announcer = document.querySelector("[data-announce]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const rows = new Map(); // household → row
  const order = []; // every row by rank
  const elements = new Map(); // household → element, of the rows that are drawn
  let drawn = ROWS_AT_FIRST;
  let today = list.dataset.today;
  let whole = false;
  let stale = new Set();
  let held = null; // changes that wait while a finger is down
  let news = 0;

  for (const element of list.querySelectorAll(".row")) elements.set(element.dataset.household, element);

  // A browser gives a stream up for good after any answer but a stream, such as a proxy's 502 while the board
  // starts again. So it is made anew, later each time, until it is there or the session is not.
  let wait = RETRY_MS;
  function listen() {
    const changes = new EventSource("/changes");
    changes.addEventListener("start", () => { wait = RETRY_MS; queue.lost = false; whole = false; stale = new Set(rows.keys()); });
    changes.addEventListener("rows", (event) => take(JSON.parse(event.data)));
    changes.addEventListener("whole", (event) => {
      for (const household of stale) drop(household);
      stale.clear();
      whole = true;
      today = JSON.parse(event.data);
      // What the page showed first, or before the connection was lost, may be of a moment ago.
      for (const [household, element] of elements) if (rows.has(household)) fill(element, rows.get(household));
      draw(new Set());
      dot.dataset.state = "live";
      dot.title = words["list.live"];
      document.body.dataset.live = "whole";
    });
    changes.addEventListener("today", (event) => {
      const day = JSON.parse(event.data);
      if (day === today) return;
      today = day;
      for (const element of elements.values()) due(element);
    });
    changes.addEventListener("ended", () => { changes.close(); leaveForLogin(); });
    changes.addEventListener("error", () => {
      queue.lost = true;
      dot.dataset.state = "lost";
      dot.title = words["list.lost"];
      if (changes.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      setTimeout(again, wait * (0.5 + Math.random()));
      wait = Math.min(2 * wait, LONGEST_RETRY_MS);
    });
  }

  async function again() {
    try {
      const { status } = await fetch("/session", { headers: { accept: "application/json" } });
      if (status === 401 || status === 403) return leaveForLogin();
    } catch {
      // still nothing there: the next try tells
    }
    listen();
  }

  // Whoever finds this phone sees no address; the log-in comes back to the list.
  function leaveForLogin() {
    list.replaceChildren();
    location.replace("/login");
  }

  listen();

  // A row must not slip away from under a finger.
  addEventListener("pointerdown", () => { held ??= []; });
  for (const name of ["pointerup", "pointercancel"]) {
    addEventListener(name, () => setTimeout(() => { const waiting = held; held = null; if (waiting?.length) apply(waiting); }, 50));
  }

  // Rows further down are drawn as they come near: appended, so that nothing above is looked at again.
  new IntersectionObserver((seen) => {
    if (!whole || elements.size < drawn || !seen.some((each) => each.isIntersecting)) return;
    const sheet = newSheet();
    for (const row of order.filter(matches()).slice(drawn, drawn + SHEET)) sheet.append(made(row));
    drawn += SHEET;
    list.append(sheet);
  }, { rootMargin: `${AHEAD_PX}px` }).observe(end);

  function take(changed) { held ? held.push(...changed) : apply(changed); }

  function apply(changed) {
    const moved = new Set();
    for (const row of changed) {
      stale.delete(row.household);
      if (rows.get(row.household)?.rank !== row.rank) moved.add(row.household);
      drop(row.household);
      if (row.rank !== null) keep(row);
    }
    if (!whole) return;
    news += moved.size;
    draw(moved, changed);
  }

  function keep(row) {
    rows.set(row.household, row);
    order.splice(find(row.rank), 0, row);
  }

  function drop(household) {
    const row = rows.get(household);
    if (row) { order.splice(find(row.rank), 1); rows.delete(household); }
  }

  // Bring the page to what the rows say: the first of those that match, each in its place.
  function draw(moved, changed = []) {
    const matching = order.filter(matches());
    const wanted = matching.slice(0, drawn);
    const before = moved.size && moved.size <= MOST_MOVED_AT_ONCE && !calm.matches && !document.hidden ? tops() : null;
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    for (const { household } of changed) {
      const element = elements.get(household);
      if (element && rows.has(household)) fill(element, rows.get(household));
      // Out of the way, so that the others need not move for it.
      if (element && moved.has(household)) place(element, null);
    }
    const stays = new Set(wanted.map((row) => row.household));
    for (const [household, element] of elements) if (!stays.has(household)) leave(household, element);
    let at = first();
    for (const row of wanted) {
      const element = elements.get(row.household) ?? made(row);
      if (element.dataset.rank !== row.rank) fill(element, row);
      if (element === at) at = after(at);
      else place(element, at);
      if (moved.has(row.household)) mark(element);
    }
    balance();
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    if (before) glide(before);
    counter.textContent = matching.length;
    empty.hidden = matching.length > 0;
  }

  function made(row) {
    const element = pattern.cloneNode(true);
    elements.set(row.household, element);
    fill(element, row);
    return element;
  }

  // Where the browser can, an element is moved without losing anything of its state.
  function place(element, before, sheet = before?.parentElement ?? list.lastElementChild) {
    if (element.isConnected && sheet.moveBefore) sheet.moveBefore(element, before);
    else sheet.insertBefore(element, before);
  }

  function newSheet() {
    const sheet = document.createElement("div");
    sheet.className = "sheet";
    return sheet;
  }

  function first() { return list.querySelector(".row"); }

  // The next row, on whichever sheet it is.
  function after(element) {
    let next = element.nextElementSibling;
    for (let sheet = element.parentElement.nextElementSibling; !next && sheet; sheet = sheet.nextElementSibling) next = sheet.firstElementChild;
    return next;
  }

  // Rows come and go at the top: a sheet that became too large is cut in two, an empty one goes.
  function balance() {
    for (const sheet of [...list.children]) {
      while (sheet.childElementCount > 2 * SHEET) {
        const cut = newSheet();
        sheet.after(cut);
        for (let count = 0; count < SHEET; count++) place(sheet.lastElementChild, cut.firstElementChild, cut);
      }
      if (!sheet.childElementCount && list.childElementCount > 1) sheet.remove();
    }
  }

  function leave(household, element) {
    if (element.contains(document.activeElement)) {
      (after(element) ?? element.previousElementSibling)?.querySelector("a")?.focus({ preventScroll: true });
    }
    elements.delete(household);
    element.remove();
  }

  function fill(element, row) {
    Object.assign(element.dataset, { household: row.household, rank: row.rank, band: row.band, area: row.area, due: row.due ?? "" });
    const is = (name) => element.querySelector(`[data-is=${name}]`);
    element.querySelector(".address").textContent = row.address;
    is("which").textContent = row.address;
    element.querySelector("a").href = `/households/${row.household}`;
    element.querySelector("form").setAttribute("action", `/households/${row.household}/claim`);
    is("band").textContent = words[`band.${row.band}`];
    is("action").textContent = words[`action.${row.action}`];
    is("change").textContent = words[`change.${row.change}`];
    due(element);
    if (row.holder) {
      element.dataset.holder = row.holder === me.user ? "mine" : "other";
      is("holder").textContent = row.holder === me.user ? words["claim.mine"] : `${words["claim.held"]} ${row.name}`;
    } else {
      delete element.dataset.holder;
      is("holder").textContent = "";
    }
  }

  function due(element) {
    const cell = element.querySelector("[data-is=due]");
    if (!element.dataset.due) { cell.textContent = ""; return; }
    const left = Math.round((Date.parse(element.dataset.due) - Date.parse(today)) / 86400000);
    const one = Math.abs(left) === 1;
    cell.textContent = left === 0 ? words["due.today"] : words[left > 0 ? (one ? "due.left_one" : "due.left") : one ? "due.over_one" : "due.over"].replace("{}", Math.abs(left));
    cell.toggleAttribute("data-over", left < 0);
  }

  // The first place at which a row of this rank may stand.
  function find(rank) {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order[middle].rank < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function mark(element) {
    element.classList.add("new");
    setTimeout(() => element.classList.remove("new"), 1200);
  }

  function tops() {
    const near = ({ top, bottom }) => bottom > -400 && top < innerHeight + 400;
    const found = new Map();
    for (const sheet of list.children) {
      if (!near(sheet.getBoundingClientRect())) continue;
      for (const element of sheet.children) {
        const box = element.getBoundingClientRect();
        if (near(box)) found.set(element, box.top);
      }
    }
    return found;
  }

  function glide(before) {
    for (const [element, top] of before) {
      if (!element.isConnected) continue;
      const by = top - element.getBoundingClientRect().top;
      if (by) element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: MOVE_MS, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  }

  function matches() {
    const wanted = search.value.replace(/\s+/g, "").toLowerCase();
    const shown = new Set(bands.filter((band) => band.checked).map((band) => band.value));
    return (row) =>
      (!area.value || row.area === area.value) &&
      shown.has(row.band) &&
      (!wanted || row.address.replace(/\s+/g, "").toLowerCase().includes(wanted));
  }

  function filter() {
    drawn = ROWS_AT_FIRST;
    draw(new Set());
  }

  for (const each of [search, area, ...bands]) each.addEventListener("input", filter);
  search.form.addEventListener("submit", (event) => event.preventDefault());

  setInterval(() => {
    const top = first();
    if (news && top) announcer.textContent = `${news} ${words["list.changes"]}. ${top.querySelector(".address").textContent} ${words["list.top"]}.`;
    news = 0;
  }, ANNOUNCE_MS);

  list.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    button.disabled = true;
    try {
      const answer = await fetch(event.target.action, { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams({ csrf: me.csrf }) });
      const said = await answer.json();
      if (answer.status === 409) toast(said.full ? words["claim.full"] : words["claim.lost"].replace("{}", said.holder ?? "?"));
      else if (!answer.ok) toast(words["home.failed"]);
    } catch {
      toast(words["list.lost"]);
    } finally {
      button.disabled = false;
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
