// What the list says aloud. A list that moves all day would never be silent: so only what concerns who listens,
// and at most once in a while.
const EVERY_MS = 6000;

export function speaker(words, user) {
  const line = document.querySelector("[data-announce]");
  let topmost = null;
  let saidTop = null;
  const mine = new Map(); // household → address, of this person's own that changed

  setInterval(() => {
    const said = [...mine.values()].map((address) => words["list.mine_changed"].replace("{}", address));
    if (topmost && saidTop && topmost.household !== saidTop) said.push(words["list.new_top"].replace("{}", topmost.address));
    saidTop = topmost?.household ?? saidTop;
    mine.clear();
    if (said.length) line.textContent = said.join(" ");
  }, EVERY_MS);

  return {
    changed(was, row) {
      const own = was?.holder === user || row.holder === user;
      const same = was && was.rank === row.rank && was.holder === row.holder;
      // What they did themselves they know: a claim of theirs that counted.
      if (own && !same && was?.holder === user) mine.set(row.household, row.address ?? was.address);
    },
    top(row) {
      topmost = row ?? null;
      saidTop ??= topmost?.household ?? null;
    },
  };
}
