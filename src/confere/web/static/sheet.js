// A sheet: a modal dialog that gives the focus back to where it was, with the caret where it stood.

import { el, icon } from "./dom.js";
import { t } from "./words.js";

/**
 * Open a sheet with a title and content. `build(close)` makes the content; `close(value)` ends it. Returns what it was
 * closed with; null when it was left with Escape. `firm` sheets cannot be left; `cover` ones hide the page behind them.
 */
export function openSheet(title, build, { wide = false, firm = false, cover = false } = {}) {
  const before = document.activeElement;
  const caret = before && "selectionStart" in before ? [before.selectionStart, before.selectionEnd] : null;
  return new Promise((resolve) => {
    const id = `sheet-${(count += 1)}`;
    const kind = ["sheet", wide && "wide", cover && "cover"].filter(Boolean).join(" ");
    const dialog = el("dialog", { class: kind, "aria-labelledby": id });
    const close = (value = null) => {
      if (!dialog.isConnected) return;
      dialog.close();
      dialog.remove();
      if (before?.isConnected) {
        before.focus({ preventScroll: true });
        if (caret && caret[0] !== null && before.type !== "checkbox") restore(before, caret);
      }
      resolve(value);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (!firm) close();
    });
    const leave = el("button", { class: "quiet round", type: "button", "aria-label": t("close"), on: { click: () => close() } }, icon("close"));
    dialog.append(el("header", { class: "sheet-head" }, el("h2", { id, text: title }), firm ? null : leave), build(close));
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input, select, textarea, button:not(.round)"))?.focus();
  });
}

let count = 0;

function restore(field, [start, end]) {
  try {
    field.setSelectionRange(start, end);
  } catch {
    // A field without a selection, such as a button.
  }
}

/** Whether a sheet is open. */
export const sheetIsOpen = () => document.querySelector("dialog[open]") !== null;
