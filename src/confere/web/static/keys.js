// The keys: what can be done by key, which keys do it, and what a key press means. Bindings are kept in this browser's
// localStorage: they hold no word of any interview.

import { has, t } from "./words.js";

const KEPT = "confere.keys";

/** Every action with its keys, in the order in which they are shown. `plain` keys count only where nothing can be typed. */
export const ACTIONS = [
  ["sound", "play", ["Escape", "Ctrl+Space"]],
  ["sound", "hold", ["F8"]],
  ["sound", "segment", ["Alt+V", "V"]],
  ["sound", "back", ["F1"]],
  ["sound", "forward", ["F2"]],
  ["sound", "slower", ["F3"]],
  ["sound", "faster", ["F4"]],
  ["way", "accept", ["Ctrl+Enter"]],
  ["way", "down", ["Alt+ArrowDown"]],
  ["way", "up", ["Alt+ArrowUp"]],
  ["way", "waiting", ["Alt+PageDown"]],
  ["way", "follow", ["Alt+P"]],
  ["way", "find", ["Ctrl+F"]],
  ["segment", "split", ["Ctrl+Shift+Enter"]],
  ["segment", "merge", ["Alt+M"]],
  ["segment", "undo", ["Alt+Z"]],
  ["segment", "speaker", ["Alt+0"]],
  ["segment", "starts", ["Alt+,"]],
  ["segment", "ends", ["Alt+."]],
  ["segment", "memory", ["Alt+T"]],
  ["segment", "comment", ["Alt+C"]],
  ["segment", "history", ["Alt+H"]],
  ["segment", "difference", ["Alt+G", "D"]],
  ["segment", "checks", ["Alt+K"]],
  ["verify", "return", ["Alt+R", "R"]],
  ["verify", "edit", ["Alt+X", "E"]],
  ["verify", "sign", ["Alt+Shift+S"]],
  ["page", "beside", ["Alt+B"]],
  ["page", "assign", ["Alt+A"]],
  ["page", "help", ["?", "Alt+?"]],
  ["page", "lock", ["Alt+L"]],
];

/** The nine keys of the speakers, in the order of the list that is shown. */
export const SPEAKER_KEYS = Array.from({ length: 9 }, (_, n) => `Alt+${n + 1}`);

/** Settings of playing, beside the keys: what they are when nobody chose. */
export const SETTINGS = { rewind_ms: 1500, step_ms: 3000, click: "first", sound: "keep" };

const NAMES = { " ": "Space", Esc: "Escape", Del: "Delete" };
const MODIFIERS = new Set(["Control", "Alt", "Shift", "Meta", "AltGraph", "Dead", "Unidentified", "Process"]);

/** Name a key press: `Ctrl+Shift+Enter`. A sign that Shift makes is the sign (`?`), and letters are those of the key's own layout. */
export function chord(event) {
  if (MODIFIERS.has(event.key) || event.isComposing) return "";
  let key = NAMES[event.key] ?? event.key;
  // With Alt some systems make another letter of the key; what is printed on it is meant.
  if (event.altKey && /^(Key[A-Z]|Digit\d)$/.test(event.code) && !(key.length === 1 && /[a-z0-9?,.]/i.test(key))) key = event.code.slice(-1);
  const letter = key.length === 1 && /\p{L}/u.test(key);
  if (key.length === 1) key = key.toUpperCase();
  const shift = event.shiftKey && (letter || key.length > 1);
  return [event.ctrlKey && "Ctrl", event.metaKey && "Meta", event.altKey && "Alt", shift && "Shift", key].filter(Boolean).join("+");
}

/** Whether a chord is one that types: it counts only where nothing can be typed. */
export const types = (name) => !/^(Ctrl|Alt|Meta)\+/.test(name) && !/^(Shift\+)?(F\d+|Escape|[A-Z][a-z]+[A-Za-z0-9]*)$/.test(name);

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

/** Keep what a person chose: `{keys: {action: [chord, …]}, settings: {…}}`, only what differs from the defaults. */
export function keep(chosen) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(chosen));
  } catch {
    // A browser that keeps nothing: the defaults hold.
  }
}

/** What a person chose, whole. */
export const chosen = () => ({ keys: {}, settings: {}, ...read() });

/** The keys of every action as they are now. */
export function bindings() {
  const { keys } = chosen();
  return new Map(ACTIONS.map(([, name, usual]) => [name, keys[name] ?? usual]));
}

/** The settings as they are now. */
export const settings = () => ({ ...SETTINGS, ...chosen().settings });

/** Return a function from chord to action. */
export function reader() {
  const found = new Map();
  for (const [name, keys] of bindings()) for (const key of keys) found.set(key, name);
  SPEAKER_KEYS.forEach((key, n) => found.has(key) || found.set(key, `speaker-${n}`));
  return (name) => found.get(name);
}

/** The parts of a chord as they are shown: arrows as signs, some names in the language of the page. */
export const pretty = (name) => name.split("+").map((part) => SIGNS[part] ?? (has(`key-name.${part}`) ? t(`key-name.${part}`) : part));
const SIGNS = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };
