// A page of long work that is looked at again every second, and work that is begun without leaving the page.

const PAUSE_MS = 1000;

export function enhanceWatch(section) {
  if (!section) return;
  const form = section.querySelector("#carry-out");
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.querySelector("button").disabled = true;
      const sent = fetch(form.action || location.href, { method: "POST", body: new FormData(form), redirect: "follow" });
      let running = true;
      sent.finally(() => {
        running = false;
      });
      follow(section, () => running);
    });
  } else if (section.dataset.watch === "running") {
    follow(section, () => false);
  }
}

async function follow(section, isRunning) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const wasRunning = isRunning();
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(section.id);
      if (!fresh) return location.reload();
      const state = fresh.dataset.watch;
      if (wasRunning && (state === "ready" || state === "interrupted")) continue;
      section.replaceChildren(...fresh.childNodes);
      section.dataset.watch = state;
      if (state !== "running" && !wasRunning) {
        enhanceWatch(section);
        return undefined;
      }
    } catch {
      // The server is away for a moment; what it did is read when it is back.
    }
  }
}
