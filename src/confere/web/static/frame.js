// What every page has: the choice of language and of light or dark, and the lock.

import { meta } from "./dom.js";

const choose = (name, value) => {
  document.cookie = `${name}=${value}; Path=/; SameSite=Strict${value ? "; Max-Age=31536000" : "; Max-Age=0"}`;
};

document.getElementById("theme")?.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  choose("theme", root.dataset.theme);
  root.dispatchEvent(new Event("themechange"));
});

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    if (button.dataset.language === meta("language")) return;
    choose("language", button.dataset.language);
    location.reload();
  });
}
