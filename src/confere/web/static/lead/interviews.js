// The register: interviews by site and date; who by code; which recordings belong to one, in which order.

import { get, post } from "../api.js";
import { el, fill } from "../dom.js";
import { clock, t } from "../words.js";
import { acts, begin, button, done, field, sheetForm, table, tags } from "./common.js";

const page = begin(() => get("/api/interviews"), draw);
const isLead = document.querySelector(`.places a[href="/audit"]`) !== null;
let known = null;

function draw(now) {
  known = now;
  return [
    now.changes ? el("div", { class: "toolbar" }, button(t("interviews.add"), "", () => edit(null), "add", "main")) : el("p", { class: "note", text: t("interviews.not-yours") }),
    now.interviews.length ? list(now.interviews) : el("p", { class: "faint", text: t("interviews.none") }),
  ];
}

const list = (all) => table(t("nav.interviews"), [t("interviews.site"), t("interviews.date"), t("interviews.participants"), t("interviews.recordings"), t("interviews.consent"), ""], all.map(line));

function line(one) {
  const recordings = el("span", {}, one.recordings.map((r, at) => [at ? ", " : "", el("a", { href: `/recordings/${r.id}`, "aria-label": t("interviews.part-of", { part: r.part, of: named(one) }), text: `${r.part} (${clock(r.duration_ms)})` })]).flat());
  const buttons = [];
  if (known.changes) buttons.push([t("interviews.edit"), t("interviews.edit-one", { name: named(one) }), () => edit(one), `edit-${one.id}`]);
  if (isLead) buttons.push([t("interviews.custody"), `${t("interviews.custody")}: ${named(one)}`, () => location.assign(`/custody/${one.id}`)]);
  return [one.site || t("interviews.no-site"), one.date || t("interviews.no-date"), tags(...one.participants), one.recordings.length ? recordings : t("interviews.notes-only"), one.consent, acts(...buttons)];
}

const named = ({ site, date, id }) => [site, date].filter(Boolean).join(" · ") || id.slice(0, 4);
const many = (text) => text.split(/[,;\n]/).map((one) => one.trim()).filter(Boolean);

function edit(one) {
  const blank = { site: "", date: "", participants: [], interviewers: [], interpreter: "", languages: [], consent: "", notes: "", recordings: [], version: 0, id: "" };
  const it = { ...blank, ...one };
  if (!it.version) it.languages = known.languages; // as they usually are; nothing is said before somebody saves
  const parts = chooser(it);
  const listed = (name) => it[name].join(", ");
  const content = [
    el("div", { class: "row" }, field(t("interviews.site"), "site", { value: it.site, autofocus: true }), field(t("interviews.date"), "date", { kind: "date", value: it.date, max: "2999-12-31" })),
    field(t("interviews.participants"), "participants", { value: listed("participants"), hint: t("interviews.codes-hint") }),
    el("div", { class: "row" }, field(t("interviews.interviewers"), "interviewers", { value: listed("interviewers"), hint: t("interviews.comma") }), field(t("interviews.interpreter"), "interpreter", { value: it.interpreter })),
    el("div", { class: "row" }, field(t("interviews.languages"), "languages", { value: listed("languages"), hint: t("interviews.languages-hint") }), field(t("interviews.consent"), "consent", { value: it.consent })),
    field(t("interviews.notes"), "notes", { kind: "area", value: it.notes, hint: t("interviews.notes-hint") }),
    parts.element,
    one?.version ? el("p", { class: "faint", text: t("interviews.last", { by: one.by, version: one.version }) }) : null,
  ];
  sheetForm(one ? t("interviews.edit-one", { name: named(one) }) : t("interviews.add"), content, t("interviews.save"), async (sent) => {
    const fields = { site: sent.site, date: sent.date, interpreter: sent.interpreter, consent: sent.consent, notes: sent.notes };
    for (const name of ["participants", "interviewers", "languages"]) fields[name] = many(sent[name]);
    const answer = await post("/api/interviews", { interview: it.id, version: it.version, fields, recordings: parts.chosen() });
    page.show(answer);
    const found = Object.entries(answer.named).map(([name, words]) => `${t(`interviews.${name}`)}: ${words.join(", ")}`);
    done(found.length ? t("interviews.named", { found: found.join("; ") }) : t("interviews.saved"));
  }, { wide: true });
}

// Which recordings, in which order: by buttons, so by keyboard. What is signed stays.
function chooser(it) {
  const all = new Map(known.interviews.flatMap((one) => one.recordings.map((r) => [r.id, { ...r, of: named(one) }])));
  const before = it.recordings.map((r) => r.id);
  let chosen = [...before];
  const body = el("div", {});
  const name = (id) => `${all.get(id).of} · ${t("interviews.part", { part: all.get(id).part })} · ${clock(all.get(id).duration_ms)}`;
  const show = (focus = "") => {
    const row = (id, at) => {
      const fixed = all.get(id).signed;
      const move = (to, sign, spoken) => el("button", { type: "button", class: "quiet round", id: `${sign}-${id}`, disabled: fixed || to < 0 || to >= chosen.length || all.get(chosen[to]).signed, "aria-label": `${t(spoken)}: ${name(id)}`, text: sign, on: { click: () => ((chosen = moved(chosen, at, to)), show(`${sign}-${id}`)) } });
      return el("li", {}, el("span", { text: name(id) }), fixed ? el("span", { class: "tag plain", text: t("interviews.signed") }) : [move(at - 1, "↑", "interviews.earlier"), move(at + 1, "↓", "interviews.later"), button(t("interviews.take-out"), `${t("interviews.take-out")}: ${name(id)}`, () => ((chosen = chosen.filter((other) => other !== id)), show()))]);
    };
    const others = [...all.keys()].filter((id) => !chosen.includes(id) && (!all.get(id).signed || before.includes(id)));
    const pick = el("select", { "aria-label": t("interviews.put-in") }, el("option", { value: "", text: t("interviews.put-in") }), others.map((id) => el("option", { value: id, text: name(id) })));
    pick.addEventListener("change", () => pick.value && (chosen.push(pick.value), show()));
    fill(body, chosen.length ? el("ol", { class: "ordered", "aria-label": t("interviews.recordings") }, chosen.map(row)) : el("p", { class: "faint", text: t("interviews.notes-only") }), others.length ? el("p", {}, pick) : null);
    if (focus) (body.querySelector(`#${CSS.escape(focus)}:not(:disabled)`) ?? body.querySelector("select"))?.focus();
  };
  show();
  return { element: el("div", { role: "group", "aria-label": t("interviews.recordings") }, el("p", { class: "label-like", text: t("interviews.recordings") }), body), chosen: () => (chosen.join() === before.join() ? null : chosen) };
}

function moved(ids, from, to) {
  const all = [...ids];
  all.splice(to, 0, ...all.splice(from, 1));
  return all;
}

