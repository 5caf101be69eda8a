// The sign-in page.

import "./frame.js";
import { signInForm } from "./signing-in.js";

document.getElementById("form").append(signInForm(() => location.assign("/")));
document.querySelector("[autofocus]")?.focus();
