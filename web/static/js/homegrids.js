// The member's own grids on the start page, with the cases of today's list by their number in it.

/* global L */

import { categoryWord } from "./categories.js";
import { h } from "./dom.js";
import { showGrids } from "./grids.js";
import { showHere } from "./here.js";
import { openMap, specOf } from "./map.js";
import { leftText, reachedText } from "./limit.js";

const view = openMap();
showGrids(view, {
  own: JSON.parse(document.getElementById("own-grids").dataset.grids),
  onSelect: (code) => window.location.assign(`/maps/territories?area=${encodeURIComponent(code)}`),
});

showHere(view);

/** Draw the cases of the list; each says the same number as its line, a late one in red and with a mark. */
export function showCases(rows) {
  const spec = specOf("cases");
  if (!spec) return;
  const placed = rows
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => row.lon !== null && row.lon !== undefined);
  for (const { row } of placed) drawCase(row, spec.style.colours);
  view.labels.set(
    "cases",
    placed.map(({ row, index }) => ({
      lon: row.lon,
      lat: row.lat,
      text: row.overdue ? `${index + 1}!` : String(index + 1),
      priority: 0,
      bold: true,
      dy: -16,
    })),
  );
}

function drawCase(row, colours) {
  const words = [categoryWord(row.category_name || row.category), row.left ? leftText(row) : null, reachedText(row)]
    .filter(Boolean)
    .join(" · ");
  L.circleMarker([row.lat, row.lon], {
    radius: 8,
    renderer: view.data,
    color: "#ffffff",
    weight: 2,
    fillColor: row.overdue ? colours.overdue : row.light === "amber" ? colours.due : colours.open,
    fillOpacity: 1,
  })
    .bindTooltip(() => h("span", {}, words))
    .on("click", () => window.location.assign(`/cases/${encodeURIComponent(row.id)}`))
    .addTo(view.map);
}
