// Home: what came back to me and why, what waits for me, what is said to me, what came in, what the machine drafts.

import "./frame.js";
import { get } from "./api.js";
import { beginVersion, giveBack, isMine, showHolders, take } from "./assigning.js";
import { el, fill, icon, meta } from "./dom.js";
import { call } from "./live.js";
import { keepLocked } from "./lock.js";
import { clock, day, duration, moment, number, t, tn, word } from "./words.js";

const AGAIN_MS = 20_000;
const place = document.getElementById("home");
const wrong = document.getElementById("trouble");
let shown = "";
// What has the focus, to find it again where it was drawn anew.
const key = (one) => (place.contains(one) ? one.getAttribute("aria-label") || one.getAttribute("href") : null);

const open = ({ recording, segment }) => `/recordings/${recording}${segment ? `#${segment}` : ""}`;

function block(name, items, empty = null) {
  if (!items.length && !empty) return null;
  const body = items.length ? el("ul", { class: "cards" }, items) : el("p", { class: "faint", text: empty });
  return el("section", { class: `block ${name}`, "aria-labelledby": `h-${name}` }, el("h2", { id: `h-${name}` }, t(`home.${name}`), items.length ? el("span", { class: "count", text: items.length }) : null), body);
}

// A card that leads to a transcript, and beneath it what can be done without opening it.
const card = (one, content, acts = []) => el("li", { class: "card" }, el("a", { class: "face", href: open(one) }, content), acts.some(Boolean) ? el("div", { class: "buttons" }, acts) : null);
const about = (...parts) => el("span", { class: "faint", text: parts.filter(Boolean).join(" · ") });
const act = (text, name, does) => el("button", { type: "button", "aria-label": `${text}: ${name}`, text, on: { click: () => doing(does) } });

async function doing(does) {
  fill(wrong);
  try {
    await does();
  } catch (trouble) {
    fill(wrong, trouble.said);
    return call(trouble.said);
  }
  await show();
}

function meter(done, all) {
  const made = el("span", { class: "meter" });
  made.style.setProperty("--part", `${all ? (100 * done) / all : 0}%`);
  return made;
}

const waiting = (may) => (one) => {
  const { recording, name, duration_ms, stage, due, taken, todo, counts, comments } = one;
  const editing = one.editing.filter((who) => who !== meta("me"));
  const todos = [
    todo.correct && tn("todo.correct", todo.correct),
    todo.verify && tn("todo.verify", todo.verify),
    todo.sign && t("todo.sign"),
  ].filter(Boolean);
  const all = Object.values(counts).reduce((a, b) => a + b, 0);
  const done = (counts.corrected ?? 0) + (counts.verified ?? 0);
  const what = [
    el("span", { class: "name", text: name }),
    el("span", { class: "todo", text: todos.join(" · ") || (may.assigns ? word("stage", stage) : todo.why) }),
    meter(done, all),
    about(todos.length && word("stage", stage), clock(duration_ms), due && t("home.due", { day: day(due) }), taken.length && t("home.taken", { names: taken.map((each) => each.name).join(", ") }), comments && tn("sign.comment", comments), editing.length && t("sign.editing", { names: editing.join(", ") })),
  ];
  return card(one, what, [
    may.takes && todos.length && !isMine(taken) ? act(t("assign.take"), name, () => take(recording, name)) : null,
    isMine(taken) ? act(t("assign.give-back"), name, () => giveBack(recording, name)) : null,
    may.assigns ? act(t("assign.open"), name, () => showHolders(recording, name, may, taken)) : null,
  ]);
};

// What is signed: by whom and when; a new version is begun from here.
const signed = (may) => (one) => {
  const { recording, name, duration_ms, by, at, version } = one;
  const what = [
    el("span", { class: "name" }, icon("locked"), name),
    about(t("home.signed-by", { by, when: moment(at) }), clock(duration_ms), version > 1 && t("home.version", { version })),
  ];
  return card(one, what, [may.reopens ? act(t("reopen.open"), name, () => beginVersion(recording, name)) : null]);
};

function returned(one) {
  const { name, number: n, by, at, reason, kind, severity } = one;
  const head = t("home.returned-by", { by, when: moment(at), kind: word("kind", kind), severity: word("severity", severity) });
  return card(one, [el("span", { class: "name" }, icon("needs work"), n ? t("home.segment", { name, number: n }) : name), el("q", { text: reason }), about(head)]);
}

function addressed(one) {
  const { name, number: n, by, at, text } = one;
  return card(one, [el("span", { class: "name" }, icon("comment"), n ? t("home.segment", { name, number: n }) : name), el("q", { text }), about(by, moment(at))]);
}

function cameIn({ name, at, by, duration_ms, stage, detail }) {
  return el("li", { class: "card" }, el("span", { class: "name", text: name }), about(moment(at), by, duration(duration_ms), word("stage", stage)), detail ? el("span", { class: "problem", text: detail }) : null);
}

// How far the machine is, and how long it may still take; or what hinders it.
function drafting({ name, duration_ms, stage, by, seen_at, share, left_s, detail }) {
  const time = left_s === null ? null : duration(left_s * 1000);
  const percent = share === null ? null : t("home.percent", { percent: number(Math.floor(share * 100)) });
  const said = {
    waiting: () => [t("home.unknown"), time && t("home.takes", { time })],
    drafting: () => [t("home.transcribing"), percent, time && t("home.left", { time })],
    stopped: () => [t("home.stopped", { when: moment(seen_at) }), percent],
  }[stage]();
  return el(
    "li",
    { class: "card" },
    el("span", { class: "name", text: name }),
    share !== null && stage !== "stopped" ? meter(share, 1) : null,
    detail || stage === "stopped" ? el("span", { class: "problem", text: detail || said.filter(Boolean).join(" · ") }) : about(...said, clock(duration_ms), by && t("home.begun-by", { by })),
  );
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
  const held = document.activeElement;
  const [wanted, near] = [key(held), held?.closest?.(".card")?.querySelector("a")?.getAttribute("href")];
  place.removeAttribute("aria-busy");
  fill(
    place,
    block("returned", home.returned.map(returned)),
    block("waiting", home.waiting.map(waiting(home.me)), t("home.nothing")),
    block("addressed", home.addressed.map(addressed)),
    block("drafting", home.drafting.map(drafting)),
    block("came-in", home.came_in.map(cameIn)),
    block("others", home.others.map(waiting(home.me))),
    block("signed", home.signed.map(signed(home.me))),
  );
  if (!wanted) return;
  // What was pressed may be there no more; then the focus stays with its recording.
  const like = [...place.querySelectorAll("a, button")].find((one) => key(one) === wanted);
  const there = place.querySelector(`a[href="${near}"]`);
  (like ?? there?.parentElement.querySelector("button") ?? there ?? document.getElementById("main")).focus();
}

keepLocked();
await show();
setInterval(() => document.hidden || show(), AGAIN_MS);
