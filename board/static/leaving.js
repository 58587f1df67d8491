// What leads away from a page: logging out and in, and the page that says that there is no connection.
const SENT_WITHIN_MS = 3000;

// Log out, always: on a phone that is shared, whoever sees nothing happen believes to be out. What was registered goes
// along where it can be sent at once; else it stays on this device until the same person logs in again.
export async function leave(queue, form) {
  const enough = new Promise((done) => setTimeout(done, SENT_WITHIN_MS));
  try {
    await Promise.race([queue.hurry(), enough]);
  } finally {
    form.submit();
  }
}

// Where to go from the page without a connection: a form's own address has no page.
export function pageOf(path) {
  return path.replace(/\/(claim|release|hand-over|take-back|safety|check-in|check-out|logout)$/, "") || "/";
}

// The log-in that leads back to where one is: the same page, with its filters.
export function logIn({ pathname, search }) {
  return `/login?${new URLSearchParams({ back: pageOf(pathname) + search })}`;
}
