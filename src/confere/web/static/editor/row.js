// One row: a segment with its two texts, who speaks and when, how it stands, and what is to be said about it.
//
// Behind each text area lies a copy of its text, in the same type and unseen but for the marks in it: it gives the field its
// height, and shades what a check or a search points at. A row is bound to one segment after the other as the list scrolls.

import { el, fill, icon } from "../dom.js";
import { clock, moment, t, tn, word } from "../words.js";
import { draw } from "./difference.js";
import { toUnits } from "./offsets.js";

const SIDES = ["source", "target"];

export class Row {
  constructor(editor) {
    this.editor = editor;
    this.id = null;
    this.time = el("button", { class: "time", type: "button", tabindex: "-1" });
    this.speaker = el("button", { class: "speaker", type: "button", tabindex: "-1" });
    this.state = el("span", { class: "state" });
    this.signs = el("span", { class: "signs" });
    this.heard = el("span", { class: "heard" });
    this.extra = el("div", { class: "extra" });
    this.fields = {};
    const texts = SIDES.map((side) => {
      const mirror = el("div", { class: "mirror", "aria-hidden": "true" });
      const field = el("textarea", { rows: "1", autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false", data: { side } });
      this.fields[side] = { mirror, field, drawn: null };
      return el("div", { class: `text ${side}` }, mirror, field);
    });
    const head = el("div", { class: "about" }, el("div", { class: "line" }, this.time, this.speaker), el("div", { class: "line" }, this.state, this.signs), this.heard);
    this.element = el("li", { class: "row" }, head, ...texts, this.extra);
    this.element.row = this;
  }

  /** Show a segment, wholly; only what differs from what stands there is touched. */
  show(segment, index) {
    const { editor, element } = this;
    const { transcript, saving } = editor;
    const other = this.id !== segment.id;
    this.id = segment.id;
    this.index = index;
    const current = editor.current === segment.id;
    const conflict = saving.conflicts.get(segment.id);
    const trouble = saving.troubles.get(segment.id);
    set(element, "aria-posinset", index + 1);
    set(element, "aria-setsize", transcript.segments.length);
    set(element, "id", segment.id);
    element.dataset.state = segment.state;
    const classes = { current, playing: editor.lit === segment.id, unsure: segment.marks.includes("low-probability"), stale: segment.stale, dirty: transcript.typed.has(segment.id) || Boolean(conflict), conflict: Boolean(conflict) };
    for (const [name, on] of Object.entries(classes)) element.classList.toggle(name, on);
    this.showHead(segment, current);
    for (const side of SIDES) this.showText(segment, side, other);
    this.showExtra(segment, { current, conflict, trouble });
  }

  showHead(segment, current) {
    const at = clock(segment.start_ms);
    text(this.time, `${segment.number} · ${at}`);
    set(this.time, "aria-label", t("row.play", { number: segment.number, time: at }));
    text(this.speaker, segment.speaker);
    this.speaker.dataset.speaker = this.editor.speakerNumber(segment.speaker);
    set(this.speaker, "aria-label", t("row.speaker", { speaker: segment.speaker }));
    set(this.time, "tabindex", current ? "0" : "-1");
    set(this.speaker, "tabindex", current ? "0" : "-1");
    this.speaker.disabled = !this.editor.mayEdit(segment.id);
    const said = segment.spared && segment.state === "corrected" ? t("state.spared") : word("state", segment.state);
    if (this.stateShown !== segment.state + said) {
      this.stateShown = segment.state + said;
      fill(this.state, icon(segment.state), el("span", { text: said }));
    }
    this.showSigns(segment);
    this.showHeard(segment);
  }

  showSigns(segment) {
    const { findings, comments, editing, marks, stale } = segment;
    const signs = [
      ...["error", "warning", "info"].filter((level) => findings[level]).map((level) => [level, findings[level], tn(`sign.${level}`, findings[level])]),
      ...marks.map((mark) => ["unsure", "", word("mark", mark)]),
      stale && ["stale", "", t("sign.stale")],
      comments && ["comment", comments, tn("sign.comment", comments)],
      editing.length && ["person", editing.join(", "), t("sign.editing", { names: editing.join(", ") })],
    ].filter(Boolean);
    const key = signs.map((sign) => sign[2]).join("|");
    if (this.signsShown === key) return;
    this.signsShown = key;
    fill(this.signs, signs.map(([kind, count, title]) => el("span", { class: `sign ${kind}`, title, role: "img", "aria-label": title }, icon(kind), count ? el("b", { text: count }) : null)));
  }

  /** Show how much of the segment was played, where that matters. */
  showHeard(segment) {
    const { editor } = this;
    this.heard.hidden = editor.mode !== "verify";
    if (this.heard.hidden) return;
    const part = editor.playedShare(segment);
    const enough = part * 100 >= editor.playedPercent - 0.01;
    this.heard.style.setProperty("--part", `${Math.round(part * 100)}%`);
    this.heard.classList.toggle("enough", enough);
    text(this.heard, enough ? t("played.whole") : part > 0.005 ? t("played.part", { percent: Math.floor(part * 100) }) : t("played.not"));
  }

  showText(segment, side, other) {
    const { editor } = this;
    const { field, mirror } = this.fields[side];
    const value = editor.transcript.text(segment.id, side);
    if (field.value !== value) this.putValue(field, value, other);
    set(field, "lang", side === "source" ? segment.language : editor.transcript.target_language);
    const names = { number: segment.number, speaker: segment.speaker, state: word("state", segment.state) };
    set(field, "aria-label", t(side === "source" ? "row.source" : "row.target", names));
    const readOnly = !editor.mayEdit(segment.id);
    if (field.readOnly !== readOnly) field.readOnly = readOnly;
    this.showMirror(segment, side, mirror, value);
  }

  // A text that changed under the caret keeps it as near as can be.
  putValue(field, value, other) {
    const held = !other && document.activeElement === field;
    const at = held ? [field.selectionStart, field.selectionEnd] : null;
    field.value = value;
    if (at) field.setSelectionRange(Math.min(at[0], value.length), Math.min(at[1], value.length));
  }

  showMirror(segment, side, mirror, value) {
    const spans = this.editor.spansOf(segment.id, side, value);
    const key = value + "\u0000" + spans.map((span) => span.join()).join(";");
    if (this.fields[side].drawn === key) return;
    this.fields[side].drawn = key;
    if (!spans.length) return void (mirror.textContent = `${value}\u200b`);
    const parts = [];
    let at = 0;
    for (const [start, end, kind] of spans) {
      if (start < at) continue;
      parts.push(value.slice(at, start), el("mark", { class: kind, text: value.slice(start, end) }));
      at = end;
    }
    mirror.replaceChildren(...parts, `${value.slice(at)}\u200b`);
  }

  /** What was typed: the copy behind follows at once. */
  typed(side) {
    const { field, mirror } = this.fields[side];
    this.fields[side].drawn = null;
    mirror.textContent = `${field.value}\u200b`;
    this.element.classList.toggle("dirty", this.editor.transcript.typed.has(this.id));
  }

  showExtra(segment, { current, conflict, trouble }) {
    const parts = [];
    const key = [segment.id];
    if (segment.returned && segment.state === "needs work") {
      const { by, at, reason, kind, severity } = segment.returned;
      key.push("returned", at);
      parts.push(() => el("div", { class: "note returned" }, icon("needs work"), el("div", {}, el("p", { text: t("returned.by", { by, when: moment(at), kind: word("kind", kind), severity: word("severity", severity) }) }), el("blockquote", { text: reason }))));
    }
    if (trouble) {
      key.push("trouble", trouble.message);
      parts.push(() => el("div", { class: "note trouble" }, icon("error"), el("p", { text: `${t("row.unsaved")} ${trouble.said}` })));
    }
    if (conflict) {
      key.push("conflict", conflict.version);
      parts.push(() => this.conflict(conflict));
    }
    const draft = current && this.editor.differing ? this.editor.draftOf(segment.id) : null;
    if (draft) {
      key.push("difference", segment.version, draft.source, draft.target);
      parts.push(() => this.difference(segment, draft));
    }
    if (this.extraShown === key.join("\u0000")) return;
    this.extraShown = key.join("\u0000");
    fill(this.extra, parts.map((make) => make()));
    this.extra.hidden = !parts.length;
  }

  difference(segment, draft) {
    const labels = { gone: t("difference.gone"), added: t("difference.added") };
    const side = (name) => {
      const same = draft[name] === segment[name];
      return el("div", {}, el("p", { class: "heading", text: t(`difference.${name}`) }), same ? el("p", { class: "faint", text: t("difference.same") }) : draw(draft[name], segment[name], el, labels));
    };
    return el("div", { class: "pair" }, side("source"), side("target"));
  }

  conflict(conflict) {
    const { mine, theirs, base, by } = conflict;
    const labels = { gone: t("difference.gone"), added: t("difference.added") };
    const sides = SIDES.filter((side) => theirs[side] !== undefined && (theirs[side] !== base[side] || mine[side] !== undefined));
    const column = (title, texts) =>
      el("div", { class: "column" }, el("p", { class: "heading", text: title }), sides.map((side) => draw(base[side] ?? "", texts[side] ?? base[side] ?? "", el, labels)));
    const decide = (choice) => () => this.editor.decide(this.id, choice);
    return el(
      "div",
      { class: "note conflict-box", role: "group", "aria-label": t("conflict.title", { by }) },
      el("p", { class: "strong" }, icon("person"), t("conflict.title", { by })),
      el("div", { class: "pair" }, column(t("conflict.mine"), mine), column(t("conflict.theirs", { by }), theirs)),
      el("p", { class: "faint", text: t("conflict.how") }),
      el("div", { class: "buttons" }, el("button", { type: "button", class: "main", on: { click: decide("mine") }, text: t("conflict.keep-mine") }), el("button", { type: "button", on: { click: decide("theirs") }, text: t("conflict.take-theirs", { by }) })),
    );
  }
}

/** The spans of findings in a text, as the mirror wants them. */
export function findingSpans(findings, side, text) {
  return findings
    .filter((finding) => !finding.dismissal)
    .flatMap(({ level, [`${side}_spans`]: spans }) => spans.map(([start, end]) => [toUnits(text, start), toUnits(text, end), level]));
}

function set(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

function text(element, value) {
  if (element.textContent !== String(value)) element.textContent = value;
}
