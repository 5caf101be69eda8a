// The sound as a picture: a strip that moves along with it, and under it the whole recording in one line.
// The peaks come from the server by tiles of half a minute; nothing is ever decoded here.

import { get } from "../api.js";
import { share } from "./spans.js";

const TILE_MS = 30_000;
const COLUMNS = 750; // of a tile: one each 40 ms
const COLUMN_MS = TILE_MS / COLUMNS;

export class Wave {
  /** `host`: `segments()`, `current()` an id, `speakerOf(segment)` a number, `playedSpans()`. */
  constructor(canvas, line, player, host) {
    Object.assign(this, { canvas, line, player, host });
    this.tiles = new Map();
    this.pxPerMs = 0.055;
    this.colours();
    for (const name of ["tick", "moved", "change"]) player.addEventListener(name, () => this.plan());
    player.addEventListener("played", () => this.planLine());
    document.documentElement.addEventListener("themechange", () => this.recolour());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
    new ResizeObserver(() => this.fit()).observe(canvas);
    canvas.addEventListener("click", (event) => this.go(this.start + event.offsetX / this.pxPerMs));
    line.addEventListener("click", (event) => this.go((event.offsetX / line.clientWidth) * player.duration_ms));
    canvas.addEventListener("keydown", (event) => this.byKey(event));
  }

  go(ms) {
    this.player.playing ? this.player.playFrom(ms) : this.player.seek(ms);
    this.host.arrived?.(ms);
  }

  byKey(event) {
    const step = { ArrowLeft: -5_000, ArrowRight: 5_000, PageDown: 30_000, PageUp: -30_000 }[event.key];
    if (!step || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    this.player.step(step);
  }

  colours() {
    // A property may hold two colours, for light and for dark; the one in force is that of an element which has it.
    const of = (name) => {
      this.line.style.color = `var(${name})`;
      return getComputedStyle(this.line).color;
    };
    this.ink = {
      wave: of("--wave"), done: of("--wave-done"), head: of("--accent"), band: of("--wave-band"), here: of("--wave-here"), edge: of("--line"),
      played: of("--accent"), rest: of("--line"), verified: of("--ok"), work: of("--warning"), ground: of("--surface"),
    };
  }

  recolour() {
    this.colours();
    this.plan();
    this.planLine();
  }

  fit() {
    const scale = devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.line]) {
      canvas.width = Math.round(canvas.clientWidth * scale);
      canvas.height = Math.round(canvas.clientHeight * scale);
    }
    this.plan();
    this.planLine();
  }

  plan() {
    this.planned ||= requestAnimationFrame(() => {
      this.planned = 0;
      this.draw();
    });
  }

  planLine() {
    this.plannedLine ||= setTimeout(() => {
      this.plannedLine = 0;
      this.drawLine();
    }, 200);
  }

  async load(tile) {
    this.tiles.set(tile, null);
    const [start, end] = [tile * TILE_MS, (tile + 1) * TILE_MS];
    try {
      const path = `/api/recordings/${this.player.recording}/peaks?start_ms=${start}&end_ms=${end}&columns=${COLUMNS}`;
      this.tiles.set(tile, (await get(path)).peaks);
      this.plan();
    } catch {
      setTimeout(() => this.tiles.delete(tile), 5_000); // asked for again when it is drawn then
    }
  }

  draw() {
    const { canvas, ink } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    const paint = canvas.getContext("2d");
    const scale = devicePixelRatio || 1;
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.clearRect(0, 0, width, height);
    const now = this.player.ms;
    const span = width / this.pxPerMs;
    this.start = Math.min(Math.max(0, now - span * 0.35), Math.max(0, this.player.duration_ms - span));
    this.bands(paint, span, height);
    const half = height / 2;
    const last = Math.min(this.start + span, this.player.duration_ms);
    paint.fillStyle = ink.done;
    let past = true;
    const bar = Math.max(1, COLUMN_MS * this.pxPerMs - 0.7);
    for (let tile = Math.floor(this.start / TILE_MS); tile * TILE_MS < last; tile += 1) {
      const peaks = this.tiles.get(tile);
      if (peaks === undefined && !this.player.awaits) this.load(tile);
      if (!peaks) continue;
      const from = Math.max(0, Math.floor((this.start - tile * TILE_MS) / COLUMN_MS));
      for (let column = from; column < COLUMNS; column += 1) {
        const at = tile * TILE_MS + column * COLUMN_MS;
        if (at > last) break;
        if (past && at > now) {
          paint.fillStyle = ink.wave;
          past = false;
        }
        const tall = Math.max(0.75, (peaks[column] / 127) * (half - 3));
        paint.fillRect((at - this.start) * this.pxPerMs, half - tall, bar, tall * 2);
      }
    }
    paint.fillStyle = ink.head;
    const x = (now - this.start) * this.pxPerMs;
    paint.fillRect(x - 1, 0, 2, height);
    paint.beginPath();
    paint.moveTo(x - 5, 0);
    paint.lineTo(x + 5, 0);
    paint.lineTo(x, 6);
    paint.fill();
    this.drawHead(now);
  }

  bands(paint, span, height) {
    const segments = this.host.segments();
    const current = this.host.current();
    for (let i = this.host.indexAt(this.start); i < segments.length && segments[i].start_ms < this.start + span; i += 1) {
      const { start_ms, end_ms, id } = segments[i];
      const [x, wide] = [(start_ms - this.start) * this.pxPerMs, (end_ms - start_ms) * this.pxPerMs];
      paint.fillStyle = id === current ? this.ink.here : this.ink.band;
      paint.fillRect(x, 0, Math.max(1, wide - 1), height);
    }
  }

  drawHead(now) {
    const share_ = now / Math.max(1, this.player.duration_ms);
    this.line.parentElement.style.setProperty("--at", `${(share_ * 100).toFixed(3)}%`);
  }

  // The whole recording: above what was played to me, below where the segments stand.
  drawLine() {
    const { line, ink } = this;
    const [width, height] = [line.clientWidth, line.clientHeight];
    if (!width) return;
    const paint = line.getContext("2d");
    const scale = devicePixelRatio || 1;
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.fillStyle = ink.rest;
    paint.fillRect(0, 0, width, height);
    const perPx = this.player.duration_ms / width;
    const [top, spans] = [Math.floor(height / 2), this.host.playedSpans()];
    paint.fillStyle = ink.played;
    for (let x = 0; x < width; x += 1) {
      const part = share(spans, x * perPx, (x + 1) * perPx);
      if (part > 0.05) paint.fillRect(x, 0, 1, top * Math.min(1, part));
    }
    for (const { state, start_ms, end_ms } of this.host.segments()) {
      const colour = { corrected: ink.wave, verified: ink.verified, locked: ink.verified, "needs work": ink.work }[state];
      if (!colour) continue;
      paint.fillStyle = colour;
      paint.fillRect(start_ms / perPx, top, Math.max(0.6, (end_ms - start_ms) / perPx), height - top);
    }
  }
}
