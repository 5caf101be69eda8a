// The transcript as the server told it, in order; and what was typed and is not saved, apart from it.
// Whatever changes tells so by an event: `segment` (detail: id), `order` (rows came or went), `state` (how it stands).

export class Transcript extends EventTarget {
  constructor(answer) {
    super();
    const { segments, ...rest } = answer;
    Object.assign(this, rest);
    this.order = [];
    this.byId = new Map();
    this.places = new Map();
    this.typed = new Map(); // id -> {source?, target?}: what stands in the fields and not on the server
    this.put(segments, []);
  }

  get segments() {
    return this.order;
  }

  get(id) {
    return this.byId.get(id);
  }

  at(index) {
    return this.order[index];
  }

  /** The index of a segment, or -1. */
  place(id) {
    return this.places.get(id) ?? -1;
  }

  /** The index of the segment at a time: the one that is spoken, else the last before it. */
  indexAt(ms) {
    let [low, high] = [0, this.order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.order[middle].start_ms <= ms) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** What a field shows: what was typed, else what the server said. */
  text(id, side) {
    return this.typed.get(id)?.[side] ?? this.byId.get(id)?.[side] ?? "";
  }

  /** Take segments as the server tells them now, and let go of others. An older version of one changes nothing. */
  put(segments, gone = []) {
    let reordered = false;
    const changed = [];
    for (const told of segments) {
      const segment = { ...told, number: String(told.number) };
      const known = this.byId.get(segment.id);
      if (segment.state === "merged") {
        if (known) gone = [...gone, segment.id];
        continue;
      }
      if (known && known.version > segment.version) continue;
      this.byId.set(segment.id, segment);
      if (!known || known.start_ms !== segment.start_ms || known.number !== segment.number) reordered = true;
      changed.push(segment.id);
    }
    for (const id of gone) reordered = this.byId.delete(id) || reordered;
    if (reordered) this.sort();
    if (!reordered) for (const id of changed) this.order[this.places.get(id)] = this.byId.get(id);
    if (reordered) this.dispatchEvent(new Event("order"));
    for (const id of changed) this.tell(id);
    if (changed.length || gone.length) this.dispatchEvent(new Event("state"));
  }

  // The numbers follow the order: of those that moved up or down by a split elsewhere nobody tells.
  sort() {
    this.order = [...this.byId.values()].sort((a, b) => a.start_ms - b.start_ms || a.end_ms - b.end_ms || Number(a.number) - Number(b.number));
    this.places = new Map(this.order.map((segment, index) => [segment.id, index]));
    this.order.forEach((segment, index) => (segment.number = String(index + 1)));
  }

  tell(id) {
    this.dispatchEvent(new CustomEvent("segment", { detail: id }));
  }

  /** Take what stands in a field. */
  type(id, side, text) {
    const typed = { ...this.typed.get(id), [side]: text };
    if (typed[side] === this.byId.get(id)?.[side]) delete typed[side];
    if (Object.keys(typed).length) this.typed.set(id, typed);
    else this.typed.delete(id);
  }

  /** What the checks see in a segment, by level. */
  setFindings(id, findings) {
    const segment = this.byId.get(id);
    if (!segment || ["error", "warning", "info"].every((level) => segment.findings[level] === findings[level])) return;
    segment.findings = findings;
    this.tell(id);
  }

  /** Who else has which segment open now, by id. */
  setEditing(editing) {
    for (const segment of this.order) {
      const names = editing[segment.id] ?? [];
      if (names.join() === (segment.editing ?? []).join()) continue;
      segment.editing = names;
      this.tell(segment.id);
    }
  }

  count(...states) {
    return this.order.reduce((n, { state }) => n + states.includes(state), 0);
  }

  /** The speakers: those that the server named, and any that came since. */
  speakerCodes() {
    const found = new Set((this.speakers ?? []).map((speaker) => speaker.code ?? speaker));
    for (const { speaker } of this.order) found.add(speaker);
    return [...found].filter(Boolean);
  }
}
