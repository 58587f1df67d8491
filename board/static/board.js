// What every page needs: words, the queue of what was registered, and the list where there is one.
import { Queue, show } from "./queue.js";
import { forgetKept } from "./kept.js";
import { answers } from "./answering.js";
import { leave, pageOf } from "./leaving.js";
import { start as startList } from "./list.js";
import { start as startRegister, startUnconnected } from "./register.js";
import { watchDoor } from "./settled.js";

const words = JSON.parse(document.body.dataset.words || "{}");
const { user, csrf } = document.body.dataset;
const queue = new Queue(user, csrf);
if (document.querySelector("#password")) forgetKept(); // whoever logs in next may be somebody else

show(queue, words, user);
// Without a connection the browser's own error page would come, and say nothing of what is kept.
navigator.serviceWorker?.register(`/worker.js?language=${document.documentElement.lang}`).catch(() => {});
const offline = document.querySelector("[data-offline]");
if (offline) {
  const here = location.origin + pageOf(location.pathname) + location.search;
  offline.querySelector("[data-retry]").href = here;
  offline.querySelector("[data-return]").addEventListener("click", () => history.back());
  // A browser says that it is online before anything comes through: the page is left once the board answers.
  const again = async () => { if (await answers()) location.replace(here); };
  addEventListener("online", again);
  setInterval(again, 5000);
}
const held = document.querySelector("[data-mine]");
if (held) watchDoor(held);
const own = document.querySelector("section > [data-register]");
const unconnected = document.querySelector("[data-unconnected]");
// What was registered stands in the history at once, and nothing else of the page moves.
if (own) startRegister(words, queue, own, async () => {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
    const history = page.querySelector("[data-history]");
    if (history) document.querySelector("[data-history]").replaceChildren(...history.children);
  } catch {
    // the line is gone again: what was registered is stored, and the page says so
  }
});
// The way back leads to where one was: the same filters, the same place.
document.querySelector("[data-back]")?.addEventListener("click", (event) => {
  const from = document.referrer && new URL(document.referrer);
  if (!from || from.origin !== location.origin || from.pathname !== event.currentTarget.pathname) return;
  event.preventDefault();
  history.back();
});
if (unconnected) startUnconnected(words, queue, unconnected);
if (document.querySelector("[data-list]")) startList(words, document.body.dataset, queue);
document.querySelector("[data-print]")?.addEventListener("click", () => print());
document.querySelector("[data-submits]")?.addEventListener("change", (event) => event.currentTarget.submit());

// What was kept goes along before the session ends; a page that comes out of the browser's memory is asked for anew.
document.querySelector("[data-logout]")?.addEventListener("submit", (event) => {
  forgetKept();
  if (queue.waiting.length === 0) return;
  event.preventDefault();
  leave(queue, event.target);
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
