// What every page needs: words, the queue of what was registered without a connection, and the list where there is one.
import { Queue } from "./queue.js";
import { start as startList } from "./list.js";
import { start as startRegister, startUnconnected } from "./register.js";

export const words = JSON.parse(document.body.dataset.words || "{}");
const queue = new Queue(document.body.dataset.user, document.body.dataset.csrf);

queue.tell(document.querySelector(".offline"));
const own = document.querySelector("section > [data-register]");
const unconnected = document.querySelector("[data-unconnected]");
if (own) startRegister(words, queue, own);
if (unconnected) startUnconnected(words, queue, unconnected);
if (document.querySelector("[data-list]")) startList(words, document.body.dataset, queue);
document.querySelector("[data-submits]")?.addEventListener("change", (event) => event.currentTarget.submit());

// What was kept goes along before the session ends; a page that comes out of the browser's memory is asked for anew.
document.querySelector("[data-logout]")?.addEventListener("submit", async (event) => {
  if (queue.length === 0) return;
  event.preventDefault();
  await queue.send();
  if (queue.length === 0) event.target.submit();
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
