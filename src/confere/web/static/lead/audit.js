// The audit: begun with the passphrase, followed while it runs beside everything else, told in words.

import { get, post } from "../api.js";
import { el, fill } from "../dom.js";
import { say } from "../live.js";
import { has, number, t, tn } from "../words.js";
import { begin, block, button, field, form, problem, table } from "./common.js";

const AGAIN_MS = 1_000;
const page = begin(() => get("/api/audit/news"), draw);
let timer = 0;

function draw(state) {
  clearTimeout(timer);
  if (state.running) return running(state);
  const cut = !state.audited && state.step; // a process that ended without a word, as for want of memory
  return [state.audited ? result(state.audited) : null, cut ? el("p", { class: "note warning", text: t("audit.ended") }) : null, ask()];
}

function ask() {
  const every = el("label", { class: "choice" }, el("input", { type: "checkbox", name: "objects", checked: true }), t("audit.objects"));
  const content = [field(t("audit.passphrase"), "passphrase", { kind: "password", required: true, autocomplete: "current-password" }), every];
  return block(t("audit.begin"), el("p", { text: t("audit.begin-said") }), form(content, t("audit.go"), async ({ passphrase, objects }) => page.show(await post("/api/audit", { passphrase, objects }))));
}

function running({ step, done, of }) {
  const meter = el("span", { class: "meter bar-of" });
  const line = el("p", { role: "status" });
  const tell = (now) => {
    meter.style.setProperty("--part", `${now.of ? (100 * now.done) / now.of : 0}%`);
    line.textContent = now.step ? t("audit.step", { step: has(`audit.step.${now.step}`) ? t(`audit.step.${now.step}`) : now.step, done: number(now.done), of: number(now.of) }) : t("audit.begins");
  };
  tell({ step, done, of });
  const follow = async () => {
    try {
      const now = await get("/api/audit/news");
      if (!now.running) {
        page.show(now);
        say(now.audited ? verdict(now.audited) : t("audit.ended"));
        return;
      }
      tell(now);
      timer = setTimeout(follow, AGAIN_MS);
    } catch (trouble) {
      fill(line, problem(trouble));
    }
  };
  timer = setTimeout(follow, AGAIN_MS);
  return block(t("audit.running"), el("p", { text: t("audit.running-said") }), meter, line, button(t("audit.stop"), "", async () => page.show(await post("/api/audit/stop")), "stop"));
}

function verdict({ findings, not_checked }) {
  const wrong = findings.filter((one) => one.level === "wrong").length;
  if (wrong) return tn("audit.wrong", wrong);
  return t(not_checked.length ? "audit.partly" : "audit.whole");
}

function result(audited) {
  const wrong = audited.findings.some((one) => one.level === "wrong");
  const sorted = [...audited.findings].sort((a, b) => (a.level === "attention") - (b.level === "attention"));
  const mark = ({ level }) => el("span", { class: level === "wrong" ? "tag bad" : "tag", text: t(`audit.level.${level}`) });
  const subject = ({ subject: name, count, wrong: n }) => [has(`audit.subject.${name}`) ? t(`audit.subject.${name}`) : name, count, el("span", { class: n ? "tag bad" : count ? "tag good" : "tag plain", text: n ? tn("audit.n-wrong", n) : t(count ? "audit.in-order" : "audit.nothing") })];
  return block(
    t("audit.result"),
    el("p", { class: wrong ? "note wrong" : audited.not_checked.length ? "note warning" : "note fine", text: verdict(audited) }),
    sorted.length ? table(t("audit.findings"), [t("audit.about"), t("audit.finding"), ""], sorted.map((one) => [el("code", { text: one.about }), one.finding, mark(one)])) : null,
    el("h3", { text: t("audit.looked-at") }),
    table(t("audit.looked-at"), [t("audit.subject"), t("audit.count"), t("audit.state")], audited.subjects.map(subject)),
    audited.not_checked.length ? [el("h3", { text: t("audit.not-checked") }), el("ul", {}, audited.not_checked.map((text) => el("li", { text })))] : null,
    el("p", { class: "faint" }, t("audit.log", { size: number(audited.log_size) }), " ", el("span", { class: "digest", text: audited.log_root })),
    el("p", { class: "faint", text: t(audited.told ? "audit.told" : "audit.not-told") }),
  );
}

