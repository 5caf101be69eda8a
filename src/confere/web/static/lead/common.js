// What the lead's pages share: reading and showing, forms in sheets, tables, and files that come in and go out.

import "../frame.js";
import { el, fill } from "../dom.js";
import { call, say } from "../live.js";
import { keepLocked } from "../lock.js";
import { openSheet } from "../sheet.js";
import { t } from "../words.js";

const place = document.getElementById("page");

/** Begin: the page is locked when nobody does anything, and `draw` shows what `read` answers. Returns how to show it again. */
export function begin(read, draw) {
  keepLocked();
  const show = (value) => {
    const held = document.activeElement;
    const was_here = place.contains(held);
    place.removeAttribute("aria-busy");
    fill(place, draw(value));
    if (!was_here) return;
    const like = document.getElementById(held.id) ?? (held.name ? place.querySelector(`[name="${held.name}"]`) : null);
    (like ?? document.getElementById("main")).focus({ preventScroll: !like });
  };
  const again = async () => {
    try {
      show(await read());
    } catch (trouble) {
      place.removeAttribute("aria-busy");
      fill(place, problem(trouble));
    }
  };
  again();
  return { show, again };
}

/** Why something did not work, as it is shown. */
export function problem(trouble) {
  return el("p", { class: "problem", role: "alert", text: told(trouble) });
}

export const told = (trouble) => trouble.said ?? trouble.message;

/** A block of the page under a heading. */
export const block = (title, ...content) => el("section", { class: "block" }, el("h2", { text: title }), ...content);

/** A table: heads are texts, rows lists of cells (a text, a number, an element); the first cell of a row names it. */
export function table(caption, heads, rows) {
  const cell = (value, at) => {
    const kind = value instanceof Node ? value.dataset?.cell : typeof value === "number" ? "number" : null;
    return el(at ? "td" : "th", { class: kind ?? null, scope: at ? null : "row" }, value instanceof Node ? value : String(value ?? ""));
  };
  const head = (text, at) => (text ? el("th", { scope: "col", text }) : el("td", {}, at ? el("span", { class: "unseen", text: t("lead.acts") }) : ""));
  return el("div", { class: "tabled", tabindex: "0", role: "region", "aria-label": caption }, el("table", {}, el("thead", {}, el("tr", {}, heads.map(head))), el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell))))));
}

/** A cell of buttons: `[label, spoken label, act, id]` each. */
export function acts(...buttons) {
  return el("span", { class: "buttons", data: { cell: "acts" } }, buttons.map((one) => button(...one)));
}

export function button(text, spoken, act, id = null, kind = "") {
  return el("button", { type: "button", id, class: kind || null, "aria-label": spoken || null, text, on: { click: act } });
}

let count = 0;

/** A labelled field. `kind`: an input's type, `area`, or a list of `[value, text]` to choose from. */
export function field(label, name, { kind = "text", value = "", hint = "", ...rest } = {}) {
  const id = `f-${name}-${(count += 1)}`;
  const more = { id, name, "aria-describedby": hint ? `${id}-hint` : null, spellcheck: "false", autocomplete: "off", ...rest };
  let made;
  if (Array.isArray(kind)) made = el("select", more, kind.map(([one, text]) => el("option", { value: one, text, selected: one === value })));
  else if (kind === "area") made = el("textarea", { class: "plain", rows: 6, ...more });
  else made = el("input", { type: kind, ...more });
  if (!Array.isArray(kind)) made.value = value;
  return el("div", {}, el("label", { for: id, text: label }), made, hint ? el("span", { class: "hint", id: `${id}-hint`, text: hint }) : null);
}

/** Boxes to tick; their values come as a list. */
export function boxes(label, name, choices, chosen = []) {
  const one = ([value, text]) => el("label", { class: "choice" }, el("input", { type: "checkbox", name, value, checked: chosen.includes(value) }), text);
  return el("fieldset", { class: "choices", data: { list: name } }, el("legend", { text: label }), choices.map(one));
}

