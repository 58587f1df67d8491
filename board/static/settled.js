// Whoever holds the household that is open hears that it was paid, arranged or too little, before they ring.
import { listen } from "./stream.js";

// `door`: the page's card of the household, with its key and the mark from which on the board tells of changes.
export function watchDoor(door) {
  const { mine, since } = door.dataset;
  listen(since, {
    told(name, data) {
      if (name === "rows" && data.some(({ household, rank }) => household === mine && rank === null)) say(door);
    },
    lost() {},
    ended() {},
  });
}

// The board alone knows whether it was settled: a result, too, takes a household off the list. What somebody
// has typed stays.
async function say(door) {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
    const [title, why] = page.querySelectorAll("[data-settled], [data-settled] + p");
    if (!title || document.querySelector("[data-settled]")) return;
    const card = document.createElement("section");
    card.className = "card";
    card.setAttribute("role", "alert");
    card.append(title, why);
    door.before(card);
    card.scrollIntoView({ block: "nearest" });
  } catch {
    // the line is gone: the page says so when it is asked for anew
  }
}
