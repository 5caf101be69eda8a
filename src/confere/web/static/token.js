// The token of the session: what proves that a request comes from a page of this very origin.
//
// The cookie does not: a browser sends it to every port of this machine. So no page holds the token, the
// server tells it once, at sign-in, and it lies where only this origin (name and port) can look: in
// sessionStorage of the tab. A tab that has none asks the other tabs of this origin.

const NAME = "confere-token";
const PATIENCE_MS = 250;
const tabs = new BroadcastChannel(NAME);

tabs.addEventListener("message", ({ data }) => {
  const mine = sessionStorage.getItem(NAME);
  if (data === "who has the token?" && mine) tabs.postMessage({ token: mine });
  else if (data === "locked") forget();
});

// Keep the token that signing in answered.
export function keep(token) {
  sessionStorage.setItem(NAME, token);
}

// The token, or null: then somebody has to sign in.
export function token() {
  const mine = sessionStorage.getItem(NAME);
  return mine ? Promise.resolve(mine) : askOtherTabs();
}

// Forget it, in this tab; with `everywhere` in all of them, because the session is locked.
export function forget({ everywhere = false } = {}) {
  sessionStorage.removeItem(NAME);
  if (everywhere) tabs.postMessage("locked");
}

function askOtherTabs() {
  return new Promise((resolve) => {
    const give = (value) => {
      tabs.removeEventListener("message", hear);
      resolve(value);
    };
    const hear = ({ data }) => {
      if (!data.token) return;
      keep(data.token);
      give(data.token);
    };
    tabs.addEventListener("message", hear);
    tabs.postMessage("who has the token?");
    setTimeout(() => give(sessionStorage.getItem(NAME)), PATIENCE_MS);
  });
}
