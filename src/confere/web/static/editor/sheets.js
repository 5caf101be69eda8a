// The sheets on which something is asked or shown: a reason, a return, a comment, a speaker, a history, the signature, the keys.

import { get, post } from "../api.js";
import { el, fill } from "../dom.js";
import { ACTIONS, bindings, pretty, SPEAKER_KEYS } from "../keys.js";
import { openSheet } from "../sheet.js";
import { language, moment, number, t, tn, word } from "../words.js";
import { draw } from "./difference.js";

export const KINDS = ["transcription", "omission", "addition", "mistranslation", "number", "negation", "name or term", "speaker", "time", "mark", "de-identification"];
export const SEVERITIES = ["minor", "major", "changes the meaning"];
const LETTERS = "ABCDEFGHIJK";

const area = (id, label, hint = null) => {
  const field = el("textarea", { id, rows: "3", class: "plain", autocomplete: "off", spellcheck: "false", required: true });
  return [el("label", { for: id, text: label }), hint && el("p", { class: "faint", text: hint }), field];
};
const sent = (field, form) => field.addEventListener("keydown", (event) => event.ctrlKey && event.key === "Enter" && (event.preventDefault(), event.stopPropagation(), form.requestSubmit()));
const submit = (text) => el("button", { type: "submit", class: "main" }, text, " ", el("kbd", { text: "Ctrl ↵" }));

/** Ask for a written reason; returns it, or null. */
export function askReason(title, label, go, hint = null) {
  return openSheet(title, (close) => {
    const [name, said, field] = area("reason", label, hint);
    const form = el("form", { class: "fields" }, name, said, field, submit(go));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) close(field.value.trim());
    });
    sent(field, form);
    return form;
  });
}

/** Ask whether it is meant; returns true, or null. */
export function askWhether(title, said, go) {
  return openSheet(title, (close) => el("div", { class: "stack" }, el("p", { text: said }), el("button", { type: "button", class: "main", autofocus: true, text: go, on: { click: () => close(true) } })));
}

/** Ask what was wrong, how much it weighs and why, all by keys; returns `{kind, severity, reason}`, or null. */
export function askJudgement(title, { reason: withReason = true, hint = null, go } = {}) {
  return openSheet(title, (close) => {
    const [label, , field] = area("reason", t("return.reason"));
    const group = (name, values, letters) =>
      el(
        "fieldset",
        { class: "choices" },
        el("legend", { text: t(`return.${name}`) }),
        values.map((value, i) => el("label", { class: "choice" }, el("input", { type: "radio", name, value, required: true, autofocus: name === "kind" && i === 0 }), el("kbd", { text: letters[i] }), el("span", { text: word(name, value) }))),
      );
    const kinds = group("kind", KINDS, LETTERS);
    const severities = group("severity", SEVERITIES, "123");
    const form = el("form", { class: "fields" }, hint && el("p", { text: hint }), kinds, severities, withReason ? [label, field] : null, submit(go));
    const pick = (set, i) => {
      const input = set.querySelectorAll("input")[i];
      if (!input) return false;
      input.checked = true;
      input.focus();
      return true;
    };
    form.addEventListener("keydown", (event) => {
      if (event.ctrlKey && event.key === "Enter") return void (event.preventDefault(), event.stopPropagation(), form.requestSubmit());
      if (event.target.tagName === "TEXTAREA" || event.ctrlKey || event.altKey || event.metaKey || event.key.length > 1) return;
      const letter = LETTERS.indexOf(event.key.toUpperCase());
      const digit = "123".indexOf(event.key);
      if (letter >= 0 && pick(kinds, letter)) severities.querySelector("input:checked, input").focus();
      else if (digit >= 0 && pick(severities, digit) && withReason) field.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = new FormData(form);
      if (withReason && !field.value.trim()) return field.focus();
      close({ kind: values.get("kind"), severity: values.get("severity"), reason: field.value.trim() });
    });
    return form;
  }, { wide: true });
}

