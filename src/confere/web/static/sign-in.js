// The sign-in page.

import "./frame.js";
import { signInForm } from "./signing-in.js";

// The page that was asked for stands at this very address, and comes when it is loaded again.
const done = () => (location.pathname === "/sign-in" ? location.assign("/") : location.reload());

document.getElementById("form").append(signInForm(done));
document.querySelector("[autofocus]")?.focus();
