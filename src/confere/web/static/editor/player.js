// One audio element, and what was played of it. Playing is told to the server in spans; only the server keeps them.

import { post } from "../api.js";
import { settings } from "../keys.js";
import { add } from "./spans.js";

const REPORT_MS = 4_000;
const RATES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];

export class Player extends EventTarget {
  constructor(recording, ticket, duration_ms, played) {
    super();
    Object.assign(this, { recording, duration_ms, played, sums: played });
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.audio.preservesPitch = true;
    this.audio.src = `/sound/${ticket}`;
    this.rate = 1;
    this.until = null; // where a single segment ends
    this.rested = false; // whether the next play goes back a little
    this.from = null; // where the span that plays now began, in ms
    this.latest = 0;
    this.queue = [];
    const tell = (name) => () => this.dispatchEvent(new Event(name));
    this.audio.addEventListener("playing", () => {
      this.from ??= this.ms;
      this.latest = this.ms;
      this.tick();
    });
    this.audio.addEventListener("pause", () => (this.close(), tell("change")()));
    this.audio.addEventListener("play", tell("change"));
    this.audio.addEventListener("ended", () => (this.close(), tell("change")()));
    this.audio.addEventListener("timeupdate", () => this.look());
    this.audio.addEventListener("seeked", tell("moved"));
    this.audio.addEventListener("error", tell("broken"));
    addEventListener("pagehide", () => this.close());
  }

  /** The same sound under another ticket, at the same place. */
  renew(ticket) {
    const at = this.audio.currentTime;
    this.audio.src = `/sound/${ticket}`;
    this.audio.currentTime = at;
    this.audio.playbackRate = this.rate;
  }

  get ms() {
    return this.audio.currentTime * 1000;
  }

  /** What was played, with the span that plays now. */
  get heard() {
    return this.from === null ? this.sums : add(this.sums, Math.floor(this.from), this.latest);
  }

  get playing() {
    return !this.audio.paused && !this.audio.ended;
  }

  /** Whether sound is waited for: nothing else is asked of the server's decoder meanwhile. */
  get awaits() {
    const { error, seeking, paused, readyState, HAVE_FUTURE_DATA } = this.audio;
    return !error && (seeking || (!paused && readyState < HAVE_FUTURE_DATA));
  }

  /** Play on; after a pause from a little earlier, so that the ear finds its place. */
  play() {
    if (this.playing) return;
    if (this.rested) this.audio.currentTime = Math.max(0, this.audio.currentTime - settings().rewind_ms / 1000);
    this.rested = false;
    this.start();
  }

  pause() {
    this.until = null;
    this.rested = this.playing || this.rested;
    this.audio.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Go to a place, and stay there. */
  seek(ms) {
    this.close();
    this.until = null;
    this.rested = false;
    this.audio.currentTime = Math.min(Math.max(0, ms), this.duration_ms) / 1000;
    this.latest = this.ms;
    this.dispatchEvent(new Event("moved"));
  }

  /** Play from a place; to `end` and no further, if one is given. */
  playFrom(start, end = null) {
    this.seek(start);
    this.until = end;
    if (this.playing) this.from = this.ms;
    else this.start();
  }

  step(ms) {
    const plays = this.playing;
    this.seek(this.ms + ms);
    if (plays) this.from = this.ms;
  }

  faster(way) {
    const at = RATES.findIndex((rate) => rate >= this.rate - 0.001);
    this.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, at + way))]);
  }

  setRate(rate) {
    if (this.playing) this.close(true);
    this.rate = rate;
    this.audio.playbackRate = rate;
    this.dispatchEvent(new Event("change"));
  }

  start() {
    this.audio.playbackRate = this.rate;
    this.from ??= this.ms; // not when `playing` is told: a few ms have sounded by then
    this.latest = this.ms;
    this.audio.play().catch(() => this.dispatchEvent(new Event("change")));
  }

  tick() {
    if (!this.playing || this.ticking) return;
    const step = () => {
      this.look();
      if (this.playing) this.ticking = requestAnimationFrame(step);
      else this.ticking = 0;
    };
    this.ticking = requestAnimationFrame(step);
  }

  look() {
    if (!this.playing || this.from === null) return;
    this.latest = this.ms;
    if (this.until !== null && this.latest >= this.until) {
      this.until = null;
      this.rested = false;
      this.audio.pause();
    } else if (this.latest - this.from > REPORT_MS * this.rate) this.close(true);
    this.dispatchEvent(new Event("tick"));
  }

  // The span that played until now is told. `goOn`: another one begins at once.
  close(goOn = false) {
    if (this.from === null) return;
    const [start, end] = [Math.floor(this.from), Math.min(this.duration_ms, Math.ceil(Math.max(this.latest, goOn || this.audio.paused ? this.ms : 0)))];
    this.from = goOn ? this.ms : null;
    if (end - start < 20) return;
    this.sums = add(this.sums, start, end);
    this.queue.push({ start_ms: start, end_ms: end, rate: this.rate });
    this.report();
    this.dispatchEvent(new Event("played"));
  }

  /** Tell what was played; returns when the server has all of it. */
  async report() {
    this.reporting ??= this.send().finally(() => (this.reporting = null));
    return this.reporting;
  }

  async send() {
    while (this.queue.length) {
      try {
        const { played } = await post(`/api/recordings/${this.recording}/played`, this.queue[0]);
        this.queue.shift();
        this.played = played;
        // What is still on its way counts on the screen already; what the server did not believe goes away again.
        this.sums = this.queue.reduce((spans, { start_ms, end_ms }) => add(spans, start_ms, end_ms), played);
        this.dispatchEvent(new Event("played"));
      } catch (trouble) {
        if (!trouble.offline) this.queue.shift();
        else return void setTimeout(() => this.report(), 3_000);
      }
    }
  }

  /** Tell everything that was played so far, the span that plays now as well. */
  async settle() {
    if (this.from !== null) this.close(this.playing);
    await this.report();
  }
}
