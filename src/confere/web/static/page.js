// A page without scripts of its own.

import "./frame.js";
import { keepLocked } from "./lock.js";

keepLocked();
