// Who has a recording: taking it, giving it back, giving it to somebody until a day; and beginning a new version of what
// is signed. Home and the page of a transcript show it.

import { post } from "./api.js";
import { el, fill, meta } from "./dom.js";
import { say } from "./live.js";
import { openSheet } from "./sheet.js";
import { day, t, word } from "./words.js";

const me = meta("me");
const ask = async (recording, what, body = {}) => (await post(`/api/recordings/${recording}/${what}`, body)).taken;

/** Take a recording; returns who has it then. */
export async function take(recording, name) {
  const taken = await ask(recording, "take");
  say(t("assign.taken", { name }));
  return taken;
}

/** Give it back; returns who has it then. */
export async function giveBack(recording, name, whose = "") {
  const taken = await ask(recording, "give-back", { name: whose });
  say(t("assign.given-back", { name }));
  return taken;
}

/** Who has a recording, in words: `ines (until 24 November), ana`. */
export const holders = (taken) => taken.map(({ name, due }) => (due ? t("assign.until", { name, day: day(due) }) : name)).join(", ");

/** Whether this person has it. */
export const isMine = (taken) => taken.some(({ name }) => name === me);

/** The sheet that says who has a recording and what can be done about it; returns who has it when it is closed. */
export async function showHolders(recording, name, may, taken) {
  let now = taken;
  await openSheet(t("assign.title"), () => {
    const body = el("div", { class: "stack" });
    const wrong = el("p", { class: "problem", role: "alert" });
    const doing = (work) => async (event) => {
      event.preventDefault();
      wrong.textContent = "";
      try {
        now = (await work()) ?? now;
        draw();
        body.querySelector("button, select")?.focus();
      } catch (trouble) {
        wrong.textContent = trouble.said;
      }
    };
    const draw = () => fill(body, el("p", { class: "faint", text: name }), having(), mayTake(), may.assigns ? giving() : null, wrong);
    const having = () => {
      if (!now.length) return el("p", { text: t("assign.nobody") });
      return el("ul", { class: "holders" }, now.map((one) => el("li", {}, el("span", { text: holders([one]) }), one.name === me || may.assigns ? el("button", { type: "button", "aria-label": t("assign.give-back-one", { name: one.name }), on: { click: doing(() => giveBack(recording, name, one.name)) }, text: t("assign.give-back") }) : null)));
    };
    const mayTake = () => (may.takes && !isMine(now) ? el("button", { type: "button", class: "main", on: { click: doing(() => take(recording, name)) }, text: t("assign.take") }) : null);
    const giving = () => {
      const who = el("select", { id: "assign-who" }, may.workers.map((one) => el("option", { value: one.name, text: `${one.name} (${one.roles.map((role) => word("role", role)).join(", ")})` })));
      const due = el("input", { type: "date", id: "assign-due", min: today() });
      const work = async () => {
        const given = await ask(recording, "assign", { name: who.value, due: due.value });
        say(t("assign.assigned", { name, who: who.value }));
        return given;
      };
      return el("form", { class: "fields", on: { submit: doing(work) } }, el("h3", { text: t("assign.give") }), el("label", { for: "assign-who", text: t("assign.who") }), who, el("label", { for: "assign-due", text: t("assign.due") }), due, el("button", { type: "submit", text: t("assign.go") }));
    };
    draw();
    return body;
  });
  return now;
}

/** Ask why a new version is begun, and begin it; returns `{version}`, or null. */
export function beginVersion(recording, name) {
  return openSheet(t("reopen.title"), (close) => {
    const reason = el("textarea", { id: "reopen-reason", rows: "3", class: "plain", autocomplete: "off", spellcheck: "false", required: true, autofocus: true });
    const wrong = el("p", { class: "problem", role: "alert" });
    const form = el("form", { class: "fields" }, el("p", { class: "faint", text: name }), el("p", { text: t("reopen.said") }), el("label", { for: "reopen-reason", text: t("reopen.reason") }), reason, wrong, el("button", { type: "submit", class: "main", text: t("reopen.go") }));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const begun = await post(`/api/recordings/${recording}/reopen`, { reason: reason.value });
        say(t("reopen.done", { name, version: begun.version }));
        close(begun);
      } catch (trouble) {
        wrong.textContent = trouble.said;
        reason.focus();
      }
    });
    return form;
  });
}

// The day here, not in Greenwich.
const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
