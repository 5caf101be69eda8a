// Finding by key: most rows are not in the document, so that the browser's own search would miss them.
// Words are found without their accents and capitals; `#120` goes to a segment, `1:02:03` to a time.

import { el, icon } from "../dom.js";
import { say } from "../live.js";
import { t, tn } from "../words.js";

const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Fold a text letter by letter, so that every place in it is a place in the original. */
function fold(text) {
  let folded = "";
  const places = [];
  for (let at = 0; at < text.length; at += 1) {
    const letter = bare(text[at]);
    for (let i = 0; i < letter.length; i += 1) places.push(at);
    folded += letter;
  }
  places.push(text.length);
  return { folded, places };
}

export class Find {
  constructor(editor, bar) {
    this.editor = editor;
    this.bar = bar;
    this.hits = [];
    this.at = -1;
    this.field = el("input", { type: "search", id: "find-words", autocomplete: "off", spellcheck: "false", placeholder: t("find.words") });
    this.count = el("output", { class: "faint", for: "find-words" });
    const button = (name, label, act) => el("button", { type: "button", class: "quiet", "aria-label": label, title: label, on: { click: act } }, icon(name));
    bar.append(
      el("label", { class: "unseen", for: "find-words", text: t("find.title") }),
      icon("find"),
      this.field,
      this.count,
      button("next", t("find.next"), () => this.go(1)),
      button("close", t("close"), () => this.close()),
    );
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.go(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        this.close();
      }
    });
  }

  open() {
    if (this.bar.hidden) this.before = document.activeElement;
    this.bar.hidden = false;
    this.field.select();
    this.field.focus();
  }

  close() {
    this.bar.hidden = true;
    this.hits = [];
    this.words = "";
    this.editor.redraw();
    this.editor.focusCurrent();
  }

  search() {
    const wanted = this.field.value.trim();
    this.words = "";
    this.hits = [];
    this.at = -1;
    const place = this.place(wanted);
    if (place !== null) this.hits = [place];
    else if (wanted.length > 1) {
      this.words = bare(wanted);
      this.editor.transcript.segments.forEach(({ id }, index) => {
        if (["source", "target"].some((side) => bare(this.editor.transcript.text(id, side)).includes(this.words))) this.hits.push(index);
      });
    }
    this.told();
    this.editor.redraw();
  }

  place(wanted) {
    const number = /^#(\d+)$/.exec(wanted);
    if (number) return Math.min(this.editor.transcript.segments.length, Math.max(1, Number(number[1]))) - 1;
    const time = /^(?:(\d+):)?(\d{1,2}):(\d{2})$/.exec(wanted);
    if (time) return this.editor.transcript.indexAt(((Number(time[1] ?? 0) * 60 + Number(time[2])) * 60 + Number(time[3])) * 1000);
    return null;
  }

  go(way) {
    if (!this.hits.length) return;
    if (this.at < 0) {
      const here = this.editor.currentIndex();
      const next = this.hits.findIndex((index) => index >= here);
      this.at = next < 0 ? 0 : next;
    } else this.at = (this.at + way + this.hits.length) % this.hits.length;
    this.editor.goTo(this.hits[this.at], { focus: false });
    this.told();
  }

  told() {
    const said = this.field.value.trim().length < 2 ? "" : this.at >= 0 ? t("find.at", { at: this.at + 1, of: this.hits.length }) : tn("find.count", this.hits.length);
    this.count.textContent = said;
    if (said) say(said);
  }

  /** Where the words stand in a text, for shading. */
  spans(text) {
    if (!this.words) return [];
    const { folded, places } = fold(text);
    const found = [];
    for (let at = folded.indexOf(this.words); at >= 0; at = folded.indexOf(this.words, at + this.words.length)) {
      found.push([places[at], places[at + this.words.length - 1] + 1, "hit"]);
    }
    return found;
  }
}
