// How much is verified: the plan in words, another one, and what came of it in each recording.

import { get, post } from "../api.js";
import { el, fill } from "../dom.js";
import { openSheet } from "../sheet.js";
import { language, moment, t, tn } from "../words.js";
import { acts, begin, block, done, field, form, problem, table } from "./common.js";

const page = begin(() => get("/api/plan"), draw);
const percent = (n) => `${new Intl.NumberFormat(language === "pt" ? "pt-BR" : "en-GB", { maximumFractionDigits: 1 }).format(n)} %`;
const read = (text) => Number(String(text).trim().replace(",", "."));

function draw({ in_force, before, recordings, lead, draws }) {
  const by = in_force.number ? t("plan.by", { by: in_force.by, at: moment(in_force.at) }) : t("plan.by-nobody");
  return [
    block(t("plan.now"), el("p", { class: "note", text: inWords(in_force) }), el("p", { class: "faint", text: by })),
    lead ? block(t("plan.other"), el("p", { text: t("plan.other-said") }), sampled(), full(in_force)) : null,
    block(t("plan.recordings"), recordings.length ? table(t("plan.recordings"), [t("plan.recording"), t("plan.bound-to"), t("plan.seed"), ""], recordings.map((one) => line(one, draws))) : el("p", { class: "faint", text: t("plan.no-recordings") })),
    before.length ? block(t("plan.before"), el("ul", {}, before.map((one) => el("li", { text: `${inShort(one)} · ${t("plan.by", { by: one.by, at: moment(one.at) })}` })))) : null,
  ];
}

const inShort = ({ full: all, share, bound }) => (all ? t("plan.full") : t("plan.short", { share: percent(share), bound: percent(bound) }));

function inWords(plan) {
  if (plan.full) return t("plan.full-means");
  return `${t("plan.means", { share: percent(plan.share), bound: percent(plan.bound) })} ${t("plan.least", plan)}`;
}

function sampled() {
  const meaning = el("p", { class: "note", role: "status", hidden: true });
  const made = form(
    [el("div", { class: "row" }, field(t("plan.share"), "share", { inputmode: "decimal", required: true, hint: t("plan.share-hint") }), field(t("plan.bound"), "bound", { inputmode: "decimal", required: true, hint: t("plan.bound-hint") })), meaning],
    t("plan.state"),
    async ({ share, bound }) => {
      page.show(await post("/api/plan", { share: read(share), bound: read(bound) }));
      done(t("plan.stated"));
    },
  );
  made.addEventListener("input", async () => {
    const [share, bound] = ["share", "bound"].map((name) => read(made.querySelector(`[name=${name}]`).value));
    meaning.hidden = true;
    if (!(share > 0 && bound > 0 && share < 100 && bound < 100)) return;
    try {
      const least = await post("/api/plan/means", { share, bound });
      meaning.textContent = inWords({ share, bound, ...least });
      meaning.hidden = false;
    } catch {
      // Told when it is stated.
    }
  });
  return made;
}

function full({ full: already }) {
  if (already) return null;
  return form([], t("plan.state-full"), async () => {
    page.show(await post("/api/plan", { share: 100, bound: 0 }));
    done(t("plan.stated"));
  }, { kind: "plain" });
}

function line({ recording, name, share, bound, shown_by, shown_at }, draws) {
  return [
    el("a", { href: `/recordings/${recording}`, text: name }),
    t("plan.short", { share: percent(share), bound: percent(bound) }),
    shown_by ? t("plan.by", { by: shown_by, at: moment(shown_at) }) : t("plan.secret"),
    acts([t("plan.look"), `${t("plan.look")}: ${name}`, () => look(recording, name)], ...(draws && !shown_by ? [[t("plan.draw"), `${t("plan.draw")}: ${name}`, () => draw_(recording, name)]] : [])),
  ];
}

const look = (recording, name) => show(name, () => get(`/api/plan/${recording}`));

function draw_(recording, name) {
  openSheet(t("plan.draw"), (close) => el("div", { class: "stack" }, el("p", { text: t("plan.draw-said") }), form([], t("plan.draw"), async () => {
    const found = await post(`/api/plan/${recording}/draw`);
    close();
    page.again();
    show(name, async () => found);
  }, { leave: () => close() })));
}

function show(name, ask) {
  openSheet(name, () => {
    const body = el("div", { class: "stack" }, el("p", { class: "faint", text: t("loading") }));
    ask().then((found) => fill(body, told(found)), (trouble) => fill(body, problem(trouble)));
    return body;
  });
}

function told({ bound, shown_by, segments, to_verify, marked, sample, checked, wrong, upper, outcome, seed }) {
  if (!bound) return el("p", { text: t("plan.bound-to-none") });
  if (!shown_by) return el("p", { text: t("plan.seed-secret") });
  return [
    el("p", { class: "note", text: t(`plan.outcome-${outcome}`) }),
    el("p", { text: t("plan.to-verify", { to_verify, segments, marked, sample }) }),
    el("p", { text: `${tn("plan.checked", checked)} ${tn("plan.wrong", wrong)}` }),
    upper === null ? null : el("p", { text: t("plan.upper", { upper: percent(upper * 100) }) }),
    el("p", { class: "faint" }, t("plan.seed-is"), " ", el("span", { class: "digest", text: seed })),
  ];
}
