// Home: what came back to me and why, what waits for me, what is said to me, what came in, what the machine drafts.

import "./frame.js";
import { get } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { keepLocked } from "./lock.js";
import { clock, day, duration, moment, number, t, tn, word } from "./words.js";

const AGAIN_MS = 20_000;
const place = document.getElementById("home");
let shown = "";

const open = ({ recording, segment }) => `/recordings/${recording}${segment ? `#${segment}` : ""}`;

function block(name, items, empty = null) {
  if (!items.length && !empty) return null;
  const body = items.length ? el("ul", { class: "cards" }, items) : el("p", { class: "faint", text: empty });
  return el("section", { class: `block ${name}`, "aria-labelledby": `h-${name}` }, el("h2", { id: `h-${name}` }, t(`home.${name}`), items.length ? el("span", { class: "count", text: items.length }) : null), body);
}

function waiting({ recording, name, duration_ms, stage, due, taken, todo, counts, comments, editing }) {
  const todos = [
    todo.correct && tn("todo.correct", todo.correct),
    todo.verify && tn("todo.verify", todo.verify),
    todo.sign && t("todo.sign"),
  ].filter(Boolean);
  const about = [word("stage", stage), clock(duration_ms), due && t("home.due", { day: day(due) }), taken.length && t("home.taken", { names: taken.map((one) => one.name).join(", ") }), comments && tn("sign.comment", comments), editing.length && t("sign.editing", { names: editing.join(", ") })];
  const all = Object.values(counts).reduce((a, b) => a + b, 0);
  const done = (counts.corrected ?? 0) + (counts.verified ?? 0);
  const meter = el("span", { class: "meter" });
  meter.style.setProperty("--part", `${all ? (100 * done) / all : 0}%`);
  return el("li", {}, el("a", { class: "card", href: open({ recording }) }, el("span", { class: "name", text: name }), el("span", { class: "todo", text: todos.join(" · ") || todo.why }), meter, el("span", { class: "faint", text: about.filter(Boolean).join(" · ") })));
}

function returned(one) {
  const { name, number: n, by, at, reason, kind, severity } = one;
  const head = t("home.returned-by", { by, when: moment(at), kind: word("kind", kind), severity: word("severity", severity) });
  return el("li", {}, el("a", { class: "card", href: open(one) }, el("span", { class: "name" }, icon("needs work"), n ? t("home.segment", { name, number: n }) : name), el("q", { text: reason }), el("span", { class: "faint", text: head })));
}

function addressed(one) {
  const { name, number: n, by, at, text } = one;
  return el("li", {}, el("a", { class: "card", href: open(one) }, el("span", { class: "name" }, icon("comment"), n ? t("home.segment", { name, number: n }) : name), el("q", { text }), el("span", { class: "faint", text: `${by} · ${moment(at)}` })));
}

function cameIn({ name, at, by, duration_ms, stage, detail }) {
  const about = [moment(at), by, duration(duration_ms), word("stage", stage)].filter(Boolean).join(" · ");
  return el("li", {}, el("div", { class: "card" }, el("span", { class: "name", text: name }), el("span", { class: "faint", text: about }), detail ? el("span", { class: "problem", text: detail }) : null));
}

// How far the machine is, where that is known; or what hinders it.
function drafting({ name, share, left_s, detail }) {
  const meter = typeof share === "number" ? el("span", { class: "meter" }) : null;
  meter?.style.setProperty("--part", `${Math.round(share * 100)}%`);
  const said = [meter && `${number(Math.round(share * 100))} %`, typeof left_s === "number" && t("home.left", { time: duration(left_s * 1000) })].filter(Boolean);
  const line = detail ? el("span", { class: "problem", text: detail }) : el("span", { class: "faint", text: said.join(" · ") || t("home.unknown") });
  return el("li", {}, el("div", { class: "card" }, el("span", { class: "name", text: name }), meter, line));
}

async function show() {
  let home;
  try {
    home = await get("/api/home");
  } catch (trouble) {
    if (!shown) fill(place, el("p", { class: "problem", text: trouble.said }));
    return;
  }
  const now = JSON.stringify(home);
  if (now === shown) return;
  shown = now;
  const held = document.activeElement?.closest?.("a.card")?.getAttribute("href");
  place.removeAttribute("aria-busy");
  fill(
    place,
    block("returned", home.returned.map(returned)),
    block("waiting", home.waiting.map(waiting), t("home.nothing")),
    block("addressed", home.addressed.map(addressed)),
    block("drafting", home.drafting.map(drafting)),
    block("came-in", home.came_in.map(cameIn)),
    block("signed", (home.signed ?? []).map(waiting)),
  );
  if (held) [...place.querySelectorAll("a.card")].find((a) => a.getAttribute("href") === held)?.focus();
}

keepLocked();
await show();
setInterval(() => document.hidden || show(), AGAIN_MS);
