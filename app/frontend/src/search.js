// A search box that suggests: the ARIA combobox pattern with a listbox, after the form that works without it.

const DELAY_MS = 180;
const MIN_LENGTH = 2;

export function hitAddress(hit, { answer, parcel }, on) {
  const query = new URLSearchParams();
  if (on) query.set("on", on);
  if (hit.kind === "parcel") {
    const rest = query.toString();
    return parcel + encodeURIComponent(hit.id) + (rest ? `?${rest}` : "");
  }
  query.set("lon", hit.lon.toFixed(7));
  query.set("lat", hit.lat.toFixed(7));
  if (hit.kind !== "coordinates") query.set("q", hit.label);
  if (hit.kind !== "coordinates" && hit.kind !== "landmark") query.set("kind", hit.kind);
  return `${answer}?${query}`;
}

// onChoose(hit): what to do with a suggestion; by default the browser goes to its answer.
export function enhanceSearch(form, onChoose) {
  const input = form.querySelector("input[type=search]");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[data-search-status]");
  const kinds = JSON.parse(form.dataset.kinds);
  let hits = [];
  let active = -1;
  let waiting = false;
  let timer = 0;
  let pending = null;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  const choose = (hit) => {
    cancel();
    close();
    input.value = hit.label;
    const choice = form.onChooseHit ?? onChoose;
    if (choice) choice(hit);
    else location.assign(hitAddress(hit, form.dataset, form.elements.on?.value));
  };

  // Forget the question that is on its way, so that its answer does not open the list again.
  function cancel() {
    const waited = waiting;
    clearTimeout(timer);
    pending?.abort();
    waiting = false;
    return waited;
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = (index + hits.length) % hits.length;
    [...list.children].forEach((option, position) => {
      option.setAttribute("aria-selected", String(position === active));
      if (position === active) {
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
      }
    });
  }

  function show(found) {
    hits = found;
    list.replaceChildren(
      ...hits.map((hit, position) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${position}`;
        option.className = "search__option";
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = hit.label;
        const kind = document.createElement("span");
        kind.className = "search__kind";
        kind.textContent = kinds[hit.kind] ?? hit.kind;
        option.append(kind);
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(hit);
        });
        return option;
      }),
    );
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = hits.length === 0;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    status.textContent = hits.length ? form.dataset.count.replace("{n}", hits.length) : form.dataset.none;
  }

  async function suggest() {
    pending?.abort();
    const words = input.value.trim();
    waiting = words.length >= MIN_LENGTH;
    if (!waiting) return close();
    pending = new AbortController();
    const { signal } = pending;
    try {
      const response = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal });
      if (response.ok) show((await response.json()).results);
      else close();
    } catch {
      // Offline: the form itself still works. Overtaken by the next letter: that one decides.
      if (!signal.aborted) close();
    }
    if (!signal.aborted) waiting = false;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    waiting = true;
    timer = setTimeout(suggest, DELAY_MS);
  });
  input.addEventListener("blur", () => {
    cancel();
    close();
  });
  form.addEventListener("submit", (event) => {
    cancel();
    if (active >= 0) {
      event.preventDefault();
      choose(hits[active]);
    }
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && hits.length) {
        event.preventDefault();
        show(hits);
        mark(0);
      } else if (event.key === "Escape" && cancel()) {
        // Suggestions were on their way: this Escape was meant for them, and the words stay.
        event.preventDefault();
      }
      return;
    }
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? hits.length - 1 : active - 1);
    else if (event.key === "Escape") {
      cancel();
      close();
    } else if (event.key === "Enter" && active >= 0) choose(hits[active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
