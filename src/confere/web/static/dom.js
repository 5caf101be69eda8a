// Making elements: text is always set as text, so nothing that people wrote is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. `props`: `class`, `text`, `on` (listeners), `data`, and any attribute; null leaves one out. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "text") made.textContent = value;
    else if (name === "on") for (const [type, listen] of Object.entries(value)) made.addEventListener(type, listen);
    else if (name === "data") Object.assign(made.dataset, value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Draw one of the page's few signs; each has a shape of its own, so that none is told by its colour alone. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  if (FILLED.has(name)) path.setAttribute("class", "filled");
  svg.append(path);
  return svg;
}

const SHAPES = {
  draft: "M8 2.5a5.5 5.5 0 1 0 .01 0",
  edited: "M3 13l.6-2.8L11 2.8l2.2 2.2-7.4 7.4zM9.6 4.2l2.2 2.2",
  corrected: "M3 8.5l3.3 3.3L13 5",
  "needs work": "M6 3L2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7",
  verified: "M1.5 8.8l2.8 2.8L10 5.4M7.2 11.2l.6.6L14.5 5",
  locked: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  unverified: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0",
  error: "M8 2l6 11.5H2zM8 6v3.5M8 11.4v.3",
  warning: "M8 2.2l5.8 5.8L8 13.8 2.2 8zM8 5.2v3.4M8 10.4v.3",
  info: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 7.3v3.4M8 5v.3",
  comment: "M2.5 3.5h11v7.5H8l-3 2.5v-2.5H2.5z",
  person: "M8 8a2.6 2.6 0 1 0-.01 0M3 13.5c.4-2.6 2.3-4 5-4s4.6 1.4 5 4",
  unsure: "M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.9M8 12.3v.4",
  stale: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2.2 1.5",
  play: "M4.5 2.8v10.4L13 8z",
  pause: "M4.2 3h2.6v10H4.2zM9.2 3h2.6v10H9.2z",
  back: "M8 3.5L3 8l5 4.5zM13.5 3.5L8.5 8l5 4.5z",
  forward: "M8 3.5L13 8l-5 4.5zM2.5 3.5L7.5 8l-5 4.5z",
  next: "M8 2.5v10M4 8.8l4 4 4-4",
  find: "M7 2.8a4.2 4.2 0 1 0 .01 0M10.2 10.2l3.5 3.5",
  lock: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  keys: "M1.8 4h12.4v8.5H1.8zM4 6.5h.2M6.6 6.5h.2M9.2 6.5h.2M11.8 6.5h.2M4.8 10h6.4",
  close: "M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4",
  theme: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 2.5v11M8 4.5h3.6M8 7h4.9M8 9.5h4.6M8 12h2.6",
  sign: "M2.5 13.5h11M4 10.5c2-5 4-8 5-7.5s-2.5 7-1.5 7.3 1.8-2 2.6-2 .2 1.5 1 1.7 1.2-.3 2-.8",
  beside: "M2 3h12v10H2zM10 3v10",
};
const FILLED = new Set(["play", "pause", "back", "forward"]);

/** Put `children` in the place of everything in `parent`. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean));
  return parent;
}

/** What a `<meta name="confere-…">` of the page says, or an empty text. */
export function meta(name) {
  return document.querySelector(`meta[name="confere-${name}"]`)?.content ?? "";
}
