// What a person does by key: one function an action. Each saves first what is typed, so that the server acts on what is seen.

import { post } from "../api.js";
import { settings } from "../keys.js";
import { lockNow } from "../lock.js";
import { say } from "../live.js";
import { t, tn } from "../words.js";
import { askJudgement, askReason, askSignature, askSpeaker, askWhether, showHistory, showKeys } from "./sheets.js";

/** Return the actions of an editor by name. */
export function actsOf(editor) {
  const { transcript, saving, player, rows } = editor;
  const segment = () => transcript.get(editor.current);
  const path = (what) => `${editor.base}/${editor.current}/${what}`;
  const next = (from, step, wanted = () => true) => {
    for (let i = from + step; i >= 0 && i < transcript.segments.length; i += step) if (wanted(transcript.at(i))) return i;
    return -1;
  };
  const move = (step, wanted, side = editor.side) => {
    const index = next(editor.currentIndex(), step, wanted);
    if (index < 0) return editor.notice(t(wanted ? "way.none-waits" : step > 0 ? "way.last" : "way.first"));
    editor.following = true;
    editor.goTo(index, { side });
    if (settings().sound === "play" && step > 0) editor.playSegment(transcript.at(index), editor.mode === "verify");
  };
  // Doing something with the current segment as the server has it; moves nothing if that is refused.
  const on = (work) => async () => {
    const here = segment();
    if (!here || editor.busy) return;
    editor.busy = true;
    try {
      await editor.telling(async () => {
        await saving.flush(here.id);
        await work(transcript.get(here.id));
      });
    } finally {
      editor.busy = false;
    }
  };
  const onlyEditable = (work) =>
    on(async (here) => {
      if (!editor.mayEdit(here.id)) return editor.notice(t(editor.mode === "verify" ? "edit.not-yet" : "edit.never"), true);
      await work(here);
    });

  const correct = async () => {
    const here = segment();
    if (!here) return;
    if (!editor.mayEdit(here.id)) return editor.notice(t("edit.never"), true);
    const more = { finish: true };
    const typed = transcript.typed.get(here.id) ?? {};
    if ((here.stale || "source" in typed) && !("target" in typed) && here.language !== transcript.target_language) {
      // Nobody finishes a translation that is older than what it translates without having been at it.
      if (editor.field()?.dataset.side !== "target") {
        editor.goTo(editor.currentIndex(), { side: "target" });
        return editor.notice(t("stale.look"));
      }
      more.target = transcript.text(here.id, "target");
    }
    const judged = editor.judged.get(here.id);
    if (judged) more.error = judged;
    // The next row is there at once; what is refused calls back here.
    const index = editor.currentIndex();
    const done = editor.telling(() => saving.flush(here.id, more));
    if (!saving.conflicts.has(here.id)) move(1, undefined, "source");
    if (await done) {
      editor.editable.delete(here.id);
      editor.judged.delete(here.id);
      rows.refresh(transcript.place(here.id));
      say(t("accept.corrected", { number: here.number }));
    } else if (saving.conflicts.has(here.id)) editor.goTo(index);
  };

  const verify = on(async (here) => {
    if (editor.editable.has(here.id)) return void (await correct());
    if (here.mine) return editor.notice(t("error.OwnWork"), true);
    await player.settle();
    const accept = async (more = {}) => transcript.put([(await post(path("verify"), { version: here.version, ...more })).segment]);
    try {
      await accept();
    } catch (trouble) {
      if (trouble.code !== "NotPlayed") throw trouble;
      const percent = Math.floor(editor.playedShare(here) * 100);
      const reason = await askReason(t("unplayed.title", { number: here.number }), t("unplayed.reason"), t("unplayed.go"), t("unplayed.said", { percent, wanted: editor.playedPercent }));
      if (!reason) return;
      await accept({ unplayed_reason: reason });
    }
    say(t("accept.verified", { number: here.number }));
    move(1);
  });

  const sendBack = on(async (here) => {
    if (editor.mode !== "verify") return editor.notice(t("return.not-here"), true);
    const judged = await askJudgement(t("return.title", { number: here.number }), { go: t("return.go") });
    if (!judged) return;
    transcript.put([(await post(path("return"), { version: here.version, ...judged })).segment]);
    say(t("return.done", { number: here.number }));
    move(1);
  });

  const edit = on(async (here) => {
    if (editor.mode !== "verify" || editor.editable.has(here.id)) return;
    const judged = await askJudgement(t("edit.title", { number: here.number }), { reason: false, hint: t("edit.said"), go: t("edit.go") });
    if (!judged) return;
    editor.editable.add(here.id);
    editor.judged.set(here.id, { kind: judged.kind, severity: judged.severity });
    rows.refresh(transcript.place(here.id));
    editor.goTo(editor.currentIndex(), { side: "target" });
  });

  const split = onlyEditable(async (here) => {
    const { source, target } = editor.carets(here.id);
    if (source === null || source === 0 || source >= [...here.source].length) return editor.notice(t("split.where"), true);
    const body = { version: here.version, source_at: source };
    if (target) body.target_at = target;
    if (!player.playing && player.ms > here.start_ms + 200 && player.ms < here.end_ms - 200) body.at_ms = Math.round(player.ms);
    const { segments } = await post(path("split"), body);
    transcript.put(segments);
    say(t("split.done"));
    editor.goTo(transcript.place(segments.at(-1).id), { side: "source" });
  });

  const reshape = (what) =>
    onlyEditable(async (here) => {
      const body = { version: here.version };
      if (what === "merge") {
        const following = transcript.at(editor.currentIndex() + 1);
        if (!following) return editor.notice(t("way.last"));
        await saving.flush(following.id);
        const alike = following.speaker === here.speaker && following.language === here.language;
        if (!alike && !(body.anyway = await askWhether(t("merge.title"), t("merge.said", { one: here.speaker, other: following.speaker }), t("merge.go")))) return;
      }
      const { segments, gone } = await post(path(what), body);
      transcript.put(segments, gone);
      say(t(`${what}.done`));
      const index = transcript.place(here.id);
      if (index >= 0) editor.goTo(index);
    });

  const setSpeaker = (code) =>
    onlyEditable(async (here) => {
      if (!code || code === here.speaker) return;
      const { segments } = await post(`/api/recordings/${transcript.recording.id}/speaker`, { speaker: code, segments: [here.id] });
      transcript.put(segments);
      say(t("speaker.done", { speaker: code }));
    });
  const speaker = onlyEditable(async (here) => {
    const old = here.speaker;
    const count = transcript.segments.filter((other) => other.speaker === old).length;
    const chosen = await askSpeaker(editor.codes, old, count);
    if (!chosen || chosen.speaker === old) return;
    const body = chosen.everywhere ? { old, speaker: chosen.speaker } : { segments: [here.id], speaker: chosen.speaker };
    const { segments } = await post(`/api/recordings/${transcript.recording.id}/speaker`, body);
    transcript.put(segments);
    editor.notice(tn("speaker.renamed", segments.length, { speaker: chosen.speaker }));
  });

  const bound = (field) =>
    onlyEditable(async (here) => {
      const ms = Math.round(player.ms);
      const fits = field === "start_ms" ? ms < here.end_ms : ms > here.start_ms;
      if (!fits) return editor.notice(t("bounds.wrong"), true);
      await saving.flush(here.id, { [field]: ms });
      say(t(`bounds.${field}`));
    });

  const memory = onlyEditable(async (here) => {
    const found = editor.beside.of(here.id)?.suggestions.find(({ exact }) => exact);
    if (!found) return editor.notice(t("memory.none"));
    editor.takeMemory(found);
  });

  const sign = async () => {
    if (editor.mode !== "verify") return editor.notice(t("sign.not-yours"), true);
    await player.settle();
    const signed = await askSignature(transcript.recording.id, transcript.recording.name, transcript.segments.filter((other) => editor.waits(other) || other.state === "needs work").map((other) => other.number), (index) => editor.goTo(index));
    if (signed) location.reload();
  };

  return {
    play: () => {
      editor.following = true;
      player.toggle();
    },
    segment: () => segment() && editor.playSegment(segment()),
    back: () => player.step(-settings().step_ms),
    forward: () => player.step(settings().step_ms),
    slower: () => player.faster(-1),
    faster: () => player.faster(1),
    accept: () => (editor.mode === "correct" ? correct() : editor.mode === "verify" ? verify() : null),
    down: () => move(1),
    up: () => move(-1),
    waiting: () => move(1, (other) => editor.waits(other)),
    follow: () => {
      editor.following = true;
      const index = transcript.indexAt(player.ms);
      editor.goTo(index);
    },
    find: () => editor.find.open(),
    split,
    merge: reshape("merge"),
    undo: reshape("undo"),
    speaker,
    starts: bound("start_ms"),
    ends: bound("end_ms"),
    memory,
    comment: () => segment() && editor.beside.write(editor.current),
    history: () => segment() && showHistory(editor.base, segment()),
    difference: () => {
      editor.differing = !editor.differing;
      editor.redraw();
      if (editor.differing && !editor.draftOf(editor.current)) editor.beside.follow(editor.current);
      say(t(editor.differing ? "difference.on" : "difference.off"));
    },
    checks: () => {
      editor.toggleBeside(true);
      editor.parts.beside.querySelector("button, a")?.focus();
    },
    return: sendBack,
    edit,
    sign,
    beside: () => editor.toggleBeside(),
    help: () => showKeys(editor.codes),
    lock: async () => {
      player.pause();
      await Promise.all([...saving.waiting()].map((id) => saving.flush(id).catch(() => null)));
      await lockNow();
    },
    speakerAt: (n) => setSpeaker(editor.codes[n])(),
  };
}
