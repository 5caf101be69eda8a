import { forget, token } from "./token.js";

const mine = await token();
if (!mine) location.replace("/sign-in");

document.getElementById("lock").addEventListener("click", async () => {
  await fetch("/api/lock", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Confere-Token": mine },
  });
  forget({ everywhere: true });
  location.replace("/");
});
