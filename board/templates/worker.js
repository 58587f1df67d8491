// Holds what a page is made of, and one page that says that there is no connection. Nothing of any household.
const CACHE = "assets-{{ version }}-{{ language }}";
const OFFLINE = "/offline?language={{ language }}";
const ASSETS = {{ assets | tojson }};
const ANSWER_WITHIN_MS = 8000;
// What reads whole topics, or asks a log-in provider, takes longer than that. And a form is not given up while its answer
// is on the way: it may be done.
const TAKES_LONGER = ["/why", "/traces", "/login/provider", "/login/back"];
// Whatever stands before the board and asks who one is must be seen.
const ASKS_WHO = [401, 403, 407, 511];

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await Promise.all([OFFLINE, ...ASSETS].map(async (path) => {
      const answer = await fetch(path);
      if (!answer.ok || !ours(answer)) throw new Error(`${path} is not the board's`);
      await cache.put(path, answer);
    }));
  };
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (new URL(request.url).pathname.startsWith("/static/")) event.respondWith(asset(request));
});

async function page(request) {
  const quick = request.method === "GET" && !TAKES_LONGER.includes(new URL(request.url).pathname);
  const late = new Promise((_, refuse) => quick && setTimeout(refuse, ANSWER_WITHIN_MS));
  try {
    const answer = await Promise.race([fetch(request), late]);
    if (shown(answer)) return answer;
  } catch {
    // nothing came, or too late
  }
  return caches.match(OFFLINE);
}

// A proxy's word that the board is away, or another page in its place, says nothing of what is kept and leads nowhere.
// Where a redirect leads to the browser alone may see.
function shown(answer) { return ours(answer) || answer.type === "opaqueredirect" || ASKS_WHO.includes(answer.status); }

// As answering.js has it, of which a worker cannot be made.
function ours(answer) { return answer.headers.has("eropaf-board"); }

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}
