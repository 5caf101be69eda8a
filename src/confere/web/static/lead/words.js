// The study's words: the list, what a change of it touches, and what corrections propose for it.

import { get, post } from "../api.js";
import { el, fill } from "../dom.js";
import { openSheet } from "../sheet.js";
import { moment, number, t, tn, word } from "../words.js";
import { acts, begin, button, done, download, field, problem, sheetForm, table, textOf, told } from "./common.js";

const KINDS = ["required", "forbidden", "keep"];
const page = begin(() => get("/api/words"), draw);
let wanted = "";
let list = null;

function draw(now) {
  list = now;
  const search = el("input", { type: "search", id: "search", value: wanted, "aria-label": t("words.search"), placeholder: t("words.search"), autocomplete: "off", spellcheck: "false" });
  const body = el("div", {});
  const show = () => {
    wanted = search.value;
    const needle = wanted.toLocaleLowerCase();
    const rows = now.entries.map((entry, at) => [entry, at + 1]).filter(([entry]) => `${entry.source}\n${entry.target}\n${entry.note}`.toLocaleLowerCase().includes(needle));
    fill(body, rows.length ? table(t("words.list"), [t("words.said-there"), t("words.translated"), t("words.status"), t("words.note"), ""], rows.map(row)) : el("p", { class: "faint", text: t(now.entries.length ? "words.none-found" : "words.none") }));
  };
  search.addEventListener("input", show);
  show();
  return [
    touchedBy(now),
    el("div", { class: "toolbar" }, search, now.changes ? [button(t("words.add"), "", () => edit(), "add", "main"), button(t("words.import"), "", bring), button(t("words.proposals"), "", proposals, "proposals")] : null, button(t("words.export"), "", take), button(t("words.history"), "", history)),
    now.changes ? null : el("p", { class: "note", text: t("words.not-yours") }),
    body,
    el("p", { class: "faint", text: now.version ? `${tn("words.count", now.entries.length)} · ${t("words.version", { version: now.version, by: now.by, at: moment(now.at) })}` : "" }),
  ];
}

const row = ([entry, at]) => [entry.source, entry.target || "–", word("words.status", entry.status), entry.note, list.changes ? acts([t("words.edit"), t("words.edit-one", { word: entry.source }), () => edit(entry, at), `edit-${at}`], [t("words.remove"), t("words.remove-one", { word: entry.source }), () => remove(entry, at)]) : ""];

function fields(entry = { source: "", target: "", status: "required", note: "" }) {
  return [
    field(t("words.said-there"), "source", { value: entry.source, required: true, autofocus: true }),
    field(t("words.status"), "status", { kind: KINDS.map((one) => [one, t(`words.status-${one}`)]), value: entry.status }),
    field(t("words.translated"), "target", { value: entry.target, hint: t("words.target-hint") }),
    field(t("words.note"), "note", { value: entry.note }),
  ];
}

const cleaned = ({ source, target, status, note }) => ({ source, status, note, target: status === "keep" ? "" : target });

function edit(entry, at) {
  const { version } = list;
  sheetForm(entry ? t("words.edit-one", { word: entry.source }) : t("words.add"), [...fields(entry), el("p", { class: "faint", text: t("words.for-ever") })], t("words.save"), async (sent) => {
    const body = { entry: cleaned(sent), version };
    changed(await (entry ? post("/api/words/edit", { ...body, number: at }) : post("/api/words", body)));
  });
}

function remove(entry, at) {
  const { version } = list;
  sheetForm(t("words.remove-one", { word: entry.source }), [el("p", { text: t("words.remove-said") })], t("words.remove"), async () => changed(await post("/api/words/remove", { number: at, version })));
}

function changed(answer) {
  page.show(answer);
  done(answer.added.length || answer.removed.length ? t("words.saved", { version: answer.version }) : t("words.same"));
}

function bring() {
  const { version } = list;
  const file = field(t("words.file"), "file", { kind: "file", accept: ".csv,text/csv,text/plain", hint: t("words.file-hint") });
  const whole = el("label", { class: "choice" }, el("input", { type: "checkbox", name: "replace" }), t("words.replace"));
  sheetForm(t("words.import"), [file, whole], t("words.import"), async ({ replace }, made) => {
    changed(await post("/api/words/import", { text: await textOf(made.querySelector("input[type=file]")), replace, version }));
  });
}

