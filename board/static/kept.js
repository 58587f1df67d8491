// What a tab keeps between two pages, so that a list opens with what it knew. An address must not lie open on a
// phone, where a log-out without a connection cannot reach it: so it is sealed with a key that comes with the page,
// that only the board can make, and only for who is logged in. It goes with the tab, and with the log-out.
const PREFIX = "kept:";

export class Kept {
  constructor(key) {
    // Outside https there is nothing to seal with: then nothing is kept.
    this.key = key && crypto.subtle ? crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]) : null;
  }

  async get(name) {
    const sealed = this.key && sessionStorage.getItem(PREFIX + name);
    if (!sealed) return null;
    try {
      const all = bytes(sealed);
      const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: all.slice(0, 12) }, await this.key, all.slice(12));
      return JSON.parse(await new Response(through(opened, new DecompressionStream("gzip"))).text());
    } catch {
      sessionStorage.removeItem(PREFIX + name); // of another log-in
      return null;
    }
  }

  async put(name, value) {
    if (!this.key) return;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const small = await new Response(through(JSON.stringify(value), new CompressionStream("gzip"))).arrayBuffer();
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.key, small);
    try {
      sessionStorage.setItem(PREFIX + name, text(new Uint8Array([...iv, ...new Uint8Array(sealed)])));
    } catch {
      sessionStorage.removeItem(PREFIX + name); // too much for a tab: the list comes whole the next time
    }
  }
}

export function forgetKept() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}

function through(data, change) { return new Blob([data]).stream().pipeThrough(change); }

function bytes(base64) { return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)); }

function text(all) {
  let letters = "";
  for (let at = 0; at < all.length; at += 32768) letters += String.fromCharCode(...all.subarray(at, at + 32768));
  return btoa(letters);
}
