// Spans of the recording, `[[start_ms, end_ms], …]`, sorted and apart.

/** Return the spans with one more. */
export function add(spans, start, end) {
  if (end <= start) return spans;
  const result = [];
  let [s, e] = [start, end];
  for (const [a, b] of spans) {
    if (b < s || a > e) result.push([a, b]);
    else [s, e] = [Math.min(s, a), Math.max(e, b)];
  }
  result.push([s, e]);
  return result.sort((one, other) => one[0] - other[0]);
}

/** Return the share of `start` to `end` that lies in the spans, 0 to 1. */
export function share(spans, start, end) {
  if (end <= start) return 1;
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle][1] <= start) low = middle + 1;
    else high = middle;
  }
  let inside = 0;
  for (let i = low; i < spans.length && spans[i][0] < end; i += 1) inside += Math.min(end, spans[i][1]) - Math.max(start, spans[i][0]);
  return Math.min(1, inside / (end - start));
}
