// The editor: what is current, what is lit, who may change what; and how rows, sound, saving and panels come together.
// What a person does by key is in `acts.js`.

import { get, post, Trouble } from "../api.js";
import { settings } from "../keys.js";
import { say, call } from "../live.js";
import { latestAct } from "../lock.js";
import { sheetIsOpen } from "../sheet.js";
import { t } from "../words.js";
import { Beside } from "./beside.js";
import { Find } from "./find.js";
import { toPoints } from "./offsets.js";
import { Player } from "./player.js";
import { Row } from "./row.js";
import { Saving } from "./saving.js";
import { share } from "./spans.js";
import { Transcript } from "./transcript.js";
import { Wave } from "./wave.js";
import { Window } from "./window.js";

const AGAIN_MS = 240_000; // "X is editing" holds for ten minutes, and so does the session: told again while somebody works
const TYPING_MS = 4_000; // whoever typed so lately is not carried off by the sound

export class Editor extends EventTarget {
  constructor(answer, parts) {
    super();
    this.parts = parts;
    this.transcript = new Transcript(answer);
    this.me = answer.me;
    this.base = `/api/recordings/${answer.recording.id}/segments`;
    this.playedPercent = answer.study.played_percent ?? 100;
    this.mode = this.modes()[0];
    this.editable = new Set(); // in verification: the segments that the verifier took to correct
    this.judged = new Map(); // … and what they said was wrong
    this.side = "source";
    this.current = null;
    this.lit = null;
    this.following = true;
    this.differing = false;
    this.codes = this.transcript.speakerCodes();
    this.saving = new Saving(this.transcript);
    this.player = new Player(answer.recording.id, answer.ticket, answer.duration_ms, answer.played ?? []);
    this.beside = new Beside(this, parts.beside);
    this.find = new Find(this, parts.find);
    this.wave = new Wave(parts.wave, parts.line, this.player, {
      segments: () => this.transcript.segments,
      current: () => this.current,
      indexAt: (ms) => this.transcript.indexAt(ms),
      playedSpans: () => this.player.sums,
      arrived: (ms) => this.goTo(this.transcript.indexAt(ms), { focus: false }),
    });
    this.rows = new Window(parts.scroller, parts.list, {
      count: () => this.transcript.segments.length,
      estimate: (index) => this.estimate(this.transcript.at(index)),
      make: () => new Row(this),
      bind: (row, index) => row.show(this.transcript.at(index), index),
      placeOf: (row) => this.transcript.place(row.id),
    });
    this.measure();
    this.listen();
    this.rows.reset();
    this.select(this.firstId(), this.side, { quiet: true });
  }

  /** What this person may do here, the likeliest first. */
  modes() {
    const { state, me } = this.transcript;
    if (state === "signed") return ["read"];
    const waitsForVerifier = ["to be verified", "to be signed"].includes(state);
    const found = [me.corrects && "correct", me.verifies && "verify"].filter(Boolean);
    return (waitsForVerifier ? found.reverse() : found).concat("read");
  }

  /** The stage in which the transcript is by now, in the queue's words. */
  stage() {
    if (this.transcript.state === "signed" || this.closed) return "signed";
    const { segments } = this.transcript;
    if (segments.some(({ state, stale }) => stale || ["draft", "edited", "needs work"].includes(state))) return "to be corrected";
    return segments.some(({ state, spared }) => state === "corrected" && !spared) ? "to be verified" : "to be signed";
  }

  setMode(mode) {
    this.mode = mode;
    document.body.dataset.mode = mode;
    this.measure();
    this.rows.reset();
    this.dispatchEvent(new Event("mode"));
    if (this.current) this.beside.follow(this.current);
  }

  firstId() {
    const asked = this.transcript.get(location.hash.slice(1));
    return (asked ?? this.transcript.segments.find((segment) => this.waits(segment)) ?? this.transcript.at(0))?.id ?? null;
  }

  // --- what a row asks -----------------------------------------------------------------------------

