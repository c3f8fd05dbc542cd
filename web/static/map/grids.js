// Outlines and names of the grids, as the ground of pages about something else.

import { areaLabels, drawAreas, showAreas } from "./areas.js";
import { getJson } from "../js/fetch.js";
import { specOf } from "./map.js";
import { page } from "../js/page.js";

/** The colour of the grids of whoever looks. */
export const OWN = "#9dbbe3";

/**
 * Draw the grids of the account's community, those in `own` filled and brought into view. `onSelect(code)` is told
 * of a click; a failure leaves none.
 */
export async function showGrids(view, { onSelect = () => {}, own = [] } = {}) {
  const spec = specOf("outlines");
  if (!spec || !page.community) return;
  const areas = drawAreas(view, {
    fillOf: (area) => (own.includes(area.code) ? OWN : null),
    hoverOf: (area) => area.name || area.code,
    onSelect,
  });
  try {
    const answer = await getJson(spec.urls.data, { level: spec.style.level, as_of: page.as_of, simplify: 1 });
    areas.show(answer.features);
    areas.toBack();
    const held = answer.features.filter(({ properties }) => own.includes(properties.code));
    if (held.length) showAreas(view.map, held);
    view.labels.set("areas", areaLabels(answer.features, { nameOf: (area) => area.name || area.code }));
  } catch (failure) {
    console.warn(`grids not loaded: ${failure.message}`); // the page's own subject stands without them
  }
}
