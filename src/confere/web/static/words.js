// The sentences of the page, in its language. They are fetched once, under the digest of all static files.

import { meta } from "./dom.js";

/** The language of the page: `en` or `pt`; and the same as browsers name it. */
export const language = meta("language") || "en";
const locale = language === "pt" ? "pt-BR" : "en-GB";

const sentences = await (await fetch(`${meta("static")}/messages/${language}.json`)).json();
const plural = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

/** Return the sentence `name`, with `{values}` put in. A missing sentence shows its name. */
export function t(name, values = {}) {
  return (sentences[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Return the sentence for a count: `name.one` or `name.other`. */
export function tn(name, n, values = {}) {
  const form = plural.select(n) === "one" && n !== 0 ? "one" : "other";
  return t(`${name}.${form}`, { n: numbers.format(n), ...values });
}

/** Whether there is a sentence of that name. */
export const has = (name) => name in sentences;

/** A whole number as people write it here. */
export const number = (n) => numbers.format(n);

/** A place in the recording: `1:02:03`, or `2:03` in its first hour; with tenths where `fine`. */
export function clock(ms, fine = false) {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const [s, m, h] = [Math.floor(tenths / 10) % 60, Math.floor(tenths / 600) % 60, Math.floor(tenths / 36_000)];
  const two = (n) => String(n).padStart(2, "0");
  return `${h ? `${h}:${two(m)}` : m}:${two(s)}${fine ? (language === "pt" ? "," : ".") + (tenths % 10) : ""}`;
}

/** How long something is, in words that fit a line: `2 h 58 min`. */
export function duration(ms) {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60 ? `${minutes % 60} min` : ""}`.trim();
}

const hours = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
const both = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** The time of day of a moment (a Date, or ISO 8601). */
export const timeOfDay = (moment) => hours.format(new Date(moment));

/** A moment: its time of day if it is today, otherwise with the day. */
export function moment(iso) {
  const then = new Date(iso);
  return then.toDateString() === new Date().toDateString() ? hours.format(then) : both.format(then);
}

/** A day (`2026-11-24`) in words. */
export const day = (iso) => (iso ? days.format(new Date(`${iso.slice(0, 10)}T12:00`)) : "");

/** The name of a state, a stage, a kind of error, a severity, a mark, a role, a decision. */
export const word = (group, value) => (has(`${group}.${value}`) ? t(`${group}.${value}`) : value);
