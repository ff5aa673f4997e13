// Arrow keys up and down in a grid of forms: to the same column of the next row, as in a spreadsheet. In a text of
// several lines they move there only from its first and last line.

/** Let arrow keys move between the rows of a table of inputs. */
export function enhanceGrid(table) {
  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const field = event.target.closest("input, textarea");
    if (!step || !field || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (field.tagName === "TEXTAREA") {
      const beyond = step < 0 ? field.value.slice(0, field.selectionStart) : field.value.slice(field.selectionEnd);
      if (beyond.includes("\n")) return;
    }
    const cell = field.closest("td");
    const row = step < 0 ? cell.parentElement.previousElementSibling : cell.parentElement.nextElementSibling;
    const next = row?.cells[cell.cellIndex]?.querySelector("input, textarea");
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  });
}
