// My grid, my member: a place by the device, an address or the map; the pin says whose it is.

import { openPlace } from "../../cases/static/report/place.js";
import { startFrame } from "../../static/js/frame.js";
import { openMap } from "../../static/map/map.js";

startFrame();
openPlace(openMap(), () => {}); // nothing is kept: not the place, not who asked