/** Ask for a comment and for whom of `people` it is; returns `{text, to}`, or null. */
export function askComment(people) {
  return openSheet(t("comment.title"), (close) => {
    const [label, , field] = area("reason", t("comment.text"));
    field.maxLength = 4000;
    const box = (name) => el("label", { class: "choice" }, el("input", { type: "checkbox", name: "to", value: name }), el("span", { text: name }));
    const to = people.length ? el("fieldset", { class: "choices" }, el("legend", { text: t("comment.to") }), people.map(box)) : null;
    const form = el("form", { class: "fields" }, label, field, to, submit(t("comment.go")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) close({ text: field.value.trim(), to: new FormData(form).getAll("to") });
    });
    sent(field, form);
    return form;
  });
}

/** Ask who speaks: in this segment, or wherever it says `old`; returns `{speaker, everywhere}`, or null. */
export function askSpeaker(codes, old, count) {
  return openSheet(t("speaker.title"), (close) => {
    const code = el("input", { id: "code", autocomplete: "off", spellcheck: "false", maxlength: "24", value: old, required: true, autofocus: true });
    const everywhere = el("input", { type: "checkbox", id: "everywhere" });
    const form = el(
      "form",
      { class: "fields" },
      el("p", { class: "faint", text: t("speaker.how") }),
      el("div", { class: "buttons" }, codes.slice(0, 9).map((name, n) => el("button", { type: "button", class: "speaker", data: { speaker: n }, on: { click: () => close({ speaker: name, everywhere: false }) } }, name, " ", el("kbd", { text: pretty(SPEAKER_KEYS[n]).join(" ") })))),
      el("label", { for: "code", text: t("speaker.code") }),
      code,
      el("label", { class: "choice" }, everywhere, el("span", { text: tn("speaker.everywhere", count, { old }) })),
      el("button", { type: "submit", class: "main", text: t("speaker.go") }),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (code.value.trim()) close({ speaker: code.value.trim(), everywhere: everywhere.checked });
    });
    return form;
  });
}

/** Show everything that happened to a segment, each change as a difference. */
export function showHistory(base, segment) {
  const labels = { gone: t("difference.gone"), added: t("difference.added") };
  return openSheet(t("history.title", { number: segment.number }), () => {
    const list = el("ol", { class: "history" }, el("li", { class: "faint", text: t("loading") }));
    get(`${base}/${segment.id}/history`).then(
      (steps) => fill(list, steps.length ? [...steps].reverse().map((step) => historyStep(step, labels)) : el("li", { class: "faint", text: t("history.none") })),
      (trouble) => fill(list, el("li", { text: trouble.message })),
    );
    return list;
  }, { wide: true });
}

function historyStep({ by, at, decision, reason, kind, severity, before, after }, labels) {
  const head = el("p", {}, el("b", { text: by }), ` ${word("decision", decision)} · ${moment(at)}`);
  const judged = kind ? el("p", { class: "faint", text: `${word("kind", kind)}, ${word("severity", severity)}` }) : null;
  const changes = Object.keys(after ?? {}).filter((name) => ["source", "target"].includes(name)).map((name) => draw(before?.[name] ?? "", after[name] ?? "", el, labels));
  const small = Object.keys(after ?? {}).filter((name) => ["speaker", "language", "start_ms", "end_ms"].includes(name)).map((name) => el("p", { class: "faint", text: `${t(`field.${name}`)}: ${before?.[name] ?? "–"} → ${after[name]}` }));
  return el("li", {}, head, judged, reason ? el("blockquote", { text: reason }) : null, changes, small);
}

