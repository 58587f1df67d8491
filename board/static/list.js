// The list: each row is moved to its place by its rank, keeps the focus, and says politely that it changed.
const MOVE_MS = 380;
const MOST_MOVED_AT_ONCE = 40;
const ANNOUNCE_MS = 6000;

export function start(words, me) {
  const list = document.querySelector("[data-list]");
  const pattern = document.querySelector("#row").content.firstElementChild;
  const search = document.querySelector("#search");
  const area = document.querySelector("#area");
  const bands = [...document.querySelectorAll(".bands input")];
  const counter = document.querySelector("[data-count]");
  const empty = document.querySelector("[data-empty]");
  const dot = document.querySelector("[data-state]");
  const announcer = document.querySelector("[data-announce]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const rows = new Map(); // household → element
  const order = []; // elements by rank
  const near = new Set(); // elements on the screen
  let today = list.dataset.today;
  let whole = false;
  let stale = new Set();
  let held = null; // changes that wait while a finger is down
  let news = 0;

  const onScreen = new IntersectionObserver((seen) => {
    for (const each of seen) each.isIntersecting ? near.add(each.target) : near.delete(each.target);
  });

  for (const element of list.children) {
    rows.set(element.dataset.household, element);
    order.push(element);
    onScreen.observe(element);
  }

  const changes = new EventSource("/changes");
  changes.addEventListener("start", () => { whole = false; stale = new Set(rows.keys()); });
  changes.addEventListener("rows", (event) => take(JSON.parse(event.data)));
  changes.addEventListener("whole", (event) => {
    for (const household of stale) remove(household);
    whole = true;
    stale.clear();
    newDay(JSON.parse(event.data));
    filter();
    dot.dataset.state = "live";
    dot.title = words["list.live"];
    document.body.dataset.live = "whole";
  });
  changes.addEventListener("today", (event) => newDay(JSON.parse(event.data)));
  changes.addEventListener("error", () => { dot.dataset.state = "lost"; dot.title = words["list.lost"]; });

  // A row must not slip away from under a finger.
  addEventListener("pointerdown", () => { held ??= []; });
  for (const name of ["pointerup", "pointercancel"]) {
    addEventListener(name, () => setTimeout(() => { const waiting = held; held = null; if (waiting?.length) apply(waiting); }, 50));
  }

  function take(changed) { held ? held.push(...changed) : apply(changed); }

  function apply(changed) {
    const moving = whole && !calm.matches && changed.length <= MOST_MOVED_AT_ONCE && !document.hidden;
    const before = moving ? new Map([...near].map((element) => [element, element.getBoundingClientRect().top])) : null;
    const focused = document.activeElement;
    for (const row of changed) {
      if (row.rank === null) remove(row.household);
      else put(row);
      stale.delete(row.household);
    }
    if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true });
    if (before) glide(before);
    if (whole) { count(); news += changed.length; }
  }

  function put(row) {
    let element = rows.get(row.household);
    const moved = !element || element.dataset.rank !== row.rank;
    const place = moved && element ? order.indexOf(element, find(element.dataset.rank)) : -1;
    const told = element ? element.dataset.band + element.dataset.rank : null;
    if (!element) {
      element = pattern.cloneNode(true);
      rows.set(row.household, element);
      onScreen.observe(element);
    }
    if (place >= 0) order.splice(place, 1);
    fill(element, row);
    if (moved) {
      const at = find(row.rank);
      const next = order[at] ?? null;
      order.splice(at, 0, element);
      // Where the browser can, an element is moved without losing anything of its state.
      if (element.isConnected && list.moveBefore) list.moveBefore(element, next);
      else list.insertBefore(element, next);
    }
    element.hidden = !matches(element);
    if (whole && moved && told !== element.dataset.band + element.dataset.rank) mark(element);
  }

  function remove(household) {
    const element = rows.get(household);
    if (!element) return;
    if (element.contains(document.activeElement)) (element.nextElementSibling ?? element.previousElementSibling)?.querySelector("a")?.focus({ preventScroll: true });
    order.splice(order.indexOf(element, find(element.dataset.rank)), 1);
    onScreen.unobserve(element);
    near.delete(element);
    rows.delete(household);
    element.remove();
  }

  function fill(element, row) {
    Object.assign(element.dataset, { household: row.household, rank: row.rank, band: row.band, area: row.area });
    const is = (name) => element.querySelector(`[data-is=${name}]`);
    const address = element.querySelector(".address");
    if (address.textContent !== row.address) {
      address.textContent = row.address;
      is("which").textContent = row.address;
      element.querySelector("a").href = `/households/${row.household}`;
      element.querySelector("form").setAttribute("action", `/households/${row.household}/claim`);
    }
    is("band").textContent = words[`band.${row.band}`];
    is("change").textContent = words[`change.${row.change}`];
    element.dataset.due = row.due ?? "";
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

  function newDay(day) {
    if (day === today) return;
    today = day;
    for (const element of order) if (element.dataset.due) due(element);
  }

  // The first place at which an element of this rank may stand.
  function find(rank) {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order[middle].dataset.rank < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function mark(element) {
    element.classList.add("new");
    setTimeout(() => element.classList.remove("new"), 1200);
  }

  function glide(before) {
    for (const [element, top] of before) {
      if (!element.isConnected || element.hidden) continue;
      const by = top - element.getBoundingClientRect().top;
      if (by) element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: MOVE_MS, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  }

  function matches(element) {
    const wanted = search.value.replace(/\s+/g, "").toLowerCase();
    return (
      (!area.value || element.dataset.area === area.value) &&
      bands.some((band) => band.checked && band.value === element.dataset.band) &&
      (!wanted || element.querySelector(".address").textContent.replace(/\s+/g, "").toLowerCase().includes(wanted))
    );
  }

  function filter() {
    for (const element of order) element.hidden = !matches(element);
    count();
  }

  let counting = false;
  function count() {
    if (counting) return;
    counting = true;
    requestAnimationFrame(() => {
      counting = false;
      let shown = 0;
      for (const element of order) if (!element.hidden) shown += 1;
      counter.textContent = shown;
      empty.hidden = shown > 0;
    });
  }

  search.addEventListener("input", filter);
  area.addEventListener("change", filter);
  bands.forEach((band) => band.addEventListener("change", filter));
  search.form.addEventListener("submit", (event) => event.preventDefault());

  setInterval(() => {
    const first = order.find((element) => !element.hidden);
    if (news && first) announcer.textContent = `${news} ${words["list.changes"]}. ${first.querySelector(".address").textContent} ${words["list.top"]}.`;
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
