// The page of one transcript: starts the editor, and wires its keys, buttons and lines.

import { get } from "../api.js";
import { el, fill, icon, meta } from "../dom.js";
import { chord, pretty, bindings, reader, types } from "../keys.js";
import { keepLocked, onCover, onReturn } from "../lock.js";
import { sheetIsOpen } from "../sheet.js";
import { clock, number, t, timeOfDay, tn, word } from "../words.js";
import { actsOf } from "./acts.js";
import { assigning } from "./assigning.js";
import { Editor } from "./editor.js";
import { follow } from "./news.js";
import "../frame.js";

const byId = (id) => document.getElementById(id);
const SOUND = new Set(["play", "hold", "back", "forward", "slower", "faster"]);

async function start() {
  const asked = get(`/api/recordings/${meta("recording")}`);
  keepLocked({ count: () => editor?.saving.unsaved() ?? 0, busy: () => editor?.player.playing ?? false });
  let editor = null;
  let answer;
  try {
    answer = await asked;
  } catch (trouble) {
    byId("opening").textContent = trouble.said;
    return;
  }
  const parts = { scroller: byId("rows"), list: byId("list"), beside: byId("beside"), find: byId("find"), wave: byId("wave"), line: byId("line"), notice: byId("notice") };
  document.body.dataset.mode = "correct";
  byId("opening").hidden = true;
  editor = new Editor(answer, parts);
  document.body.dataset.mode = editor.mode;
  const acts = { ...actsOf(editor), assign: assigning(editor) };
  editor.toggleBeside = (open = byId("beside").hidden) => {
    byId("beside").hidden = !open;
    byId("beside-button").setAttribute("aria-expanded", String(open));
  };
  editor.toggleBeside(innerWidth > 1180);
  editor.close = () => {
    editor.closed = true;
    editor.notice(t("closed"), true);
    editor.setMode("read");
  };
  editor.addEventListener("act", ({ detail }) => acts[detail]());
  listenToKeys(editor, acts);
  wireButtons(editor, acts);
  wireLines(editor);
  onCover(() => editor.player.pause());
  onReturn(follow(editor));
  editor.focusCurrent();
  performance.mark("usable");
}

function listenToKeys(editor, acts) {
  const find = reader();
  let holding = null;
  document.addEventListener("keydown", (event) => {
    const name = chord(event);
    if (!name) return;
    const typing = isTyping(event.target);
    const action = find(name);
    if (!action || (typing && types(name))) return;
    if (sheetIsOpen() && (!SOUND.has(action) || name === "Escape")) return;
    event.preventDefault();
    if (action === "hold") {
      if (!event.repeat) {
        holding = event.code;
        editor.player.play();
      }
    } else if (action.startsWith("speaker-")) acts.speakerAt(Number(action.slice(8)));
    else if (!event.repeat || ["back", "forward", "down", "up"].includes(action)) acts[action]();
  });
  document.addEventListener("keyup", (event) => {
    if (holding !== event.code) return;
    holding = null;
    editor.player.pause();
  });
  addEventListener("blur", () => {
    if (holding) editor.player.pause();
    holding = null;
  });
}

// A field that can be typed in; one that only shows its text lets single letters act.
const isTyping = (target) => target.matches?.("textarea:not([readonly]), input:not([type=radio], [type=checkbox]), [contenteditable]");

function wireButtons(editor, acts) {
  const now = bindings();
  for (const button of document.querySelectorAll("[data-act]")) {
    const { act } = button.dataset;
    const key = now.get(act)?.[0];
    if (button.dataset.icon) button.prepend(icon(button.dataset.icon));
    if (key) button.title = `${button.getAttribute("aria-label") ?? button.textContent.trim()} (${pretty(key).join(" ")})`;
    // The caret stays where it is.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => acts[act]());
  }
  const lock = byId("lock");
  lock.replaceWith(lock.cloneNode(true)); // the editor saves before it locks
  byId("lock").addEventListener("click", acts.lock);
  const modes = editor.modes();
  const choice = byId("modes");
  choice.hidden = modes.length < 2;
  const draw = () =>
    fill(choice, modes.map((mode) => el("button", { type: "button", "aria-pressed": String(editor.mode === mode), on: { click: () => editor.setMode(mode) }, text: t(`mode.${mode}`) })));
  editor.addEventListener("mode", () => (draw(), editor.focusCurrent()));
  draw();
}

function wireLines(editor) {
  const { player, saving, transcript } = editor;
  const { name } = transcript.recording;
  byId("recording-name").textContent = name;

  const playButton = document.querySelector('[data-act="play"]');
  const drawPlayer = () => {
    const plays = player.playing;
    if (playButton.dataset.plays !== String(plays)) {
      playButton.dataset.plays = String(plays);
      fill(playButton, icon(plays ? "pause" : "play"));
      playButton.setAttribute("aria-label", t(plays ? "player.pause" : "player.play"));
    }
    byId("rate").textContent = `${number(player.rate)}×`;
    drawTime();
  };
  let shown = "";
  const drawTime = () => {
    const at = clock(player.ms, true);
    if (at === shown) return;
    shown = at;
    byId("time").textContent = at;
    byId("wave").setAttribute("aria-valuenow", String(Math.round(player.ms / 1000)));
    byId("wave").setAttribute("aria-valuetext", clock(player.ms));
  };
  byId("duration").textContent = clock(transcript.duration_ms);
  byId("wave").setAttribute("aria-valuemax", String(Math.round(transcript.duration_ms / 1000)));
  player.addEventListener("change", drawPlayer);
  player.addEventListener("tick", drawTime);
  player.addEventListener("moved", drawTime);
  player.addEventListener("broken", () => editor.notice(t("player.broken"), true));
  drawPlayer();

  const saved = byId("saved");
  const drawSaved = () => {
    const waiting = saving.unsaved();
    const stuck = saving.conflicts.size + saving.troubles.size;
    const kind = saving.offline ? "offline" : stuck ? "stuck" : waiting ? "waiting" : saving.saved_at ? "saved" : "none";
    const said = {
      offline: () => tn("saved.offline", waiting),
      stuck: () => tn("saved.stuck", stuck),
      waiting: () => t(saving.underway.size ? "saved.saving" : "saved.typing"),
      saved: () => t("saved.at", { time: timeOfDay(saving.saved_at) }),
      none: () => "",
    }[kind]();
    saved.dataset.kind = kind;
    if (saved.textContent !== said) saved.textContent = said;
    // Aloud only what is settled: a word at every key would be a torment.
    if (kind !== "waiting" && byId("saved-aloud").textContent !== said) byId("saved-aloud").textContent = said;
  };
  saving.addEventListener("status", drawSaved);
  drawSaved();

  let later = 0;
  const drawState = () => {
    later ||= setTimeout(() => {
      later = 0;
      byId("recording-state").textContent = word("stage", editor.stage());
      const all = transcript.segments.length;
      const verified = transcript.count("verified", "locked");
      const corrected = verified + transcript.count("corrected", "unverified");
      const done = editor.mode === "correct" ? corrected : verified;
      byId("progress").textContent = t(editor.mode === "correct" ? "progress.corrected" : "progress.verified", { done: number(done), all: number(all) });
      byId("meter").style.setProperty("--part", `${all ? (100 * done) / all : 0}%`);
      byId("sign-button").hidden = editor.mode !== "verify";
    }, 60);
  };
  transcript.addEventListener("state", drawState);
  editor.addEventListener("mode", drawState);
  drawState();
  byId("practice").hidden = !transcript.practice;
}

start();
