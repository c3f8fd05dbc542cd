// The member's own grids on the start page; loaded only where the page has a map.

import { showGrids } from "./grids.js";
import { openMap } from "./map.js";

showGrids(openMap(), (code) => window.location.assign(`/maps/territories?area=${encodeURIComponent(code)}`));
