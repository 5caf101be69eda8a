// The identity key: read only when somebody asks, because that it was read is told.

import { post } from "../api.js";
import { el } from "../dom.js";
import { t, tn } from "../words.js";
import { acts, begin, button, done, field, sheetForm, table, textOf } from "./common.js";

const page = begin(async () => null, draw);

function draw(names) {
  const tools = el("div", { class: "toolbar" }, button(t(names ? "names.again" : "names.show"), "", show, "show", names ? "" : "main"), button(t("names.add"), "", add, "add"), button(t("names.import"), "", bring));
  if (!names) return [el("p", { class: "note warning", text: t("names.told") }), tools];
  const rows = names.map((one) => [one.code, one.name, one.note, acts([t("names.remove"), t("names.remove-one", { name: one.name }), () => remove(one)])]);
  return [tools, names.length ? table(t("nav.names"), [t("names.code"), t("names.name"), t("names.note"), ""], rows) : el("p", { class: "faint", text: t("names.none") }), el("p", { class: "faint", text: tn("names.count", names.length) })];
}

async function show() {
  page.show(await post("/api/names"));
}

const after = async ({ count }) => {
  if (document.querySelector(".tabled")) await show();
  done(tn("names.kept", count));
};

function add() {
  const content = [field(t("names.name"), "name", { required: true, autofocus: true, hint: t("names.name-hint") }), field(t("names.code"), "code", { required: true, hint: t("names.code-hint") }), field(t("names.note"), "note")];
  sheetForm(t("names.add"), content, t("names.save"), async (sent) => after(await post("/api/names/add", sent)));
}

function bring() {
  const file = field(t("words.file"), "file", { kind: "file", accept: ".csv,text/csv,text/plain", hint: t("names.file-hint") });
  sheetForm(t("names.import"), [file], t("names.import"), async (_, made) => after(await post("/api/names/import", { text: await textOf(made.querySelector("input[type=file]")) })));
}

function remove({ name }) {
  sheetForm(t("names.remove-one", { name }), [el("p", { text: t("names.remove-said") })], t("names.remove"), async () => after(await post("/api/names/remove", { name })));
}