/** The signing sheet: in words what will be signed, what hinders it, and the passphrase; returns the answer, or null. */
export function askSignature(recording, named, waiting, goTo) {
  return openSheet(t("sign.title"), (close) => {
    const body = el("div", { class: "stack" }, el("p", { class: "faint", text: t("loading") }));
    get(`/api/recordings/${recording}/sheet`).then(
      (sheet) => fill(body, signContent(recording, named, sheet, close, goTo)),
      (trouble) => {
        if (trouble.code !== "NotReady" || !waiting.length) return fill(body, el("p", { class: "problem", text: trouble.said }));
        const hindrances = [{ message: tn("sign.waiting", waiting.length), segments: waiting }];
        fill(body, hindering(hindrances, close, goTo));
      },
    );
    return body;
  }, { wide: true });
}

// What has to happen first, with the way to each segment.
function hindering(hindrances, close, goTo) {
  const links = (numbers) => numbers.slice(0, 12).map((n) => el("button", { type: "button", class: "quiet", text: n, on: { click: () => (close(), goTo(Number(n) - 1)) } }));
  const each = hindrances.map(({ message, hint, segments = [] }) => el("li", {}, el("p", { text: [message, hint].filter(Boolean).join(" ") }), el("div", { class: "buttons" }, links(segments))));
  return [el("p", { class: "strong", text: t("sign.not-yet") }), el("ul", { class: "hindrances" }, each)];
}

function signContent(recording, named, { statement, counts, hindrances, comments }, close, goTo) {
  const facts = [
    [t("sign.recording"), named],
    [t("sign.segments"), tn("sign.verified", counts.verified, { of: number(counts.segments) })],
    [t("sign.unplayed"), counts.unplayed ? tn("sign.unplayed-some", counts.unplayed) : t("sign.none")],
    counts.spared ? [t("sign.spared"), tn("sign.spared-some", counts.spared)] : null,
    [t("sign.checks"), counts.dismissed ? tn("sign.dismissed", counts.dismissed) : t("sign.none")],
    comments.length ? [t("sign.comments"), tn("sign.open-comments", comments.length)] : null,
  ].filter(Boolean);
  const list = el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })]));
  if (hindrances.length) return [...hindering(hindrances, close, goTo), list];
  const passphrase = el("input", { type: "password", id: "sign-passphrase", autocomplete: "off", required: true, autofocus: true });
  const problem = el("p", { class: "problem", role: "alert" });
  const button = el("button", { type: "submit", class: "main", text: t("sign.go") });
  const form = el("form", { class: "fields" }, el("label", { for: "sign-passphrase", text: t("sign.passphrase") }), passphrase, problem, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    try {
      close(await post(`/api/recordings/${recording}/sign`, { passphrase: passphrase.value }));
    } catch (trouble) {
      problem.textContent = trouble.said;
      passphrase.select();
    }
    button.disabled = false;
  });
  queueMicrotask(() => passphrase.focus());
  return [el("blockquote", { class: "statement", text: statement[language] }), list, el("p", { class: "faint", text: t("sign.after") }), form];
}

/** Every key, as it is bound now. */
export function showKeys(codes) {
  const now = bindings();
  const groups = Map.groupBy ? Map.groupBy(ACTIONS, ([group]) => group) : groupOf(ACTIONS);
  const line = (label, chords) => [el("dt", {}, chords.map((name) => el("kbd", { text: pretty(name).join(" ") }))), el("dd", { text: label })];
  return openSheet(t("keys.title"), () => {
    const columns = [...groups].map(([group, actions]) =>
      el(
        "section",
        {},
        el("h3", { text: t(`keys.${group}`) }),
        el("dl", { class: "keys" }, actions.map(([, name]) => line(t(`key.${name}`), now.get(name))), group === "segment" ? codes.slice(0, 9).map((code, n) => line(t("key.speaker-code", { code }), [SPEAKER_KEYS[n]])) : null),
      ),
    );
    return el("div", {}, el("div", { class: "columns" }, columns), el("p", {}, el("a", { href: "/keys", text: t("keys.change") })));
  }, { wide: true });
}

function groupOf(actions) {
  const groups = new Map();
  for (const action of actions) groups.set(action[0], [...(groups.get(action[0]) ?? []), action]);
  return groups;
}