async function take() {
  const { csv } = await get("/api/words/export");
  download("words.csv", csv, "text/csv");
  done(t("words.exported"));
}

async function history() {
  const versions = await get("/api/words/history");
  const line = (sign) => (entry) => el("li", {}, el(sign === "+" ? "ins" : "del", { text: [entry.source, entry.target && `→ ${entry.target}`].filter(Boolean).join(" ") }), ` ${word("words.status", entry.status)}`);
  openSheet(t("words.history"), () => el("div", { class: "stack" }, versions.map((one) => el("section", {}, el("h3", { text: t("words.version", { version: one.version, by: one.by, at: moment(one.at) }) }), el("ul", {}, one.removed.map(line("-")), one.added.map(line("+"))))), versions.length ? null : el("p", { text: t("words.none") })), { wide: true });
}

// What a change touches: counted when it is made, and shown, with a link, where somebody asks.
function touchedBy({ touched, version }) {
  if (!touched?.length) return null;
  const one = ({ recording, name, segments, verified }) => {
    const inside = el("ul", { class: "stack" });
    const details = el("details", {}, el("summary", { text: [name, tn("words.touched", segments), verified ? tn("words.touched-verified", verified) : ""].filter(Boolean).join(" · ") }), inside);
    details.addEventListener("toggle", async () => {
      if (!details.open || inside.childElementCount) return;
      try {
        const found = await post("/api/words/touched", { recording, since: Math.max(0, version - 1) });
        fill(inside, found.segments.map((s) => el("li", {}, el("a", { href: `/recordings/${found.recording}#${s.segment}`, text: t("words.segment", { number: number(s.number) }) }), ` ${s.source}`, el("br"), el("span", { class: "faint", text: s.target }))));
      } catch (trouble) {
        fill(inside, problem(trouble));
      }
    });
    return details;
  };
  return el("section", { class: "note", "aria-label": t("words.touches") }, el("p", { class: "strong", text: t("words.touches") }), el("p", { class: "faint", text: t("words.touches-said") }), touched.map(one));
}

// Proposals: the first waits with the focus, Enter takes it, and the next one comes.
async function proposals() {
  const found = await post("/api/words/proposals").catch((trouble) => trouble);
  if (found instanceof Error) return openSheet(t("words.proposals"), () => problem(found));
  let left = found.proposals;
  let latest = null;
  await openSheet(t("words.proposals"), () => {
    const body = el("div", { class: "stack" });
    const next = (text) => {
      if (text) done(text);
      if (!left.length) {
        fill(body, el("p", { text: t("words.no-proposals") }));
        return;
      }
      const [one, ...rest] = left;
      const target = field(t("words.translated"), "target", { value: one.target, hint: one.side === "source" ? t("words.misheard") : "" });
      const status = field(t("words.status"), "status", { kind: KINDS.map((kind) => [kind, t(`words.status-${kind}`)]), value: one.status });
      const wrong = el("p", { class: "problem", role: "alert" });
      const form = el("form", { class: "fields" }, el("p", {}, el("del", { text: one.before }), " ", el("ins", { text: one.after })), el("p", { class: "faint", text: `${tn("words.times", one.segments)} · ${tn("words.in-recordings", one.recordings)}` }), el("p", { class: "strong", text: one.source }), target, status, wrong, el("div", { class: "buttons" }, el("button", { type: "submit", class: "main" }, t("words.accept"), el("kbd", { text: "Enter" })), button(t("words.skip"), "", () => ((left = rest), next()))));
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        try {
          latest = await post("/api/words/accept", { key: one.key, target: form.target_().value, status: form.status_().value });
          left = rest;
          next(t("words.accepted", { word: one.source }));
        } catch (trouble) {
          wrong.textContent = told(trouble);
        }
      });
      form.target_ = () => form.querySelector("[name=target]");
      form.status_ = () => form.querySelector("[name=status]");
      fill(body, el("p", { class: "faint", text: tn("words.proposals-left", left.length) }), form);
      // Enter takes it; where nobody has said the translation yet, it is asked for first.
      queueMicrotask(() => (one.target || one.status === "keep" ? form.querySelector("button.main") : form.target_()).focus());
    };
    next();
    return body;
  });
  if (latest) page.show(latest);
}

