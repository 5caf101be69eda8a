// Locking: at a key or a button, when the server says that the session has ended, and when nobody did anything here.
// What was typed stays in the page's memory, under a sheet that hides all of it, until the same person is back.

import { isLocked, lock, signInAgain, whenLocked } from "./api.js";
import { el, meta } from "./dom.js";
import { openSheet } from "./sheet.js";
import { signInForm } from "./signing-in.js";
import { t, tn } from "./words.js";

const me = meta("me");
const idle_ms = Number(meta("lock-minutes") || 10) * 60_000;
let latest = Date.now();
let unsaved = () => 0;
let isBusy = () => false;
const listeners = [];
const returned = [];

/** Keep the page: `count()` tells how much is not saved, `busy()` whether it works by itself (plays). */
export function keepLocked({ count = () => 0, busy = () => false } = {}) {
  unsaved = count;
  isBusy = busy;
  whenLocked(cover);
  for (const type of ["keydown", "pointerdown", "wheel"]) addEventListener(type, () => (latest = Date.now()), { passive: true, capture: true });
  setInterval(lookAtClock, 5_000);
  document.addEventListener("visibilitychange", () => document.hidden || lookAtClock());
  document.getElementById("lock")?.addEventListener("click", lockNow);
}

/** Call `listen` when the same person is back. */
export const onReturn = (listen) => returned.push(listen);

/** When somebody last did something here, in ms since 1970. */
export const latestAct = () => latest;

/** Call `listen` whenever the page is covered; playing must stop. */
export const onCover = (listen) => listeners.push(listen);

/** Lock: the keys are gone when this returns. With nothing unsaved the page itself goes, too. */
export async function lockNow() {
  const left = unsaved();
  listeners.forEach((listen) => listen());
  await lock();
  if (left) signInAgain();
  else location.assign("/");
}

function lookAtClock() {
  if (isBusy()) latest = Date.now();
  if (Date.now() - latest < idle_ms || isLocked()) return;
  lock();
  signInAgain();
}

async function cover() {
  listeners.forEach((listen) => listen());
  document.documentElement.classList.add("covered");
  const before = document.title;
  document.title = t("lock.title");
  await openSheet(t("lock.title"), (close) => content(close), { firm: true, cover: true });
  document.title = before;
  latest = Date.now();
  for (const listen of returned) listen();
}

function content(close) {
  const left = unsaved();
  const other = el("p", { class: "problem", role: "alert" });
  const form = signInForm(async (answer) => {
    if (answer.name === me) {
      document.documentElement.classList.remove("covered"); // what is hidden takes no focus back
      return close();
    }
    if (!unsaved()) return location.reload();
    // Somebody else's words never go out under another name: the session that was just opened ends again.
    await lock();
    other.textContent = tn("lock.other", unsaved(), { name: me });
  }, me);
  return el("div", { class: "stack" }, el("p", { text: left ? tn("lock.kept", left, { name: me }) : t("lock.said", { name: me }) }), form, other);
}
