// The page of a receipt code: a link brings it behind the "#", which no server sees.

import { startFrame } from "../../../static/js/frame.js";

startFrame();
const field = document.getElementById("receipt");
const brought = decodeURIComponent(window.location.hash.slice(1));
if (field && /^[0-9A-Za-z-]{12,16}$/.test(brought)) {
  field.value = brought;
  window.history.replaceState(null, "", window.location.pathname); // nobody who looks at the screen later reads it
}
