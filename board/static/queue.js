// What was registered while there was no connection. Each has an id of its own, so sending one twice is harmless.
// It holds a household's key and a result: no address, no name.
export class Queue {
  constructor(user, csrf) {
    this.key = `queue:${user}`;
    this.csrf = csrf;
    this.sending = false;
    this.lost = false; // the list's own stream is gone: a phone says that it is online where nothing comes through
    if (!user) return;
    addEventListener("online", () => this.send());
    setInterval(() => this.send(), 15000);
    this.send();
  }

  get items() { return JSON.parse(localStorage.getItem(this.key) || "[]"); }
  get unconnected() { return !navigator.onLine || this.lost; }
  get length() { return this.items.length; }

  tell(line) {
    this.line = line;
    const show = () => { line.hidden = navigator.onLine && this.length === 0; line.querySelector("[data-queued]").textContent = this.length ? `(${this.length})` : ""; };
    addEventListener("online", show);
    addEventListener("offline", show);
    this.show = show;
    show();
  }

  // Gives true when it is stored, false when it is kept for later; throws when it was refused.
  async register(item) {
    try {
      if (await this.post(item)) return true;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    localStorage.setItem(this.key, JSON.stringify([...this.items, item]));
    this.show?.();
    return false;
  }

  async send() {
    if (this.sending || this.length === 0) return;
    this.sending = true;
    try {
      for (const item of this.items) {
        try {
          if (!(await this.post(item))) break;
        } catch (error) {
          if (error instanceof TypeError) break; // still no connection
          if (!error.refused) break;
        }
        localStorage.setItem(this.key, JSON.stringify(this.items.filter((each) => each.outcome_id !== item.outcome_id)));
      }
    } finally {
      this.sending = false;
      this.show?.();
    }
  }

  async post(item) {
    const { household, ...fields } = item;
    const answer = await fetch(`/households/${household}`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ ...fields, csrf: this.csrf }),
    });
    if (answer.ok) return true;
    if (answer.status >= 500 || answer.status === 429) return false;
    // 400 and 404 say that it will never be taken; 401 and 403 that one must log in again first.
    throw Object.assign(new Error(String(answer.status)), { refused: [400, 404].includes(answer.status) });
  }
}
