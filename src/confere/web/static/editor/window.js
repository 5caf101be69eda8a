// The list that draws only the rows that can be seen. Rows have any height; what the reader looks at never moves by itself.
//
// Every height is an estimate until its row was drawn. When a height turns out otherwise, the row that the eye is on (the
// focused one if it can be seen, else the first in view) keeps its place on the screen, and the rest gives way. The row
// that holds the focus stays in the document wherever it is, so that caret, selection and what is typed stay too.

import { Heights } from "./heights.js";

const NEAR = 40;
const BEYOND = 500; // px above and below that are drawn before they can be seen
const BUDGET_MS = 5; // of a frame, for what cannot be seen yet

export class Window {
  /** `host`: `count()`, `estimate(index)`, `make()` a row, `bind(row, index)`, `placeOf(row)` or -1; a row has an `element`. */
  constructor(scroller, list, host) {
    Object.assign(this, { scroller, list, host });
    this.heights = new Heights();
    this.drawn = new Map(); // index -> row
    this.free = [];
    this.watch = new ResizeObserver((entries) => this.resized(entries));
    this.viewport = scroller.clientHeight;
    this.width = scroller.clientWidth;
    scroller.addEventListener("scroll", () => this.plan(), { passive: true });
    new ResizeObserver(() => this.reframe()).observe(scroller);
  }

  /** Begin anew: other rows, or other numbers of them. A row that is still there stays, with its focus and caret. */
  reset(kept = this.heights.count ? this.anchor() : null) {
    const place = kept === null ? 0 : this.topOf(kept);
    const keeper = kept === null ? undefined : this.drawn.get(kept);
    const before = [...this.drawn];
    this.drawn = new Map();
    for (const [, row] of before) {
      const index = this.host.placeOf(row);
      if (index < 0) this.release(index, row);
      else this.drawn.set(index, row);
    }
    const all = Array.from({ length: this.host.count() }, (_, i) => this.host.estimate(i));
    for (const [index, row] of this.drawn) {
      this.host.bind(row, index);
      all[index] = row.element.offsetHeight;
    }
    this.heights.reset(all);
    const anchor = keeper ? this.host.placeOf(keeper) : -1;
    if (anchor >= 0) this.keep(anchor, place);
    this.draw(anchor >= 0 ? anchor : null);
  }

  plan() {
    if (this.planned) return;
    this.planned = requestAnimationFrame(() => {
      this.planned = 0;
      this.draw();
    });
  }

  /** The index of the row that holds the focus, or null. */
  focused() {
    const holder = document.activeElement?.closest?.(".row");
    for (const [index, row] of this.drawn) if (row.element === holder) return index;
    return null;
  }

  /** Where a row stands on the screen, from the top of the list's window. */
  topOf(index) {
    return this.heights.offset(index) - this.scroller.scrollTop;
  }

  anchor() {
    const focused = this.focused();
    if (focused !== null) {
      const top = this.topOf(focused);
      if (top > -this.heights.get(focused) && top < this.viewport) return focused;
    }
    return this.heights.at(this.scroller.scrollTop);
  }

  /** Draw what can be seen at once, and what lies beyond as far as a frame has time for it; the rest with the next ones. */
  draw(kept = null) {
    if (!this.heights.count) return void (this.list.style.height = "0px");
    const until = performance.now() + BUDGET_MS;
    const anchor = kept ?? this.anchor();
    const place = this.topOf(anchor);
    const focused = this.focused();
    const [first, last] = this.span(BEYOND);
    for (const [index, row] of this.drawn) if ((index < first || index > last) && index !== focused) this.release(index, row);
    for (let round = 0; round < 3; round += 1) {
      const fresh = this.missing(...this.span(NEAR));
      if (!fresh.length && round) break;
      this.measure(fresh);
      this.keep(anchor, place);
      if (!fresh.length) break;
    }
    const rest = this.missing(...this.span(BEYOND)).sort((a, b) => Math.abs(a - anchor) - Math.abs(b - anchor));
    while (rest.length && performance.now() < until) this.measure(rest.splice(0, 2));
    this.keep(anchor, place);
    this.lay();
    if (rest.length) this.plan();
  }

  /** The first and the last row that lie in view, or so many px beside it. */
  span(beyond) {
    const top = this.scroller.scrollTop;
    return [this.heights.at(Math.max(0, top - beyond)), this.heights.at(top + this.viewport + beyond)];
  }

  missing(first, last) {
    return Array.from({ length: last - first + 1 }, (_, n) => first + n).filter((index) => !this.drawn.has(index));
  }