  /** Whether a segment waits for the person who is here. */
  waits({ state, stale, mine, verified_by, spared }) {
    if (this.mode === "correct") return ["draft", "edited", "needs work"].includes(state) || stale;
    if (this.mode === "verify") return !mine && !spared && (state === "corrected" || (state === "verified" && verified_by !== this.me.name));
    return false;
  }

  mayEdit(id) {
    const { state } = this.transcript.get(id) ?? {};
    if (state === "locked" || state === "unverified") return false;
    return this.mode === "correct" || (this.mode === "verify" && this.editable.has(id));
  }

  speakerNumber(code) {
    let place = this.codes.indexOf(code);
    if (place < 0) place = this.codes.push(code) - 1;
    return place % 6;
  }

  playedShare({ start_ms, end_ms, played }) {
    return Math.max(played ?? 0, share(this.player.heard, start_ms, Math.min(end_ms, this.player.duration_ms)));
  }

  spansOf(id, side, text) {
    const hits = this.find.spans(text);
    return (hits.length ? hits : this.beside.spans(id, side, text)).sort((a, b) => a[0] - b[0]);
  }

  draftOf(id) {
    return this.beside.of(id)?.full.draft ?? null;
  }

  // --- heights before they are drawn -------------------------------------------------------------------

  measure() {
    const width = this.parts.list.clientWidth || this.parts.scroller.clientWidth;
    const style = getComputedStyle(this.parts.list);
    const [letter, line, about, rest] = ["--letter", "--line-height", "--about", "--row-rest"].map((name) => parseFloat(style.getPropertyValue(name)) || 0);
    this.sizes = { letters: Math.max(12, ((width - about) / 2 - 44) / letter), line, rest };
  }

  estimate({ id }) {
    const { letters, line, rest } = this.sizes;
    const longest = Math.max(this.transcript.text(id, "source").length, this.transcript.text(id, "target").length);
    return Math.max(this.mode === "verify" ? 88 : 72, Math.ceil((longest * 1.03) / letters) * line + rest);
  }

  // --- being somewhere ---------------------------------------------------------------------------------

  currentIndex() {
    return Math.max(0, this.transcript.place(this.current));
  }

  /** Make a segment the current one, without moving the focus. */
  select(id, side = this.side, { quiet = false } = {}) {
    this.side = side;
    if (!id || this.current === id) return;
    const before = this.current;
    this.current = id;
    if (before) this.leave(before);
    for (const changed of [before, id]) if (changed) this.rows.refresh(this.transcript.place(changed));
    this.beside.follow(id);
    this.wave.plan();
    history.replaceState(null, "", `#${id}`);
    if (!quiet) this.dispatchEvent(new Event("current"));
  }

  leave(id) {
    this.saving.flush(id).catch(() => null);
    if (this.opened === id) this.tellEditing(id, false);
  }

  /** Go to a row: bring it into view and, unless told otherwise, put the caret into it. */
  goTo(index, { side = this.side, focus = true, gently = false } = {}) {
    const segment = this.transcript.at(index);
    if (!segment) return;
    this.select(segment.id, side);
    const row = this.rows.reveal(index, { gently });
    if (focus) this.focusRow(row ?? this.rows.row(index), side);
  }

  focusRow(row, side = this.side) {
    const field = row?.fields[side].field;
    if (!field || document.activeElement === field) return;
    const entered = this.entered?.[row.id]?.[side];
    field.focus({ preventScroll: true });
    // A field that one was in keeps its caret; another one is read from its beginning.
    if (!entered) field.setSelectionRange(0, 0);
  }

  focusCurrent() {
    this.goTo(this.currentIndex());
  }

  /** The field that holds the focus, or null. */
  field() {
    const active = document.activeElement;
    return active?.tagName === "TEXTAREA" && active.closest(".row") ? active : null;
  }

  /** Where the carets of a row stand, in code points; null where the field was never entered. */
  carets(id) {
    const row = this.rows.row(this.transcript.place(id));
    const at = (side) => (row && this.entered?.[id]?.[side] !== undefined ? toPoints(row.fields[side].field.value, row.fields[side].field.selectionStart) : null);
    return { source: at("source"), target: at("target") };
  }

