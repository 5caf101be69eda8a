// Who is in the study: add, take out; its machines; its settings; one's own passphrase.

import { get, post } from "../api.js";
import { el, meta } from "../dom.js";
import { t, word } from "../words.js";
import { moment } from "../words.js";
import { acts, begin, block, boxes, button, done, field, form, sheetForm, table, tags } from "./common.js";

const me = meta("me");
const page = begin(() => get("/api/people"), draw);

function draw({ people, roles, machines, roster, settings, lead }) {
  const names = (person) => tags(...person.roles.map((role) => word("role", role)));
  const rows = people.map((person) => [
    person.name,
    names(person),
    t(person.reads ? "people.reads" : "people.reads-not"),
    lead && person.name !== me ? acts([t("people.remove"), t("people.remove-one", { name: person.name }), () => remove(person)]) : "",
  ]);
  return [
    lead ? el("div", { class: "toolbar" }, button(t("people.add"), "", () => add(roles), "add", "main")) : null,
    block(t("people.list"), table(t("people.list"), [t("people.name"), t("people.roles"), t("people.can"), ""], rows)),
    el("p", { class: "faint" }, t("people.roster", { version: roster.version }), " ", el("span", { class: "digest", text: grouped(roster.sha256) })),
    block(t("people.own"), el("p", { text: t("people.own-said") }), own()),
    machinery(machines, lead),
    settled(settings, lead),
  ];
}

function add(roles) {
  const content = [
    field(t("people.name"), "name", { required: true, hint: t("people.name-hint"), autocapitalize: "none" }),
    boxes(t("people.roles"), "roles", roles.map((role) => [role, `${word("role", role)}: ${t(`people.does-${role}`)}`])),
    el("p", { class: "note", text: t("people.hand-over") }),
    field(t("people.passphrase"), "passphrase", { kind: "password", required: true, autocomplete: "new-password" }),
    field(t("people.again"), "again", { kind: "password", required: true, autocomplete: "new-password" }),
  ];
  sheetForm(t("people.add"), content, t("people.add-go"), async ({ name, roles: chosen, passphrase, again }) => {
    if (passphrase !== again) throw new Error(t("people.differ"));
    page.show(await post("/api/people", { name, roles: chosen, passphrase }));
    done(t("people.added", { name: name.trim() }));
  });
}

function remove({ name, reads }) {
  const content = [
    el("p", { text: t("people.remove-does") }),
    el("p", { class: "note warning", text: t("people.remove-does-not") }),
    reads ? el("p", { text: t("people.remove-others") }) : null,
    field(t("people.type-name", { name }), "typed", { required: true, autocapitalize: "none" }),
  ];
  sheetForm(t("people.remove-one", { name }), content, t("people.remove-go"), async ({ typed }) => {
    if (typed.trim() !== name) throw new Error(t("people.typed-not", { name }));
    const answer = await post("/api/people/remove", { name, typed });
    page.show(answer);
    done(t(answer.finished ? "people.removed" : "people.removed-not-finished", { name }));
  });
}

function own() {
  const open = () => {
    const secret = (label, name, more) => field(t(label), name, { kind: "password", required: true, ...more });
    const content = [secret("people.old", "old", { autocomplete: "current-password" }), secret("people.new", "fresh", { autocomplete: "new-password" }), secret("people.again", "again", { autocomplete: "new-password" }), el("p", { class: "faint", text: t("people.own-after") })];
    sheetForm(t("people.own"), content, t("people.own-go"), async ({ old, fresh, again }) => {
      if (fresh !== again) throw new Error(t("people.differ"));
      await post("/api/passphrase", { old, new: fresh });
      done(t("people.own-done"));
    });
  };
  return button(t("people.own-go"), "", open, "own");
}

function machinery(machines, lead) {
  const certify = (name) => sheetForm(t("people.certify"), [el("p", { text: t("people.certify-said") }), el("p", { class: "digest", text: name })], t("people.certify"), async () => {
    const answer = await post("/api/machines/certify", { name });
    page.show(answer);
    done(t("people.certified", { n: answer.taken_in }));
  });
  const leave = (name) => sheetForm(t("people.uncertify"), [el("p", { text: t("people.uncertify-said") }), el("p", { class: "digest", text: name })], t("people.uncertify"), async () => {
    page.show(await post("/api/machines/remove", { name }));
    done(t("people.uncertified"));
  });
  const rows = machines.map(({ name, certified }) => [
    el("span", { class: "digest", text: name }),
    el("span", { class: certified ? "tag good" : "tag", text: t(certified ? "people.is-certified" : "people.waits") }),
    lead ? acts([t(certified ? "people.uncertify" : "people.certify"), `${t(certified ? "people.uncertify" : "people.certify")}: ${name}`, () => (certified ? leave : certify)(name)]) : "",
  ]);
  return block(t("people.machines"), el("p", { text: t("people.machines-said") }), rows.length ? table(t("people.machines"), [t("people.name"), t("people.state"), ""], rows) : el("p", { class: "faint", text: t("people.no-machines") }));
}

function settled({ sha256, values, approved, approved_sha256, read_anew }, lead) {
  const others = values.filter((one) => !one.default);
  const lines = (some) => table(t("people.settings"), [t("people.key"), t("people.value")], some.map(({ key, value }) => [el("code", { text: key }), el("code", { text: value })]));
  const approve = form([], t("people.approve"), async () => {
    page.show(await post("/api/settings/approve", { sha256 }));
    done(t("people.approved"));
  });
  const state = read_anew ? el("p", { class: "note warning", text: t("people.settings-changed") }) : approved ? el("p", { class: "note fine", text: t("people.settings-approved", { by: approved.by, at: moment(approved.at) }) }) : el("p", { class: "note wrong", text: t("people.settings-not-approved") });
  return block(
    t("people.settings"),
    el("p", { text: t("people.settings-said") }),
    state,
    !approved && approved_sha256 ? el("p", {}, t("people.settings-last"), " ", el("span", { class: "digest", text: grouped(approved_sha256) })) : null,
    others.length ? [el("h3", { text: t("people.settings-differ") }), lines(others)] : el("p", { class: "faint", text: t("people.settings-default") }),
    el("details", {}, el("summary", { text: t("people.settings-all") }), lines(values)),
    el("p", { class: "faint" }, "SHA-256 ", el("span", { class: "digest", text: grouped(sha256) })),
    lead && !approved && !read_anew ? approve : null,
  );
}

const grouped = (digest) => digest.match(/.{1,8}/g)?.join(" ") ?? "";
