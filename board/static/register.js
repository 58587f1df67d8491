// Registering: one tap on a result stores it, or keeps it on this device until there is a connection.
export function start(words, queue) {
  const form = document.querySelector("[data-register]");
  const said = document.querySelector("[data-said]");
  const household = new URL(form.action).pathname.split("/").pop();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const outcome = event.submitter.value;
    const channel = form.elements.channel.value;
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    const item = { household, channel, outcome, outcome_id: form.elements.outcome_id.value, at: new Date().toISOString().replace("Z", "+00:00") };
    try {
      const stored = await queue.register(item);
      say(words[stored ? "home.stored" : "home.kept"]);
      form.elements.outcome_id.value = crypto.randomUUID?.() ?? fresh();
      if (stored) setTimeout(() => location.reload(), 900);
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

// Outside https there is no randomUUID.
function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
