// Handing over: which recordings, as what. The files leave the vault in the clear, and the page says so.

import { get, post } from "../api.js";
import { el } from "../dom.js";
import { clock, t, tn, word } from "../words.js";
import { begin, boxes, button, done, download, form } from "./common.js";

begin(() => get("/api/export"), draw);

function draw({ kinds, recordings }) {
  const label = (one) => [one.name, clock(one.duration_ms), one.signed ? (one.stage === "signed" ? t("export.signed") : t("export.signed-reopened")) : word("stage", one.stage)].join(" · ");
  const signed = recordings.filter((one) => one.signed);
  const unsigned = recordings.filter((one) => !one.signed);
  const list = (title, name, some) => (some.length ? boxes(title, name, some.map((one) => [one.recording, label(one)])) : null);
  const chosen = list(t("export.final"), "signed", signed);
  const drafts = list(t("export.unfinished"), "unsigned", unsigned);
  const every = chosen ? button(t("export.all"), "", () => chosen.querySelectorAll("input").forEach((box) => (box.checked = true))) : null;
  if (!recordings.length) return el("p", { class: "note", text: t("export.nothing") });
  const content = [
    chosen ?? el("p", { class: "faint", text: t("export.none-signed") }),
    every ? el("p", {}, every) : null,
    drafts ? el("details", {}, el("summary", { text: t("export.unfinished-open") }), el("p", { class: "note warning", text: t("export.draft-said") }), drafts) : null,
    boxes(t("export.kinds"), "kinds", kinds.map((kind) => [kind, t(`export.kind.${kind}`)]), kinds.slice(0, 1)),
    el("p", { class: "note warning", text: t("export.clear") }),
  ];
  return form(content, t("export.go"), async ({ signed: final = [], unsigned: some = [], kinds: as }) => {
    if (final.length && some.length) throw new Error(t("export.not-both"));
    const wanted = [...final, ...some];
    if (!wanted.length) throw new Error(t("export.choose"));
    if (!as.length) throw new Error(t("export.choose-kind"));
    const file = await post("/api/export", { recordings: wanted, kinds: as, draft: some.length > 0 });
    download(`confere-${new Date().toISOString().slice(0, 10)}.zip`, file, "application/zip");
    done(tn("export.done", wanted.length));
  });
}
