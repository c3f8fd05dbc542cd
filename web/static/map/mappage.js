// What the three map pages have in common: map, panel, search, table, and choosing an area in any of them.

import { areaCard, resultCard } from "../js/card.js";
import { startFrame } from "../js/frame.js";
import { flyTo, markPlace, openMap } from "./map.js";
import { openPanel } from "../js/panel.js";
import { openResult } from "../js/search.js";
import { read, write } from "../js/state.js";
import { page } from "../js/page.js";

/** Open a map page. `choose(key)` is set by the page and called for the area named in the address. */
export function openMapPage() {
  const view = openMap();
  const panel = openPanel();
  startFrame((result) => showResult(view, panel, result));
  document.querySelector("[data-home]")?.addEventListener("click", view.home);
  const asOf = read("as_of", page.as_of);
  write({ as_of: asOf }); // sent along, so that the view opens the same another day
  return { view, panel, place: document.getElementById("status"), asOf };
}

function showResult(view, panel, result) {
  if (result.lon === null || result.lon === undefined) {
    openResult(result);
    return;
  }
  flyTo(view.map, result.lon, result.lat);
  markPlace(view.map, result.lon, result.lat);
  panel.showCard(resultCard(result, (node) => panel.showCard(node)));
}

/**
 * Choose an area everywhere at once: map, table, card, address. `restore` marks the area of the address after
 * data was drawn, and opens its card the first time only.
 */
export function chooser({ panel, asOf, select }) {
  let isFirst = true;
  const choose = (code) => {
    write({ area: code });
    select(code);
    panel.showCard(areaCard(code, { asOf }), () => {
      write({ area: "" });
      select(null);
    });
  };
  const restore = () => {
    const code = read("area");
    if (code && isFirst) choose(code);
    else select(code || null);
    isFirst = false;
  };
  return { choose, restore };
}
