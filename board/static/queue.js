// Results that were registered. Each is kept on this device before anything is sent, and until the board has it or
// somebody has seen why it was refused. An item holds a household's key and a result: no address, no name.
const ANSWER_WITHIN_MS = 8000;
const AGAIN_MS = 15000;
const UNDO_MS = 10000;

export class Queue extends EventTarget {
  constructor(user, csrf) {
    super();
    this.prefix = `queue:${user}:`;
    this.csrf = csrf;
    this.lost = false; // the list's own stream is gone: a phone says that it is online where nothing comes through
    this.listens = false; // this page has a list, which may be behind
    this.ended = false; // the session is: one must log in again first
    if (!user) return;
    this.takeOver(`queue:${user}`);
    addEventListener("online", () => this.send());
    addEventListener("storage", (event) => { if (event.key?.startsWith(this.prefix)) this.changed(); });
    // Whoever puts the phone away has had the time to undo.
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.hurry(); });
    setInterval(() => this.send(), AGAIN_MS);
    for (const { due } of this.waiting) if (due > Date.now()) setTimeout(() => this.send(), due - Date.now() + 100);
    this.send();
  }

  get items() { return kept(this.prefix).sort((one, other) => one.at - other.at); }
  get waiting() { return this.items.filter((item) => !item.refused); }
  get refused() { return this.items.filter((item) => item.refused); }
  get unconnected() { return !navigator.onLine || this.lost; }

  reached() {
    this.listens = true;
    if (!this.lost) return;
    this.lost = false;
    this.changed();
    this.send();
  }

  unreached() {
    this.listens = this.lost = true;
    this.changed();
  }

  // The log-in is over: what is kept waits for the next one.
  end() {
    this.ended = true;
    this.changed();
  }

  // Keep a result, and send it: at once, or when there was time to undo it. Throws where nothing can be kept.
  register(item, final) {
    const at = Date.now();
    this.put({ ...item, at, due: final ? at + UNDO_MS : at });
    if (final) setTimeout(() => this.send(), UNDO_MS + 100);
    this.send();
  }

  // Take a result back: true where it had not been sent.
  undo(id) {
    const held = localStorage.getItem(this.prefix + id) !== null && !this.underWay?.has(id);
    if (held) this.drop(id);
    return held;
  }

  put(item) {
    localStorage.setItem(this.prefix + item.outcome_id, JSON.stringify(item));
    this.changed();
  }

  drop(id) {
    localStorage.removeItem(this.prefix + id);
    this.changed();
  }

  // What the version before kept, as one list.
  takeOver(old) {
    for (const { at, ...item } of JSON.parse(localStorage.getItem(old) || "[]")) this.put({ ...item, at: Date.parse(at), due: 0 });
    localStorage.removeItem(old);
  }

  hurry() {
    for (const item of this.waiting) if (item.due > Date.now()) this.put({ ...item, due: 0 });
    return this.send();
  }

  // One tab sends at a time, where the browser can say so; where it cannot, an id counts once all the same.
  send() {
    if (!navigator.locks) return this.underWay ? undefined : this.sendDue();
    return navigator.locks.request(this.prefix, { ifAvailable: true }, (lock) => lock && this.sendDue());
  }

  async sendDue() {
    this.underWay = new Set();
    try {
      for (const item of this.waiting) {
        if (item.due > Date.now()) continue;
        this.underWay.add(item.outcome_id);
        const said = await this.post(item);
        this.underWay.delete(item.outcome_id);
        if (said === "later") break;
        if (said === "taken") this.drop(item.outcome_id);
        else this.put({ ...item, refused: said });
        this.tell(said === "taken" ? "taken" : "refused", item);
      }
    } finally {
      this.underWay = undefined;
      this.changed();
    }
  }

  // What became of it: "taken", "later", or the status with which it was refused for good.
  async post({ household, channel, outcome, outcome_id, at, next = {} }) {
    try {
      // How long ago, and not when: a phone's clock may be minutes off.
      const ago_ms = Math.max(0, Date.now() - at);
      const answer = await this.sent(`/households/${household}`, { channel, outcome, outcome_id, ago_ms, ...next });
      if (answer.ok) { this.ended = false; return "taken"; }
      if (answer.status === 401) this.ended = true;
      const passes = answer.status >= 500 || [401, 408, 425, 429].includes(answer.status);
      return passes || this.ended ? "later" : answer.status;
    } catch {
      return "later"; // no connection, or one that hangs
    }
  }

  // Send a form of this page, with its token or the one that is in force.
  async sent(where, fields) {
    const answer = await this.ask(where, fields);
    // Somebody logged in again on another tab: the token of this page is an old one.
    return answer.status === 403 && await this.renewed() ? this.ask(where, fields) : answer;
  }

  ask(where, fields) {
    return fetch(where, {
      method: "POST",
      keepalive: true,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      headers: { accept: "application/json" },
      body: new URLSearchParams({ ...fields, csrf: this.csrf }),
    });
  }

  async renewed() {
    const answer = await fetch("/session", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), headers: { accept: "application/json" } });
    if (answer.status === 401) this.ended = true;
    if (!answer.ok) return false;
    const { user, csrf } = await answer.json();
    if (this.prefix !== `queue:${user}:` || csrf === this.csrf) return false;
    this.csrf = csrf;
    return true;
  }

  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
  changed() { this.tell("changed"); }
}

// What people see of the queue, on every page: the log-in too.
export function show(queue, words, user) {
  const line = document.querySelector(".offline");
  const list = document.querySelector("[data-refused]");
  const count = line.querySelector("[data-queued]");
  const login = line.querySelector("[data-login]");

  function draw() {
    const waiting = user ? queue.waiting.length : kept("queue:").length;
    const said = document.querySelector("[data-offline]") ? "offline.kept" : !user ? "home.kept_for_login" : queue.ended ? "home.log_in_again" : queue.unconnected ? "list.offline" : "home.being_sent";
    line.hidden = waiting === 0 && (said === "offline.kept" || !queue.ended && !queue.unconnected);
    const behind = queue.unconnected && queue.listens && said === "list.offline" ? `${words["list.lost"]} ` : "";
    line.querySelector("[data-line]").textContent = behind + words[said];
    count.textContent = waiting ? `(${waiting})` : "";
    login.hidden = !queue.ended;
    list.replaceChildren(...(user ? queue.refused.map(told) : []));
    list.hidden = list.childElementCount === 0;
  }

  function told(item) {
    const row = document.querySelector("#refused").content.firstElementChild.cloneNode(true);
    row.querySelector("span").textContent = words["home.refused"].replace("{}", words[`result.${item.outcome}`] ?? words[`home.${item.outcome}`]);
    row.querySelector("a").href = `/households/${item.household}`;
    row.querySelector("button").addEventListener("click", () => queue.drop(item.outcome_id));
    return row;
  }

  login.addEventListener("click", () => sessionStorage.setItem("back", location.pathname));
  for (const name of ["online", "offline"]) addEventListener(name, draw);
  queue.addEventListener("changed", draw);
  draw();
}

function kept(prefix) {
  const names = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
  return names.filter((name) => name.startsWith(prefix)).map((name) => JSON.parse(localStorage.getItem(name)));
}
