// The board's own stream of the list, for as long as the page is open.
import { ours, session } from "./answering.js";

const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15000;
// The board says something every 15 seconds: a stream that is quiet for longer hangs.
const QUIET_MS = 40000;
const EVENTS = ["start", "rows", "whole", "today"];

// `since`: the id of the last event that is known. `told(name, data, id)` hears each event; `lost` that the line is
// gone, `ended` that the log-in is.
export function listen(since, { told, lost, ended }) {
  let wait = RETRY_MS;
  let last = since;
  let quiet;

  function open() {
    const changes = new EventSource(last ? `/changes?since=${encodeURIComponent(last)}` : "/changes");
    watch(changes);
    for (const name of EVENTS) {
      changes.addEventListener(name, ({ data, lastEventId }) => {
        watch(changes);
        wait = RETRY_MS;
        last = lastEventId || last;
        told(name, JSON.parse(data), last);
      });
    }
    changes.addEventListener("ended", () => { leave(changes); ended(); });
    changes.addEventListener("error", () => {
      lost();
      if (changes.readyState === EventSource.CLOSED) later(changes); // else the browser tries again by itself
    });
  }

  function watch(changes) {
    clearTimeout(quiet);
    quiet = setTimeout(() => { lost(); leave(changes); again(); }, QUIET_MS);
  }

  function leave(changes) {
    clearTimeout(quiet);
    changes.close();
  }

  // A browser gives a stream up for good after any answer but a stream, such as a proxy's 502 while the board
  // starts again. So it is made anew, later each time, until it is there or the log-in is not.
  function later(changes) {
    leave(changes);
    setTimeout(again, wait * (0.5 + Math.random()));
    wait = Math.min(2 * wait, LONGEST_RETRY_MS);
  }

  async function again() {
    try {
      const answer = await session();
      if (ours(answer) && [401, 403].includes(answer.status)) return ended();
    } catch {
      // still nothing there: the next try tells
    }
    open();
  }

  open();
}
