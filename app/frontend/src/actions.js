// Print and share: shown only where the browser can do them.

export async function share(title, url, announce) {
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share({ title, url });
    } catch {
      // Closed by the person: nothing to do.
    }
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
    announce();
  } catch {
    // No right to the clipboard: the address line has the link.
  }
}

// Paper cannot be unfolded: the rules of every kind of building are printed, and folded again afterwards.
function unfoldForPrint() {
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details.building:not([open])")];
    for (const details of unfolded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of unfolded) details.open = false;
  });
}

export function enhanceActions(root) {
  unfoldForPrint();
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of root.querySelectorAll("[data-share]")) {
    button.hidden = !(navigator.share || navigator.clipboard);
    const words = button.textContent;
    button.addEventListener("click", () => {
      share(button.dataset.title.trim(), location.href, () => {
        button.textContent = button.dataset.done;
        setTimeout(() => (button.textContent = words), 2500);
      });
    });
  }
}
