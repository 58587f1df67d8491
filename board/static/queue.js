// Results that were registered. Each is kept on this device before anything is sent, and until the board has it or
// somebody has seen why it was refused. An item holds a household's key and a result: no address, no name.
import { ANSWER_WITHIN_MS, ours, session } from "./answering.js";
import { logIn } from "./leaving.js";

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
    addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (!key?.startsWith(this.prefix)) return;
      const before = JSON.parse(oldValue);
      if (newValue === null && before && !before.refused) this.tell("taken", before); // another tab sent it
      this.changed();
    });
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
    this.put({ ...item, at, due: final ? at + UNDO_MS : at, tried: false });
    if (final) setTimeout(() => this.send(), UNDO_MS + 100);
    this.send();
  }

  // Whether a result can be taken back: once it was sent it may be stored, whether or not an answer came.
  mayUndo(id) {
    const item = JSON.parse(localStorage.getItem(this.prefix + id));
    return item !== null && !item.tried;
  }

  // Take a result back: true where that could be done.
  undo(id) {
    const may = this.mayUndo(id);
    if (may) this.drop(id);
    return may;
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
    if (navigator.onLine === false) return; // it can still be taken back
    if (!navigator.locks) return this.sending ? undefined : this.sendDue();
    return navigator.locks.request(this.prefix, { ifAvailable: true }, (lock) => lock && this.sendDue());
  }

  // Each is looked for anew: while one is on its way another may be taken back, or come.
  async sendDue() {
    this.sending = true;
    const tried = new Set();
    const due = (item) => isDue(item) && !tried.has(item.outcome_id);
    try {
      for (let item = this.waiting.find(due); item; item = this.waiting.find(due)) {
        tried.add(item.outcome_id);
        try {
          this.put({ ...item, tried: true });
        } catch {
          // No room on this device even for that: it is sent all the same.
        }
        const said = await this.post(item);
        if (said === "later") break;
        if (said === "again") continue;
        if (said === "taken") this.drop(item.outcome_id);
        else this.put({ ...item, tried: true, refused: said });
        this.tell(said === "taken" ? "taken" : "refused", item);
      }
    } finally {
      this.sending = false;
      this.changed();
    }
  }

  // What became of it: "taken", or the status with which the board refused it for good. "later": no other would be
  // taken now either. "again": this one was not, and holds up no other.
  async post({ household, channel, outcome, outcome_id, at, next = {} }) {
    try {
      // How long ago, and not when: a phone's clock may be minutes off.
      const ago_ms = Math.max(0, Date.now() - at);
      const answer = await this.sent(`/households/${household}`, { channel, outcome, outcome_id, ago_ms, ...next });
      // Whatever else answers in the board's place takes nothing, and has nothing to refuse.
      if (!ours(answer) || this.ended || answer.status === 429) return "later";
      if (answer.ok) return "taken";
      return answer.status >= 500 || [408, 425].includes(answer.status) ? "again" : answer.status;
    } catch {
      return "later"; // no connection, or one that hangs
    }
  }

  // Send a form of this page, with its token or the one that is in force.
  async sent(where, fields) {
    let answer = await this.ask(where, fields);
    // Somebody logged in again on another tab: the token of this page is an old one.
    if (ours(answer) && answer.status === 403) {
      if (!await this.renewed()) return answer;
      answer = await this.ask(where, fields);
    }
    if (ours(answer)) this.ended = answer.status === 401;
    return answer;
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

  // Whether there is another token now. Throws where the board does not say: then a 403 refuses nothing for good.
  async renewed() {
    const answer = await session();
    if (!ours(answer) || answer.status >= 500) throw new Error("nobody says who is logged in");
    this.ended = answer.status === 401;
    if (!answer.ok) return false;
    const { user, csrf } = await answer.json();
    this.ended = this.prefix !== `queue:${user}:`; // a colleague, on the same phone
    if (this.ended || csrf === this.csrf) return false;
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
    const waiting = user ? queue.waiting.length : names("queue:").length;
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
    const what = words["home.refused"].replace("{}", words[`result.${item.outcome}`] ?? words[`home.${item.outcome}`]);
    row.querySelector("span").textContent = `${what}. ${words[`refused.${item.refused}`] ?? words["refused.else"]}`;
    row.querySelector("a").href = `/households/${item.household}`;
    row.querySelector("button").addEventListener("click", () => queue.drop(item.outcome_id));
    return row;
  }

  login.addEventListener("click", () => { login.href = logIn(location); });
  for (const name of ["online", "offline"]) addEventListener(name, draw);
  queue.addEventListener("changed", draw);
  draw();
}

// A clock that was set back leaves nothing waiting for hours.
function isDue({ due }) { return due <= Date.now() || due > Date.now() + UNDO_MS; }

// A name may hold a colon: what is kept for `a:b` is not for `a`.
function kept(prefix) {
  const own = names(prefix).filter((name) => !name.includes(":", prefix.length));
  return own.map((name) => JSON.parse(localStorage.getItem(name)));
}

function names(prefix) {
  const all = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
  return all.filter((name) => name.startsWith(prefix));
}