/** What a form holds, by the names of its fields. */
export function values(form) {
  const found = {};
  for (const set of form.querySelectorAll("[data-list]")) found[set.dataset.list] = [...set.querySelectorAll(":checked")].map((box) => box.value);
  for (const one of form.querySelectorAll("input:not([type=checkbox]), select, textarea")) if (one.name) found[one.name] = one.value;
  for (const one of form.querySelectorAll("input[type=checkbox]")) if (!one.closest("[data-list]")) found[one.name] = one.checked;
  return found;
}

/** A form: `act(values, form)` is awaited when it is sent, and what it throws is told under it. */
export function form(content, go, act, { kind = "main", leave = null } = {}) {
  const wrong = el("p", { class: "problem", role: "alert" });
  const send = el("button", { type: "submit", class: kind, text: go });
  const made = el("form", { class: "fields", novalidate: true }, content, wrong, el("div", { class: "buttons" }, send, leave ? button(t("lead.leave"), "", leave) : null));
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    wrong.textContent = "";
    const empty = [...made.querySelectorAll("[required]")].find((one) => !one.value.trim());
    if (empty) {
      wrong.textContent = t("lead.missing");
      return empty.focus();
    }
    send.disabled = true;
    try {
      await act(values(made), made);
    } catch (trouble) {
      if (!(trouble instanceof Error)) throw trouble;
      wrong.replaceChildren(told(trouble), ...conflict(trouble));
    } finally {
      send.disabled = false;
    }
  });
  return made;
}

/** What somebody else wrote meanwhile, beneath the form that still holds one's own. */
function conflict(trouble) {
  const both = trouble.body?.conflict;
  if (!both) return [];
  const line = (value) => (Array.isArray(value) ? value.map((one) => [one.change === "removed" ? "−" : "+", one.source, one.target && `→ ${one.target}`].filter(Boolean).join(" ")).join("; ") : Object.values(value).flat().join("; "));
  return [el("dl", { class: "facts" }, el("dt", { text: t("conflict.theirs", { by: both.by }) }), el("dd", { text: line(both.theirs) || "–" }), el("dt", { text: t("conflict.mine") }), el("dd", { text: line(both.mine) || "–" }))];
}

const key = (one) => one.id || one.getAttribute?.("aria-label") || one.textContent;

/** Give the focus back to the button that was pressed, or to its like where the page was drawn anew. */
function backTo(wanted) {
  if (document.activeElement && document.activeElement !== document.body) return;
  const like = [...document.querySelectorAll("main button, main a")].find((one) => key(one) === wanted);
  (like ?? document.getElementById("main")).focus({ preventScroll: Boolean(like) });
}

/** A form on a sheet; it closes when `act` is done. */
export async function sheetForm(title, content, go, act, options = {}) {
  const before = key(document.activeElement);
  const answer = await openSheet(title, (close) => form(content, go, async (sent, made) => {
    const done = await act(sent, made);
    close(done ?? true);
  }, { leave: () => close(), ...options }), { wide: options.wide });
  backTo(before);
  return answer;
}

/** Tell that something was done, to eyes and ears. */
export function done(text) {
  say(text);
  let line = document.getElementById("done");
  if (!line) {
    line = el("p", { id: "done", class: "note fine" });
    place.before(line);
  }
  line.textContent = text;
}

export const alarm = (text) => call(text);

/** Give a file to the person: it is made here, and the browser keeps it where they say. */
export function download(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Ask for a text file, and return its words. */
export async function textOf(input) {
  const [file] = input.files;
  if (!file) throw new Error(t("lead.no-file"));
  if (file.size > 900_000) throw new Error(t("lead.large-file"));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(t("lead.not-utf8"));
  }
}

/** Names of things, as small marks. */
export const tags = (...texts) => el("span", { class: "tags" }, texts.map((text) => el("span", { class: "tag plain", text })));
