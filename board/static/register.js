// Registering: one tap on a result keeps it. The form of a door has one id, so a second tap is the same result.
const FOR_NEXT = ["come_back_on", "interpreter", "evenings", "two_together", "card_left"];

export function start(words, queue, form, taken = () => {}) {
  const place = form.parentElement;
  const said = place.querySelector("[data-said]");
  const undo = place.querySelector("[data-undo]");
  const onward = place.querySelector("[data-onward]");
  const another = place.querySelector("[data-another]");
  let item;

  function begin() {
    item = null;
    form.reset();
    form.elements.outcome_id.value = fresh();
    form.hidden = false;
    said.hidden = undo.hidden = onward.hidden = another.hidden = true;
  }

  another.addEventListener("click", () => { begin(); form.querySelector("input:checked").focus(); });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (item) return;
    const final = event.submitter.hasAttribute("data-final");
    item = {
      household: new URL(form.action).pathname.split("/").pop(),
      channel: form.elements.channel.value,
      outcome: event.submitter.value,
      outcome_id: form.elements.outcome_id.value || fresh(),
      final,
      next: Object.fromEntries([...new FormData(form)].filter(([name, value]) => FOR_NEXT.includes(name) && value)),
    };
    try {
      queue.register(item, final);
    } catch {
      item = null; // a browser that keeps nothing
      say(words["home.failed"]);
      return;
    }
    form.hidden = true;
    undo.hidden = !final;
    onward.hidden = false;
    another.hidden = final;
    item.said = event.submitter.textContent.trim();
    say(words[queue.unconnected ? "home.kept" : "home.keeping"].replace("{}", item.said));
    (final ? undo : said).focus();
  });

  // What has to be mended is in sight.
  form.addEventListener("invalid", ({ target }) => { target.closest("details").open = true; }, true);

  undo.addEventListener("click", () => {
    if (!queue.undo(item.outcome_id)) return;
    begin();
    form.querySelector("input:checked").focus();
  });
  queue.addEventListener("changed", () => {
    if (undo.hidden || queue.mayUndo(item.outcome_id)) return;
    const focused = document.activeElement === undo;
    undo.hidden = true;
    if (focused) onward.focus();
  });

  queue.addEventListener("taken", ({ detail }) => {
    if (detail.outcome_id !== item?.outcome_id) return;
    say(words["home.stored"].replace("{}", item.said));
    taken();
  });
  queue.addEventListener("refused", ({ detail }) => { if (detail.outcome_id === item?.outcome_id) begin(); });

  function say(text) {
    said.hidden = false;
    said.textContent = text;
    said.scrollIntoView({ block: "nearest" });
  }

  begin();
  return begin;
}

// Without a connection a household's page cannot be asked for, so what is open registers for it.
export function startUnconnected(words, queue, dialog) {
  const form = dialog.querySelector("[data-register]");
  const begin = start(words, queue, form);
  document.querySelector(".rows")?.addEventListener("click", (event) => {
    const link = event.target.closest("a.home");
    if (!link || !queue.unconnected) return;
    event.preventDefault();
    begin();
    // As the household's own page begins: to an address that nobody visits somebody writes.
    if (link.closest("[data-safety='OFFICE_ONLY']")) form.querySelector("[name=channel][value=LETTER]").checked = true;
    form.setAttribute("action", link.getAttribute("href"));
    dialog.querySelector("p > a").href = link.href;
    dialog.querySelector("h2").textContent = link.querySelector(".address").textContent;
    dialog.showModal();
  });
}

// Outside https there is no randomUUID.
function fresh() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
