// My grid, my member: a place by the device, an address or the map; the pin says whose it is.

import { openPlace } from "./filingplace.js";
import { startFrame } from "./frame.js";
import { openMap } from "./map.js";

startFrame();
openPlace(openMap(), () => {}); // nothing is kept: not the place, not who asked
