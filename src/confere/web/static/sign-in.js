import { keep } from "./token.js";

const form = document.getElementById("sign-in");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, passphrase } = Object.fromEntries(new FormData(form));
  const answer = await fetch("/api/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, passphrase }),
  });
  const told = await answer.json();
  if (answer.ok) {
    keep(told.token);
    if (location.pathname === "/sign-in") location.replace("/");
    else location.reload();
  } else {
    form.querySelector("[role=alert]").textContent = `${told.message} ${told.hint}`;
    form.passphrase.select();
  }
});
