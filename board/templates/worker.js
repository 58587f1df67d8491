// Holds what a page is made of, and one page that says that there is no connection. Nothing of any household.
const CACHE = "assets-{{ version }}-{{ language }}";
const OFFLINE = "/offline?language={{ language }}";
const ASSETS = {{ assets | tojson }};
const ANSWER_WITHIN_MS = 8000;
// What reads whole topics takes longer than that. And a form is not given up while its answer is on the way: it may be done.
const TAKES_LONGER = ["/why", "/traces"];

self.addEventListener("install", (event) => {
  const fill = async () => (await caches.open(CACHE)).addAll([OFFLINE, ...ASSETS]);
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
    return await Promise.race([fetch(request), late]);
  } catch {
    return caches.match(OFFLINE);
  }
}

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}
