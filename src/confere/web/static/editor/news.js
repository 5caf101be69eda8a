// What others did meanwhile: asked for every few seconds, while the page can be seen. Asking keeps no session alive.

import { attempt, isLocked, signInAgain } from "../api.js";

const EVERY_MS = 4_000;

export function follow(editor) {
  const { transcript, saving } = editor;
  let { cursor } = transcript;
  let underway = false;

  async function ask() {
    if (document.hidden || underway || isLocked()) return;
    underway = true;
    try {
      const path = `/api/recordings/${transcript.recording.id}/news?cursor=${cursor}`;
      const news = await attempt("GET", path);
      cursor = news.cursor;
      if (saving.offline) saving.again();
      // What is on its way from here comes back by its own answer, with the version that it made.
      const settled = news.segments.filter(({ id }) => !saving.underway.has(id));
      if (settled.length < news.segments.length) cursor = Math.min(cursor, news.cursor) - 1;
      const fresh = settled.filter((now) => differs(transcript.get(now.id), now));
      // Over a text that is being typed nothing is put: its field keeps the version that was seen, and saving tells of both.
      const kept = fresh.filter(({ id }) => !transcript.typed.has(id));
      if (kept.length || news.gone?.length) transcript.put(kept, news.gone ?? []);
      transcript.setEditing(news.editing ?? {});
      if (news.closed && transcript.state !== "signed" && !editor.closed) editor.close();
    } catch (trouble) {
      if (trouble.status === 401) signInAgain().then(ask);
    } finally {
      underway = false;
    }
  }

  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
}

// Counts of comments and findings change without a new version.
const differs = (known, now) => !known || known.version !== now.version || JSON.stringify(known) !== JSON.stringify(now);
