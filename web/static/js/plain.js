// Pages without a map of their own.

import { startFrame } from "./frame.js";

startFrame();
