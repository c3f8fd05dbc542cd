// The member's own grids on the start page, with the cases of today's list by their number in it.

/* global L */

import { categoryWord } from "../../cases/static/categories.js";
import { h } from "../../static/js/dom.js";
import { OWN, showGrids } from "../../static/map/grids.js";
import { showHere } from "../../static/map/here.js";
import { _ } from "../../static/js/i18n.js";
import { showLegend } from "../../static/map/legend.js";
import { openMap, specOf } from "../../static/map/map.js";
import { leftText, reachedText } from "../../cases/static/limit.js";

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
  explain(placed.map(({ row }) => row), spec.style.colours);
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

function lightOf(row) {
  if (row.overdue) return "overdue";
  return row.light === "amber" ? "due" : "open";
}

function explain(rows, colours) {
  const words = { open: _("在办案件"), due: _("快到期的案件"), overdue: _("超期案件(红点和“!”)") };
  const count = (light) => rows.filter((row) => lightOf(row) === light).length;
  const lights = Object.keys(words).filter(count);
  showLegend(document.getElementById("legend"), {
    title: _("我的网格"),
    classes: [
      ...lights.map((light) => ({ colour: colours[light], shape: "circle", label: words[light], count: count(light) })),
      { colour: OWN, opacity: 0.65, label: _("我的网格") },
    ],
    notes: [_("案件上的数字是它在今日清单里的号码。")],
  });
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
    fillColor: colours[lightOf(row)],
    fillOpacity: 1,
  })
    .bindTooltip(() => h("span", {}, words))
    .on("click", () => window.location.assign(`/cases/${encodeURIComponent(row.id)}`))
    .addTo(view.map);
}
