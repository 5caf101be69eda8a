// What changed between two texts, by words: pure functions, so that they can be looked at alone.

const WORD = /\s+|[\p{L}\p{N}]+(?:[’'.,-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu;
const MOST = 2_000; // tokens of one side; beyond this the table would be too large, and the whole text is told as changed

/** Return `[[kind, text], …]`: kind is `same`, `gone` or `new`; in the order in which a reader meets them. */
export function compare(before, after) {
  if (before === after) return before ? [["same", before]] : [];
  const a = before.match(WORD) ?? [];
  const b = after.match(WORD) ?? [];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const [ma, mb] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const middle = ma.length > MOST || mb.length > MOST ? whole(ma, mb) : walk(ma, mb);
  return join([["same", a.slice(0, head).join("")], ...middle, ["same", a.slice(a.length - tail).join("")]]);
}

const whole = (a, b) => [
  ["gone", a.join("")],
  ["new", b.join("")],
];

// The longest common subsequence, by the textbook table; segments are sentences.
function walk(a, b) {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      table[at] = a[i] === b[j] ? table[at + width + 1] + 1 : Math.max(table[at + width], table[at + 1]);
    }
  }
  const found = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push(["same", a[i]]);
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || table[(i + 1) * width + j] >= table[i * width + j + 1])) {
      found.push(["gone", a[i]]);
      i += 1;
    } else {
      found.push(["new", b[j]]);
      j += 1;
    }
  }
  return found;
}

// Neighbours of a kind become one; a space alone between two changes belongs to both, so that phrases stay phrases.
function join(parts) {
  const bridged = [];
  let [gone, fresh] = ["", ""];
  const put = () => {
    if (gone) bridged.push(["gone", gone]);
    if (fresh) bridged.push(["new", fresh]);
    [gone, fresh] = ["", ""];
  };
  const kept = parts.filter(([, text]) => text);
  kept.forEach(([kind, text], place) => {
    if (kind === "gone") gone += text;
    else if (kind === "new") fresh += text;
    else if (!text.trim() && gone && fresh && place + 1 < kept.length && kept[place + 1][0] !== "same") {
      gone += text;
      fresh += text;
    } else {
      put();
      const last = bridged.at(-1);
      if (last?.[0] === "same") last[1] += text;
      else bridged.push(["same", text]);
    }
  });
  put();
  return bridged;
}

/** Draw a difference: struck through and underlined as well as coloured, and said to screen readers. */
export function draw(before, after, el, labels) {
  const box = el("p", { class: "difference" });
  for (const [kind, text] of compare(before, after)) {
    if (kind === "same") box.append(text);
    else {
      const said = el("span", { class: "unseen", text: ` [${kind === "gone" ? labels.gone : labels.added}: ` });
      box.append(el(kind === "gone" ? "del" : "ins", {}, said, text, el("span", { class: "unseen", text: "] " })));
    }
  }
  return box;
}