  // --- listening -----------------------------------------------------------------------------------------

  listen() {
    const { list, scroller } = this.parts;
    list.addEventListener("focusin", (event) => this.entering(event));
    list.addEventListener("focusout", (event) => this.left(event));
    list.addEventListener("input", (event) => this.typing(event));
    list.addEventListener("click", (event) => this.clicked(event));
    list.addEventListener("pointerdown", (event) => (this.heldBefore = document.activeElement === event.target));
    for (const type of ["wheel", "touchmove"]) scroller.addEventListener(type, () => this.wander(), { passive: true });
    scroller.addEventListener("pointerdown", (event) => event.target === scroller && this.wander());
    this.transcript.addEventListener("segment", ({ detail: id }) => this.changed(id));
    this.transcript.addEventListener("order", () => this.reordered());
    this.saving.addEventListener("conflict", ({ detail: id }) => call(t("conflict.call", { number: this.transcript.get(id)?.number, by: this.saving.conflicts.get(id)?.by })));
    this.player.addEventListener("tick", () => {
      this.light();
      if (this.mode === "verify" && this.lit && performance.now() - (this.heard_at ?? 0) > 150) this.hear();
    });
    this.player.addEventListener("moved", () => this.light());
    this.player.addEventListener("played", () => this.heard());
    addEventListener("pagehide", () => this.opened && this.tellEditing(this.opened, false));
    document.addEventListener("selectionchange", () => this.caret());
  }

  entering({ target }) {
    const row = target.closest(".row")?.row;
    if (!row) return;
    const side = target.dataset.side ?? this.side;
    this.select(row.id, side);
    // By Tab a row is reached that may lie outside of the view; the browser's own scrolling knows nothing of the list.
    this.rows.reveal(row.index, { margin: 24 });
    clearTimeout(this.opening);
    if (target.dataset.side && this.mayEdit(row.id)) this.opening = setTimeout(() => this.tellEditing(row.id, true), 1_000);
  }

  left({ target }) {
    const id = target.closest(".row")?.row?.id;
    if (id && target.dataset.side) this.saving.flush(id).catch(() => null);
  }

  typing({ target }) {
    const row = target.closest(".row")?.row;
    if (!row || !target.dataset.side) return;
    this.typed_at = performance.now();
    this.saving.typed(row.id, target.dataset.side, target.value);
    row.typed(target.dataset.side);
  }

  caret() {
    const field = this.field();
    const id = field?.closest(".row").row.id;
    if (!id) return;
    this.entered = { [id]: { ...this.entered?.[id], [field.dataset.side]: true } };
  }

  clicked(event) {
    const row = event.target.closest(".row")?.row;
    if (!row) return;
    const segment = this.transcript.get(row.id);
    if (event.target.closest(".time")) return this.playSegment(segment, false);
    if (event.target.closest(".speaker")) return this.dispatchEvent(new CustomEvent("act", { detail: "speaker" }));
    const field = event.target.closest("textarea");
    if (!field || field.selectionStart !== field.selectionEnd) return;
    // In a field that one is writing in already, a click only sets the caret.
    const { click } = settings();
    const writes = this.heldBefore && !field.readOnly;
    if (click === "never" || (writes && !this.player.playing)) return;
    const part = field.value ? field.selectionStart / field.value.length : 0;
    this.following = true;
    this.player.playFrom(segment.start_ms + part * (segment.end_ms - segment.start_ms));
  }

  wander() {
    this.following = false;
    this.rows.stay();
    this.dispatchEvent(new Event("follow"));
  }

  // --- sound ---------------------------------------------------------------------------------------------

  playSegment({ start_ms, end_ms }, only = true) {
    this.following = true;
    this.player.playFrom(start_ms, only ? end_ms : null);
  }

  light() {
    const ms = this.player.ms;
    const index = this.transcript.indexAt(ms);
    const segment = this.transcript.at(index);
    const lit = segment && ms >= segment.start_ms - 30 && ms < segment.end_ms + 400 ? segment.id : null;
    if (lit === this.lit) return;
    const before = this.lit;
    this.lit = lit;
    for (const id of [before, lit]) if (id) this.rows.row(this.transcript.place(id))?.element.classList.toggle("playing", id === lit);
    const writes = performance.now() - (this.typed_at ?? -Infinity) < TYPING_MS;
    if (lit && this.following && this.player.playing && !writes && !sheetIsOpen()) this.rows.reveal(index, { gently: true });
  }

  // How much of the segment that plays was played, as it plays.
  hear() {
    this.heard_at = performance.now();
    const index = this.transcript.place(this.lit);
    this.rows.row(index)?.showHeard(this.transcript.at(index));
  }

  heard() {
    if (this.mode !== "verify") return;
    for (const [index, row] of this.rows.drawn) row.showHeard(this.transcript.at(index));
    this.dispatchEvent(new Event("heard"));
  }

  // --- what changes ------------------------------------------------------------------------------------------

  changed(id) {
    const index = this.transcript.place(id);
    if (index < 0) return;
    this.rows.refresh(index);
    if (id === this.current && !this.beside.of(id)) this.beside.follow(id);
    this.wave.planLine();
  }

  reordered() {
    if (this.current && !this.transcript.get(this.current)) this.current = null;
    this.rows.reset();
    this.wave.plan();
    if (!this.current) this.select(this.transcript.at(Math.min(this.rows.heights.at(this.parts.scroller.scrollTop), this.transcript.segments.length - 1))?.id);
  }

  redraw() {
    for (const index of [...this.rows.drawn.keys()]) this.rows.refresh(index);
  }

  tellEditing(id, open) {
    if (open) {
      this.opened = id;
      clearInterval(this.pulse);
      this.pulse = setInterval(() => Date.now() - latestAct() < AGAIN_MS && this.opened === id && this.post(id, "editing", { open: true }), AGAIN_MS);
    } else this.opened = null;
    this.post(id, "editing", { open });
  }

  post(id, what, body) {
    return post(`${this.base}/${id}/${what}`, body).catch(() => null);
  }

  async decide(id, choice) {
    await this.telling(async () => {
      await this.saving.decide(id, choice);
      if (choice === "theirs") this.transcript.put([await get(`${this.base}/${id}`).then(({ draft, findings, comments, ...segment }) => ({ ...segment, findings: levels(findings), comments: comments.filter((one) => !one.resolved_by).length }))]);
    });
    this.focusCurrent();
  }

  /** Do something that may be refused; what the server says is shown and said. Returns whether it was done. */
  async telling(work) {
    try {
      await work();
      return true;
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      if (trouble.code !== "MovedOn") this.notice(trouble.said, true);
      else this.notice(t("trouble.moved-on"), true);
      return false;
    }
  }

  /** Show a line for a while, and say it. */
  notice(text, bad = false) {
    const { notice } = this.parts;
    notice.textContent = text;
    notice.classList.toggle("bad", bad);
    notice.hidden = false;
    clearTimeout(this.noticed);
    this.noticed = setTimeout(() => (notice.hidden = true), bad ? 9_000 : 4_000);
    (bad ? call : say)(text);
  }

  /** Put a suggestion into the target field: by a key or a click, never by itself. */
  takeMemory(found) {
    const id = this.current;
    const row = this.rows.row(this.transcript.place(id));
    if (!row || !this.mayEdit(id)) return;
    this.saving.typed(id, "target", found.target);
    row.show(this.transcript.get(id), row.index);
    this.focusRow(row, "target");
    say(t("memory.taken"));
  }
}

/** The open findings by level, as a segment of a list has them. */
function levels(findings) {
  const count = (level) => findings.filter((finding) => finding.level === level && !finding.dismissal).length;
  return { error: count("error"), warning: count("warning"), info: count("info") };
}
