// Registering: one tap on a result stores it, or keeps it on this device until there is a connection.
export function start(words, queue, form, stored = () => setTimeout(() => location.reload(), 900)) {
  const said = form.parentElement.querySelector("[data-said]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    try {
      const item = {
        household: new URL(form.action).pathname.split("/").pop(),
        channel: form.elements.channel.value,
        outcome: event.submitter.value,
        outcome_id: form.elements.outcome_id.value || fresh(),
        at: new Date().toISOString().replace("Z", "+00:00"),
      };
      const known = await queue.register(item);
      say(words[known ? "home.stored" : "home.kept"]);
      form.elements.outcome_id.value = fresh();
      if (known) stored();
    } catch {
      say(words["home.failed"]);
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
    }
  });

  function say(text) {
    said.hidden = false;
    said.textContent = text;
    said.scrollIntoView({ block: "nearest" });
  }
}

// Without a connection a household's page cannot be asked for, so what is open registers for it.
export function startUnconnected(words, queue, dialog) {
  const form = dialog.querySelector("[data-register]");
  start(words, queue, form, () => {});
  document.querySelector(".rows")?.addEventListener("click", (event) => {
    const link = event.target.closest("a.home");
    if (!link || !queue.unconnected) return;
    event.preventDefault();
    form.setAttribute("action", link.getAttribute("href"));
    form.elements.outcome_id.value = fresh();
    dialog.querySelector("[data-said]").hidden = true;
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
