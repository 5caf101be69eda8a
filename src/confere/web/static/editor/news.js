// What others did meanwhile: asked for every few seconds, while the page can be seen. Asking keeps no session alive.
// And what the checks see: that takes long, so it is asked for apart, a piece after the other.

import { attempt, get, isLocked, signInAgain } from "../api.js";

const EVERY_MS = 4_000;
const LATER_MS = 2_000; // after news, before the checks are asked again: changes come in crowds

/** Follow a transcript; returns what renews all of it after a new sign-in. */
export function follow(editor) {
  const { transcript, saving } = editor;
  const base = `/api/recordings/${transcript.recording.id}`;
  let { cursor } = transcript;
  let underway = false;
  let timer = 0;
  let lowest = Infinity;

  async function ask() {
    if (document.hidden || underway || isLocked()) return;
    underway = true;
    try {
      const news = await attempt("GET", `${base}/news?cursor=${encodeURIComponent(cursor)}`);
      if (saving.offline) saving.again();
      // What is on its way from here comes back by its own answer; until then the same is asked again.
      const waits = news.segments.some(({ id }) => saving.underway.has(id));
      take(news.segments.filter(({ id }) => !saving.underway.has(id)));
      transcript.setEditing(news.editing ?? {});
      if (!waits) cursor = news.cursor;
      if (news.closed && transcript.state !== "signed" && !editor.closed) editor.close();
    } catch (trouble) {
      if (trouble.status === 401) signInAgain().then(ask);
    } finally {
      underway = false;
    }
  }

  // Over a text that is being typed nothing is put: its field keeps the version that was seen, and saving tells of both.
  function take(segments) {
    const fresh = segments.filter((now) => !transcript.typed.has(now.id)).map(known).filter(differs);
    if (!fresh.length) return;
    transcript.put(fresh);
    for (const { id } of fresh) if (transcript.place(id) >= 0) recheck(transcript.place(id) + 1);
  }

  // News hold no findings: what was seen before stands until the checks have been asked.
  const known = (now) => ({ ...now, number: String(now.number), findings: transcript.get(now.id)?.findings ?? now.findings });
  const differs = (now) => (now.state === "merged" ? transcript.get(now.id) : JSON.stringify(transcript.get(now.id)) !== JSON.stringify(now));

  function recheck(number) {
    lowest = Math.min(lowest, number);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const first = lowest;
      lowest = Infinity;
      check(first, true);
    }, LATER_MS);
  }

  async function check(first, once = false) {
    for (let next = first; next; ) {
      let piece;
      try {
        piece = await get(`${base}/findings?first=${next}`);
      } catch {
        return;
      }
      for (const [id, findings] of Object.entries(piece.findings)) transcript.setFindings(id, findings);
      next = once ? null : piece.next;
    }
  }

  /** After a new sign-in: another ticket for the sound, and whatever changed meanwhile. */
  async function renew() {
    const answer = await get(base).catch(() => null);
    if (!answer) return;
    editor.player.renew(answer.ticket);
    cursor = answer.cursor;
    take(answer.segments);
    saving.again();
    check(1);
  }

  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  check(1);
  return renew;
}
