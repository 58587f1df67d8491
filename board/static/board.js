// What every page needs: words, the queue of what was registered, and the list where there is one.
import { Queue, show } from "./queue.js";
import { start as startList } from "./list.js";
import { start as startRegister, startUnconnected } from "./register.js";

const words = JSON.parse(document.body.dataset.words || "{}");
const { user, csrf } = document.body.dataset;
const queue = new Queue(user, csrf);

// Who had to log in again comes back to the door.
const back = sessionStorage.getItem("back");
if (user && back) {
  sessionStorage.removeItem("back");
  if (back !== location.pathname) location.replace(back);
}

show(queue, words, user);
const own = document.querySelector("section > [data-register]");
const unconnected = document.querySelector("[data-unconnected]");
// An attempt stands in the history at once; after a final result the household may be off the list.
if (own) startRegister(words, queue, own, ({ final }) => { if (!final) setTimeout(() => location.reload(), 900); });
if (unconnected) startUnconnected(words, queue, unconnected);
if (document.querySelector("[data-list]")) startList(words, document.body.dataset, queue);
document.querySelector("[data-submits]")?.addEventListener("change", (event) => event.currentTarget.submit());

// What was kept goes along before the session ends; a page that comes out of the browser's memory is asked for anew.
document.querySelector("[data-logout]")?.addEventListener("submit", async (event) => {
  if (queue.waiting.length === 0) return;
  event.preventDefault();
  await queue.hurry();
  if (queue.waiting.length === 0) event.target.submit();
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
