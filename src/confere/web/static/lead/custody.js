// The custody of one recording or interview: what happened, in the order of the log, in words.

import { get, post } from "../api.js";
import { el, meta } from "../dom.js";
import { day, has, number, t, timeOfDay, tn } from "../words.js";
import { begin, block, button, done, download, table, told } from "./common.js";

const given = meta("given");
begin(() => get(`/api/custody/${given}`), draw);

// What weighs most in the life of a recording; the rest is the work in between.
const WEIGHTY = new Set(["offload", "take in", "draft", "sign", "reopen", "export", "destroy", "belong"]);

function draw({ interview, recordings, events, log_size }) {
  const wrong = events.filter((one) => !one.holds);
  const rows = recordings.map(({ recording, name }) => [el("a", { href: `/recordings/${recording}`, text: name }), el("span", { class: "digest", text: recording }), button(t("custody.prove"), `${t("custody.prove")}: ${name}`, () => prove(recording))]);
  let before = "";
  const items = runs(events).map((run) => {
    const date = run[0].at.slice(0, 10);
    const head = date === before ? null : el("li", { class: "day" }, el("h3", { text: `${day(date)} ${date.slice(0, 4)}` }));
    before = date;
    return [head, item(run)];
  });
  return [
    el("p", { class: wrong.length ? "note wrong" : "note fine", text: wrong.length ? tn("custody.wrong", wrong.length) : t("custody.holds", { n: number(events.length), size: number(log_size) }) }),
    block(t("custody.recordings"), el("p", { text: t("custody.prove-said") }), rows.length ? table(t("custody.recordings"), [t("plan.recording"), t("custody.id"), ""], rows) : el("p", { class: "faint", text: t("interviews.notes-only") })),
    block(t("custody.happened"), el("ol", { class: "timeline" }, items.flat())),
    interview ? el("p", {}, el("a", { href: "/interviews", text: t("nav.interviews") })) : null,
  ];
}

/** Acts of one person on one day, of one kind and one after the other, are one line. */
function runs(events) {
  const found = [];
  for (const event of events) {
    const last = found.at(-1)?.[0];
    const same = last && last.what === event.what && last.by === event.by && last.at.slice(0, 10) === event.at.slice(0, 10) && last.holds === event.holds && !WEIGHTY.has(event.what);
    if (same) found.at(-1).push(event);
    else found.push([event]);
  }
  return found;
}

function item(run) {
  const [first] = run;
  const last = run.at(-1);
  const name = `custody.what.${first.what}`;
  const shown = { ...first.of, sha256: String(first.of.sha256 ?? "").slice(0, 12), size: number(first.of.size_bytes ?? 0) };
  const words = has(name) ? t(name, shown) : first.what;
  const when = run.length > 1 ? `${timeOfDay(first.at)}–${timeOfDay(last.at)}` : timeOfDay(first.at);
  const place = ({ place: at }) => (at === null ? t("custody.not-yet") : number(at + 1));
  const facts = el("details", {}, el("summary", { text: run.length > 1 ? tn("custody.each", run.length) : t("custody.facts") }), run.map((one) => el("dl", {}, el("dt", { text: t("custody.entry") }), el("dd", { text: `${place(one)} · ${one.at}` }), Object.entries(one.of).map(([key, value]) => [el("dt", { text: key }), el("dd", { class: "digest", text: String(value) })]))));
  return el("li", { class: [WEIGHTY.has(first.what) && "weighty", !first.holds && "wrong"].filter(Boolean).join(" ") }, el("p", {}, el("span", { class: "when", text: `${when} ` }), el("b", { text: first.by }), ` ${words}`, run.length > 1 ? ` (${tn("custody.times", run.length)})` : null), first.holds ? null : el("p", { class: "problem", text: t("custody.does-not-hold") }), facts);
}

async function prove(recording) {
  try {
    const found = await post(`/api/custody/${recording}/proof`);
    download(`custody-${recording}.json`, found.proof, "application/json");
    done(t("custody.proved", { digest: found.roster_sha256 }));
  } catch (trouble) {
    done(told(trouble));
  }
}
