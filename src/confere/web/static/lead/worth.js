// What the machine was worth: figures with their intervals, a plot, and words to paste.

import { get, post } from "../api.js";
import { el, fill } from "../dom.js";
import { duration, language, number, t, tn } from "../words.js";
import { begin, block, button, done, table } from "./common.js";

const exact = new Intl.NumberFormat(language === "pt" ? "pt-BR" : "en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
begin(measured, draw);

/** Measure a few transcripts at a time, so that nobody waits long for anything else. */
async function measured() {
  const place = document.getElementById("page");
  const meter = el("span", { class: "meter bar-of" });
  const line = el("p", { class: "faint", role: "status" });
  fill(place, line, meter);
  for (;;) {
    const { done: so_far, of } = await post("/api/worth/step");
    meter.style.setProperty("--part", `${of ? (100 * so_far) / of : 100}%`);
    line.textContent = t("worth.measuring", { done: number(so_far), of: number(of) });
    if (so_far >= of) return get("/api/worth");
  }
}

function draw({ study, by_interview, by_model, left_out, plot, methods, coreq, items }) {
  if (!study.transcripts) return [el("p", { class: "note", text: t("worth.nothing") }), waiting(left_out)];
  const columns = [t("worth.transcripts"), t("worth.wer"), t("worth.chrf"), t("worth.edits"), t("worth.time")];
  const row = (one, head) => [head, one.transcripts, short(one.word_error_rate, " %"), short(one.chrf, ""), short(one.edit_rate, " %"), ratio(one)];
  return [
    el("p", { class: "strong", text: t("worth.what", { transcripts: number(study.transcripts), sound: duration(study.audio_ms), segments: number(study.segments) }) }),
    figures(study),
    el("p", { class: "faint", text: t("worth.meaning") }),
    plot ? block(t("worth.over-time"), el("img", { class: "plot", alt: t("worth.plot-alt"), src: `data:image/svg+xml,${encodeURIComponent(plot)}` })) : null,
    by_model.length > 1 ? block(t("worth.by-model"), table(t("worth.by-model"), [t("worth.model"), ...columns], by_model.map((one) => row(one, `${one.speech}, ${one.translation}`)))) : null,
    block(t("worth.by-interview"), table(t("worth.by-interview"), [t("worth.interview"), ...columns], by_interview.map((one) => row(one, one.name)))),
    waiting(left_out),
    methods ? block(t("worth.methods"), paste("methods", t("worth.methods"), methods)) : null,
    coreq ? block(t("worth.coreq"), el("p", { text: t("worth.coreq-said") }), paste("coreq", t("worth.coreq"), coreq), el("details", {}, el("summary", { text: t("worth.all-items") }), table(t("worth.coreq"), [t("worth.item"), t("worth.answer")], items.map((one) => [`${one.number}. ${one.topic}`, one.answer || t("worth.yours")])))) : null,
  ];
}

const between = ({ low, high }) => (low === null || high === null ? "" : t("worth.between", { low: exact.format(low), high: exact.format(high) }));
const short = (figure, unit) => (figure.value === null ? "–" : `${exact.format(figure.value)}${unit}`);

function figures(study) {
  const one = (name, value, lines) => el("div", { class: "figure" }, el("span", { class: "name", text: name }), el("b", { text: value }), lines.filter(Boolean).map((text) => el("div", { class: "faint", text })));
  const estimate = (name, figure, unit, more = "") => one(t(name), short(figure, unit), [between(figure), tn("worth.segments", figure.n), more]);
  const share = (name, { count, of, percent }) => one(t(name), percent === null ? "–" : `${exact.format(percent)} %`, [t("worth.share", { count: number(count), of: number(of) })]);
  const { words } = study;
  return el(
    "div",
    { class: "figures" },
    estimate("worth.wer", study.word_error_rate, " %", words.reference ? t("worth.words", { wrong: number(words.substitutions), missing: number(words.deletions), many: number(words.insertions), of: number(words.reference) }) : ""),
    estimate("worth.chrf", study.chrf, ""),
    estimate("worth.edits", study.edit_rate, " %"),
    share("worth.source-changed", study.source_changed),
    share("worth.target-changed", study.target_changed),
    one(t("worth.time"), ratio(study), [study.work_ms ? t("worth.time-said", { time: duration(study.work_ms) }) : ""]),
  );
}

const ratio = ({ work_ms, audio_ms }) => (work_ms && audio_ms ? t("worth.ratio", { ratio: exact.format(work_ms / audio_ms) }) : "–");

function waiting(left) {
  if (!left.length) return null;
  return block(t("worth.left-out"), el("ul", {}, left.map((one) => el("li", { text: `${one.name}: ${t(`worth.left.${one.reason}`)}` }))));
}

/** A text to be pasted elsewhere. */
function paste(id, label, text) {
  const field = el("textarea", { class: "plain paste", id, readonly: true, "aria-label": label, rows: 10 });
  field.value = text;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      field.select(); // without leave, as on a network without TLS: Ctrl+C does it
    }
    field.select();
    done(t("worth.copied"));
  };
  return el("div", { class: "stack" }, field, button(t("worth.copy"), `${t("worth.copy")}: ${label}`, copy));
}
