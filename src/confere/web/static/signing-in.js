// The form of name and passphrase: at the sign-in, and on the sheet that covers a locked page.

import { attempt, useToken } from "./api.js";
import { el } from "./dom.js";
import { t } from "./words.js";

/** Make the form; `done(answer)` is called when somebody has signed in. `name` fills in who it was before. */
export function signInForm(done, name = "") {
  const who = el("input", { id: "name", autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true, value: name, autofocus: !name });
  const passphrase = el("input", { id: "passphrase", type: "password", autocomplete: "off", required: true, autofocus: Boolean(name) });
  const problem = el("p", { class: "problem", role: "alert", id: "sign-in-problem" });
  const button = el("button", { class: "main", type: "submit", text: t("sign-in.go") });
  const form = el(
    "form",
    { class: "fields" },
    el("label", { for: "name", text: t("sign-in.name") }),
    who,
    el("label", { for: "passphrase", text: t("sign-in.passphrase") }),
    passphrase,
    problem,
    button,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    busy(true);
    try {
      const answer = await attempt("POST", "/api/sign-in", { name: who.value.trim(), passphrase: passphrase.value });
      passphrase.value = "";
      useToken(answer.token);
      await done(answer);
    } catch (trouble) {
      problem.textContent = trouble.said;
      passphrase.select();
    } finally {
      busy(false);
    }
  });
  const busy = (is) => {
    button.disabled = is;
    button.textContent = t(is ? "sign-in.opening" : "sign-in.go");
    if (is) problem.textContent = "";
  };
  return form;
}
