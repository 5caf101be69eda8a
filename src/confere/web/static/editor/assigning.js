// The button in the bar of a transcript: who has it, and what can be done about it.

import { beginVersion, holders, isMine, showHolders } from "../assigning.js";
import { el, fill, icon } from "../dom.js";
import { t } from "../words.js";

/** Return the action of the button, which shows from now on who has the transcript. */
export function assigning(editor) {
  const { recording, may, taken, state } = editor.transcript;
  const button = document.getElementById("assign-button");
  const signed = state === "signed";
  let now = taken;
  const draw = () => {
    const names = now.map(({ name }) => name).join(", ");
    const said = signed ? t("reopen.open") : names;
    fill(button, icon(signed ? "locked" : "person"), said ? el("span", { text: said }) : null);
    button.classList.toggle("round", !said);
    button.setAttribute("aria-label", signed ? t("reopen.open") : `${t("assign.title")}: ${now.length ? holders(now) : t("assign.free")}`);
    button.classList.toggle("mine", isMine(now));
  };
  button.hidden = signed ? !may.reopens : !(may.takes || may.assigns || now.length);
  draw();
  return async () => {
    if (button.hidden) return;
    if (signed) return void ((await beginVersion(recording.id, recording.name)) && location.reload());
    now = await showHolders(recording.id, recording.name, may, now);
    draw();
  };
}
