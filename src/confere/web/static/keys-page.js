// The page of the keys: press a key to bind it; settings of playing; and what a pedal sends.

import "./frame.js";
import { el, fill, icon } from "./dom.js";
import { ACTIONS, bindings, chord, chosen, keep, pretty, settings, SETTINGS } from "./keys.js";
import { say } from "./live.js";
import { keepLocked } from "./lock.js";
import { t } from "./words.js";

const list = document.getElementById("keys");
const tried = document.getElementById("pedal-heard");
let waits = null; // the action that waits for its key

const kbd = (name) => el("kbd", { text: pretty(name).join(" ") });

function draw(focus = null) {
  const now = bindings();
  const groups = [...new Set(ACTIONS.map(([group]) => group))];
  fill(
    list,
    groups.map((group) =>
      el("section", { class: "block" }, el("h2", { text: t(`keys.${group}`) }), el("table", { class: "binding" }, el("tbody", {}, ACTIONS.filter(([own]) => own === group).map(([, name, usual]) => line(name, now.get(name), usual))))),
    ),
    el("button", { type: "button", text: t("keys.reset"), on: { click: () => put(null) } }),
  );
  if (focus) list.querySelector(`[data-add="${focus}"]`)?.focus();
}

function line(name, keys, usual) {
  const drop = (key) => el("button", { type: "button", class: "quiet key", title: t("keys.drop"), "aria-label": t("keys.drop-one", { key, act: t(`key.${name}`) }), on: { click: () => set(name, keys.filter((other) => other !== key)) } }, kbd(key), icon("close"));
  const differs = keys.join() !== usual.join();
  const add = el("button", { type: "button", class: "quiet", data: { add: name }, "aria-label": t("keys.add-to", { act: t(`key.${name}`) }), text: waits === name ? t("keys.press") : t("keys.add"), on: { click: () => begin(name) } });
  return el("tr", { class: waits === name ? "waits" : "" }, el("th", { scope: "row", text: t(`key.${name}`) }), el("td", {}, keys.map(drop), add, differs ? el("button", { type: "button", class: "quiet", text: t("keys.usual"), on: { click: () => set(name, null) } }) : null));
}

function begin(name) {
  waits = waits === name ? null : name;
  draw(name);
  if (waits) say(t("keys.press"));
}

function set(name, keys) {
  const now = chosen();
  if (keys) now.keys[name] = keys;
  else delete now.keys[name];
  keep(now);
  waits = null;
  draw(name);
}

function put(all) {
  keep(all ?? {});
  draw();
  drawSettings();
}

document.addEventListener(
  "keydown",
  (event) => {
    const name = chord(event);
    if (!name) return;
    if (!waits) {
      if (/^F\d+$/.test(name) || types(event)) tried.replaceChildren(t("pedal.heard"), " ", kbd(name));
      return;
    }
    if (name === "Tab" || name === "Shift+Tab") return void (waits = null);
    event.preventDefault();
    event.stopPropagation();
    const taken = [...bindings()].find(([other, keys]) => other !== waits && keys.includes(name));
    const now = chosen();
    // A key does one thing: whoever had it before lets go of it, and that is said.
    if (taken) now.keys[taken[0]] = taken[1].filter((key) => key !== name);
    now.keys[waits] = [...new Set([...bindings().get(waits), name])];
    const said = taken ? t("keys.moved", { key: pretty(name).join(" "), act: t(`key.${taken[0]}`) }) : t("keys.bound", { key: pretty(name).join(" ") });
    const focus = waits;
    waits = null;
    keep(now);
    draw(focus);
    say(said);
  },
  true,
);

const types = (event) => event.target === document.body;

function drawSettings() {
  const now = settings();
  const change = (name, value) => {
    const all = chosen();
    if (value === SETTINGS[name]) delete all.settings[name];
    else all.settings[name] = value;
    keep(all);
  };
  const numeric = (name, max) =>
    el("p", { class: "setting" }, el("label", { for: name, text: t(`setting.${name}`) }), el("input", { id: name, type: "number", min: "0", max, step: "0.5", value: now[name] / 1000, on: { change: (event) => change(name, Math.round(Number(event.target.value) * 1000)) } }));
  const choice = (name, values) =>
    el("fieldset", { class: "choices" }, el("legend", { text: t(`setting.${name}`) }), values.map((value) => el("label", { class: "choice" }, el("input", { type: "radio", name, value, checked: now[name] === value, on: { change: () => change(name, value) } }), el("span", { text: t(`setting.${name}.${value}`) }))));
  fill(document.getElementById("settings"), numeric("rewind_ms", "10"), numeric("step_ms", "60"), choice("click", ["first", "never"]), choice("sound", ["keep", "play"]));
}

keepLocked();
draw();
drawSettings();
