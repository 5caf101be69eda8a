// Saving what is typed: about a second after the last key, and on leaving a field, each with the version that was seen.
//
// Nothing typed is ever given up. While the server does not answer it stays in memory and is tried again; when somebody
// else was faster it stays in the field, beside what they wrote, until a person decides; when the session has ended it waits
// behind the sign-in. Events: `status`; `conflict` (detail: id).

import { isLocked, post } from "../api.js";

const PAUSE_MS = 1_000;
const SLOWEST_MS = 10_000;

export class Saving extends EventTarget {
  constructor(transcript) {
    super();
    this.transcript = transcript;
    this.base = `/api/recordings/${transcript.recording.id}/segments`;
    this.timers = new Map();
    this.owed = new Map(); // id -> what else is to be told with the texts: that it is finished, its bounds
    this.underway = new Map(); // id -> promise
    this.conflicts = new Map(); // id -> what the server said
    this.troubles = new Map(); // id -> Trouble that a person must see
    this.saved_at = null;
    this.offline = false;
    this.wait_ms = 1_000;
    addEventListener("online", () => this.again());
    addEventListener("beforeunload", (event) => {
      if (this.unsaved()) event.preventDefault();
    });
    addEventListener("pagehide", () => this.flushAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.flushAll());
  }

  /** How many segments hold something that the server has not. */
  unsaved() {
    return this.waiting().size;
  }

  waiting() {
    return new Set([...this.transcript.typed.keys(), ...this.owed.keys()]);
  }

  /** Whether something of a segment is on its way, or waits. */
  isDirty(id) {
    return this.transcript.typed.has(id) || this.underway.has(id);
  }

  /** A field was typed in. */
  typed(id, side, text) {
    this.transcript.type(id, side, text);
    this.troubles.delete(id);
    clearTimeout(this.timers.get(id));
    if (this.transcript.typed.has(id)) this.timers.set(id, setTimeout(() => this.flush(id).catch(() => null), PAUSE_MS));
    this.status();
  }

  /** Save what is typed in a segment now; returns when it is saved. Throws a Trouble if it is not. */
  async flush(id, more = {}) {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (Object.keys(more).length) this.owed.set(id, { ...this.owed.get(id), ...more });
    while (this.underway.has(id)) await this.underway.get(id).catch(() => null);
    if (!this.waiting().has(id)) return;
    if (this.conflicts.has(id)) {
      this.owed.delete(id);
      throw this.conflicts.get(id).trouble;
    }
    const work = this.send(id);
    this.underway.set(id, work);
    this.status();
    try {
      await work;
    } finally {
      this.underway.delete(id);
      this.status();
    }
  }

  async send(id) {
    const segment = this.transcript.get(id);
    if (!segment) return void this.owed.delete(id);
    const owed = { ...this.owed.get(id) };
    const sent = { ...this.transcript.typed.get(id) };
    try {
      const body = { version: segment.version, finish: false, ...owed, ...sent };
      const { segment: now } = await post(`${this.base}/${id}/correct`, body);
      if (JSON.stringify(this.owed.get(id) ?? {}) === JSON.stringify(owed)) this.owed.delete(id);
      this.arrived(id, sent, now);
    } catch (trouble) {
      this.failed(id, trouble);
      throw trouble;
    }
  }

  arrived(id, sent, now) {
    const typed = { ...this.transcript.typed.get(id) };
    // What was typed while it was under way is typed still.
    for (const side of Object.keys(sent)) if (typed[side] === sent[side]) delete typed[side];
    if (Object.keys(typed).length) this.transcript.typed.set(id, typed);
    else this.transcript.typed.delete(id);
    this.saved_at = new Date();
    this.online();
    this.transcript.put([now]);
    if (this.transcript.typed.has(id) && !this.timers.has(id)) this.timers.set(id, setTimeout(() => this.flush(id).catch(() => null), PAUSE_MS));
  }

  failed(id, trouble) {
    if (trouble.offline || trouble.status === 503) {
      this.offline = true;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.again(), this.wait_ms);
      this.wait_ms = Math.min(SLOWEST_MS, this.wait_ms * 2);
      return this.transcript.tell(id);
    }
    this.owed.delete(id);
    if (trouble.code === "MovedOn" && trouble.body.conflict) {
      this.conflicts.set(id, { ...trouble.body.conflict, trouble });
      this.dispatchEvent(new CustomEvent("conflict", { detail: id }));
    } else this.troubles.set(id, trouble);
    this.transcript.tell(id);
  }

  online() {
    this.offline = false;
    this.wait_ms = 1_000;
  }

  /** Try again what waits. */
  async again() {
    clearTimeout(this.retry);
    for (const id of this.waiting()) {
      if (this.conflicts.has(id) || this.troubles.has(id)) continue;
      await this.flush(id).catch(() => null);
      if (this.offline) return;
    }
    this.status();
  }

  flushAll() {
    if (isLocked()) return;
    for (const id of this.timers.keys()) this.flush(id).catch(() => null);
  }

  /** A conflict is decided: `mine` goes over theirs, or theirs stay and what was typed is let go. */
  async decide(id, choice) {
    const conflict = this.conflicts.get(id);
    if (!conflict) return;
    this.conflicts.delete(id);
    const segment = this.transcript.get(id);
    const now = { ...segment, version: conflict.version, source: conflict.theirs.source ?? segment.source, target: conflict.theirs.target ?? segment.target };
    if (choice === "theirs") this.transcript.typed.delete(id);
    // Both fields are told, so that `mine` is what the person saw and chose, whatever the others changed beside it.
    else this.transcript.typed.set(id, { ...this.transcript.typed.get(id) });
    this.transcript.put([now]);
    if (choice === "mine") await this.flush(id);
    this.status();
    this.transcript.tell(id);
  }

  status() {
    this.dispatchEvent(new Event("status"));
  }
}