  measure(fresh) {
    const rows = fresh.map((index) => this.mount(index));
    const heights = rows.map((row) => row.element.offsetHeight); // all of them by one layout
    fresh.forEach((index, n) => this.heights.set(index, heights[n]));
  }

  keep(anchor, place) {
    const wanted = this.heights.offset(anchor) - place;
    if (Math.abs(wanted - this.scroller.scrollTop) < 0.5) return;
    // The list must be long enough before it is scrolled.
    this.list.style.height = `${this.heights.total}px`;
    this.scroller.scrollTop = wanted;
  }

  lay() {
    const total = `${this.heights.total}px`;
    if (this.list.style.height !== total) this.list.style.height = total;
    for (const [index, row] of this.drawn) {
      const y = this.heights.offset(index);
      if (row.y !== y) row.element.style.transform = `translateY(${(row.y = y)}px)`;
    }
  }

  mount(index) {
    const row = this.free.pop() ?? this.host.make();
    this.host.bind(row, index);
    row.y = -1;
    this.drawn.set(index, row);
    // The order of the document is the order of reading and of Tab; the focused row is never moved, others go around it.
    const after = [...this.drawn.keys()].filter((other) => other > index).reduce((a, b) => Math.min(a, b), Infinity);
    this.list.insertBefore(row.element, after === Infinity ? null : this.drawn.get(after).element);
    this.watch.observe(row.element);
    return row;
  }

  release(index, row) {
    this.drawn.delete(index);
    this.watch.unobserve(row.element);
    row.element.remove();
    this.free.push(row);
    this.host.unbind?.(row);
  }

  resized(entries) {
    const anchor = this.anchor();
    const place = this.topOf(anchor);
    let changed = false;
    const index = new Map([...this.drawn].map(([i, row]) => [row.element, i]));
    for (const { target } of entries) {
      const i = index.get(target);
      if (i === undefined || Math.abs(this.heights.get(i) - target.offsetHeight) < 0.5) continue;
      this.heights.set(i, target.offsetHeight);
      changed = true;
    }
    if (!changed) return;
    this.keep(anchor, place);
    this.draw(anchor);
  }

  /** The list's own size changed: heights by width, rows by height. */
  reframe() {
    const [width, height] = [this.scroller.clientWidth, this.scroller.clientHeight];
    if (width === this.width && height === this.viewport) return;
    const anchor = this.heights.count ? this.anchor() : 0;
    const place = this.heights.count ? this.topOf(anchor) : 0;
    this.viewport = height;
    if (width !== this.width && this.heights.count) {
      this.width = width;
      const all = Array.from({ length: this.heights.count }, (_, i) => this.drawn.get(i)?.element.offsetHeight ?? this.host.estimate(i));
      this.heights.reset(all);
      this.keep(anchor, place);
    }
    this.draw(anchor);
  }

  /** Draw what is bound to a row again. */
  refresh(index) {
    const row = this.drawn.get(index);
    if (row) this.host.bind(row, index);
  }

  row(index) {
    return this.drawn.get(index);
  }

  /** Bring a row into view, `margin` px away from the edges; returns its row. */
  reveal(index, { margin = 90, gently = false } = {}) {
    const top = this.topOf(index);
    const height = this.heights.get(index);
    const low = this.viewport - margin - Math.min(height, this.viewport - 2 * margin);
    if (this.drawn.has(index) && top >= margin * 0.5 && top <= low) return this.drawn.get(index);
    const wanted = top < margin || !this.drawn.has(index) ? margin : low;
    if (gently && Math.abs(top - wanted) < this.viewport && !still.matches) {
      this.glide(index, wanted);
      return this.drawn.get(index);
    }
    this.place(index, wanted);
    return this.drawn.get(index);
  }

  place(index, wanted) {
    this.scroller.scrollTop = this.heights.offset(index) - wanted;
    this.draw(index);
    // Neighbours that were drawn for the first time may have other heights than thought.
    this.scroller.scrollTop = this.heights.offset(index) - wanted;
    this.draw(index);
  }

  glide(index, wanted) {
    const step = () => {
      const left = this.topOf(index) - wanted;
      const before = this.scroller.scrollTop;
      this.scroller.scrollTop = before + (Math.abs(left) < 3 ? left : left * 0.22);
      if (Math.abs(left) >= 3 && this.scroller.scrollTop !== before && this.gliding === mine) requestAnimationFrame(step);
      else this.gliding = 0;
    };
    const mine = (this.gliding = {});
    requestAnimationFrame(step);
  }

  /** The reader scrolls: nothing glides against them. */
  stay() {
    this.gliding = 0;
  }
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
