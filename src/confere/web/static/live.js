// What is said aloud: one polite region for what went well, one assertive for what needs a person.

const polite = document.getElementById("said");
const assertive = document.getElementById("called");

/** Say something when the reader is idle. */
export function say(text) {
  if (polite) put(polite, text);
}

/** Say something at once. */
export function call(text) {
  if (assertive) put(assertive, text);
}

// The same words twice are no change to a screen reader; a no-break space makes them one.
function put(region, text) {
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
