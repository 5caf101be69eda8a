// What stands beside the segment that one is at: checks, memory, words, comments. It follows a moment behind, so that moving
// through rows asks the server nothing.

import { get, post } from "../api.js";
import { el, fill, icon } from "../dom.js";
import { say } from "../live.js";
import { bindings, pretty } from "../keys.js";
import { has, moment, t, word } from "../words.js";
import { findingSpans } from "./row.js";
import { askComment, askReason } from "./sheets.js";

const LATER_MS = 160;

export class Beside {
  constructor(editor, panel) {
    this.editor = editor;
    this.panel = panel;
    this.known = new Map(); // id -> {version, full, suggestions}
    this.shown = "";
  }

  /** Another segment is current, or it changed. */
  follow(id) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(id), this.known.get(id)?.version === this.editor.transcript.get(id)?.version ? 0 : LATER_MS);
  }

  /** What the server told of a segment, if it still holds. */
  of(id) {
    const known = this.known.get(id);
    return known && known.version === this.editor.transcript.get(id)?.version ? known : null;
  }

  async load(id, again = false) {
    const segment = this.editor.transcript.get(id);
    if (!segment) return;
    if (!this.of(id) || again) {
      const base = `/api/recordings/${this.editor.transcript.recording.id}/segments/${id}`;
      try {
        const [full, given] = await Promise.all([get(base), this.editor.mode === "correct" ? get(`${base}/suggestions`) : { suggestions: [], words: [] }]);
        const suggestions = Array.isArray(given) ? { suggestions: given, words: [] } : given;
        this.known.set(id, { version: full.version, full, ...suggestions });
        if (this.known.size > 200) this.known.delete(this.known.keys().next().value);
      } catch {
        return; // it is asked for again with the next move
      }
    }
    this.editor.transcript.tell(id);
    if (this.editor.current === id) this.show(id);
  }

  spans(id, side, text) {
    const known = this.of(id);
    return known && text === known.full[side] ? findingSpans(known.full.findings, side, text) : [];
  }

  show(id) {
    const known = this.of(id);
    const segment = this.editor.transcript.get(id);
    if (!known || !segment) return;
    this.shown = id;
    const { full, suggestions, words } = known;
    const held = this.panel.contains(document.activeElement);
    fill(
      this.panel,
      el("h2", { text: t("beside.title", { number: segment.number }) }),
      this.section("checks", full.findings.map((finding) => this.finding(id, finding)), t("beside.no-checks")),
      this.editor.mode === "correct" ? this.section("memory", suggestions.map((found) => this.suggestion(id, found)), t("beside.no-memory")) : null,
      words.length ? this.section("words", words.map((entry) => this.entry(entry))) : null,
      this.section("comments", full.comments.map((comment) => this.comment(id, comment)), null, el("button", { type: "button", class: "quiet", on: { click: () => this.write(id) }, text: t("comment.write") })),
    );
    if (held) this.panel.querySelector("button")?.focus();
  }

  section(name, items, empty = null, after = null) {
    const body = items.length ? el("ul", {}, items) : empty && el("p", { class: "faint", text: empty });
    return el("section", { class: name }, el("h3", { text: t(`beside.${name}`) }), body, after);
  }

  finding(id, finding) {
    const { key, level, message_id, parameters, message, dismissal } = finding;
    const said = has(`check.${message_id}`) ? t(`check.${message_id}`, parameters) : message;
    const line = el("p", {}, icon(level), el("span", { class: "unseen", text: `${word("level", level)}: ` }), said);
    if (dismissal) {
      const again = el("button", { type: "button", class: "quiet", text: t("dismiss.again"), on: { click: () => this.dismiss(id, key, true) } });
      return el("li", { class: `finding ${level} dismissed` }, line, el("p", { class: "faint", text: t("dismiss.by", { by: dismissal.by, reason: dismissal.reason }) }), again);
    }
    const away = el("button", { type: "button", class: "quiet", text: t("dismiss.go"), on: { click: () => this.dismiss(id, key, false) } });
    return el("li", { class: `finding ${level}` }, line, this.editor.mode === "read" ? null : away);
  }

  async dismiss(id, finding, again) {
    const reason = await askReason(t(again ? "dismiss.again-title" : "dismiss.title"), t("dismiss.why"), t(again ? "dismiss.again" : "dismiss.go"));
    if (!reason) return;
    const body = again ? { finding, again, reason } : { finding, reason };
    await this.editor.telling(async () => {
      const { findings, counts } = await post(`${this.editor.base}/${id}/dismiss`, body);
      this.editor.transcript.setFindings(id, counts);
      const known = this.known.get(id);
      if (known) known.full.findings = findings;
      this.show(id);
    });
  }

  suggestion(id, found) {
    const { score, exact, target, source, from, verified_by } = found;
    const key = exact ? bindings().get("memory")[0] : null;
    const here = from.recording === this.editor.transcript.recording.id;
    const about = t(here ? "memory.here" : "memory.elsewhere", { name: from.name, number: from.number, by: verified_by });
    return el(
      "li",
      { class: `suggestion${exact ? " exact" : ""}` },
      el("p", { class: "found", lang: this.editor.transcript.target_language, text: target }),
      exact ? null : el("p", { class: "faint", lang: this.editor.transcript.get(id)?.language, text: source }),
      el("p", { class: "faint" }, el("b", { text: exact ? t("memory.exact") : t("memory.score", { score }) }), ` · ${about}`),
      exact && this.editor.mayEdit(id) ? el("button", { type: "button", class: "quiet", on: { click: () => this.editor.takeMemory(found) } }, t("memory.take"), " ", keys(key)) : null,
    );
  }

  entry({ source, target, status, note }) {
    const said = t(`words.${status}`, { source, target });
    return el("li", {}, el("p", { text: said }), note ? el("p", { class: "faint", text: note }) : null);
  }

  comment(id, { id: comment, by, at, to, text, resolved_by }) {
    const whom = to.length ? ` → ${to.join(", ")}` : "";
    const mine = !resolved_by && [by, ...to].includes(this.editor.me.name);
    const done = el("button", { type: "button", class: "quiet", text: t("comment.resolve"), on: { click: () => this.resolve(id, comment) } });
    return el("li", { class: resolved_by ? "resolved" : "" }, el("p", { class: "faint", text: `${by}${whom} · ${moment(at)}` }), el("p", { text }), resolved_by ? el("p", { class: "faint", text: t("comment.resolved", { by: resolved_by }) }) : mine ? done : null);
  }

  async resolve(id, comment) {
    await this.editor.telling(async () => {
      await post(`/api/comments/${comment}/resolve`);
      await this.load(id, true);
      this.recount(id);
    });
  }

  /** Write a comment on a segment. */
  async write(id) {
    const written = await askComment(this.editor.transcript.people.filter((name) => name !== this.editor.me.name));
    if (!written) return;
    await this.editor.telling(async () => {
      await post(`${this.editor.base}/${id}/comments`, written);
      await this.load(id, true);
      this.recount(id);
      say(t("comment.written"));
    });
  }

  recount(id) {
    const open = this.known.get(id)?.full.comments.filter((comment) => !comment.resolved_by).length ?? 0;
    this.editor.transcript.put([{ ...this.editor.transcript.get(id), comments: open }]);
  }
}

/** A chord as keys. */
export function keys(name) {
  return name ? el("kbd", { text: pretty(name).join(" ") }) : null;
}
