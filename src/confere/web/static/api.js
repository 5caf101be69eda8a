// Asking the server; what comes back is a value, or a Trouble. The token comes from `token.js`, and no page holds it.

import { forget, keep, token } from "./token.js";
import { t, has } from "./words.js";

let locked = null; // a promise while somebody has to sign in; everything that asks waits for it
let onLocked = async () => location.assign("/");

/** What the server refused, or could not do. `code` is the class of its error, `offline` that there was no answer. */
export class Trouble extends Error {
  constructor(status, body = {}) {
    // The server says it in the language of the page; only what it could not answer is said here.
    super(body.message || (has(`error.${body.error}`) ? t(`error.${body.error}`) : t("trouble.unknown")));
    this.status = status;
    this.code = body.error || (status ? "" : "Offline");
    this.hint = body.hint || "";
    this.body = body;
    this.offline = status === 0;
  }

  /** All of it as sentences. */
  get said() {
    const first = this.message.charAt(0).toUpperCase() + this.message.slice(1);
    return [/[.!?…]$/.test(first) ? first : `${first}.`, this.hint].filter(Boolean).join(" ");
  }
}

/** Say what happens when the session has ended: an async function that returns when somebody has signed in again. */
export function whenLocked(handle) {
  onLocked = handle;
}

/** Take the token of a new session. */
export const useToken = keep;

/** End the session: the keys are gone when this returns. */
export async function lock() {
  await attempt("POST", "/api/lock", {}).catch(() => null);
  forget({ everywhere: true });
}

/** Whether the session has ended and nobody has signed in yet. */
export const isLocked = () => locked !== null;

/** Ask for something. */
export const get = (path) => ask("GET", path);

/** Tell something. */
export const post = (path, body = {}) => ask("POST", path, body);

/** The same without waiting for a sign-in: a 401 is a Trouble like any other. */
export const attempt = (method, path, body) => once(method, path, body);

async function ask(method, path, body) {
  for (;;) {
    if (locked) await locked;
    try {
      return await once(method, path, body);
    } catch (trouble) {
      if (trouble.status !== 401) throw trouble;
      await signInAgain();
    }
  }
}

/** Show the sign-in, once however many ask, and return when it is done. */
export function signInAgain() {
  locked ??= onLocked().finally(() => (locked = null));
  return locked;
}

async function once(method, path, body) {
  const mine = path === "/api/sign-in" ? "" : await token();
  // A tab that found no token anywhere: whatever it asks would be refused.
  if (mine === null) throw new Trouble(401, { error: "NoSession" });
  const headers = mine ? { "X-Confere-Token": mine } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    const init = { method, headers, credentials: "same-origin", cache: "no-store", body: body && JSON.stringify(body) };
    init.keepalive = method === "POST" && document.hidden; // the page may be leaving
    response = await fetch(path, init);
  } catch {
    throw new Trouble(0, { error: "Offline" });
  }
  if (response.status === 204) return null;
  if (response.ok && response.headers.get("Content-Type") === "application/zip") return response.blob();
  let value;
  try {
    value = await response.json();
  } catch {
    throw new Trouble(response.ok ? 0 : response.status, { error: response.ok ? "Offline" : "" });
  }
  if (!response.ok) throw new Trouble(response.status, value);
  return value;
}
