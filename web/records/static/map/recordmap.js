// Records on a map: a circle for each building or facility, a table of the places, and the lines of one of them.

/* global L */

import { fill, h } from "../../../static/js/dom.js";
import { address, getJson } from "../../../static/js/fetch.js";
import { bindFilters } from "../../../static/js/filters.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { showLegend } from "../../../static/map/legend.js";
import { flyTo, markPlace } from "../../../static/map/map.js";
import { openMapPage } from "../../../static/map/mappage.js";
import { waitIn } from "../../../static/js/status.js";
import { sortableTable } from "../../../static/js/table.js";
import { lineOf } from "../recordlines.js";

const MET = "#1e5aa8";
const UNMET = "#b45309";
const SIZES = [
  [1, 7],
  [3, 9],
  [10, 11],
  [30, 14],
]; // so many records from, so large a circle

const { view, panel, place } = openMapPage();
const self = { circles: L.layerGroup().addTo(view.map), rows: [], days: {} };
const table = sortableTable(document.getElementById("rows"), {
  columns: columns(),
  keyOf: (row) => row.id,
  onSelect: choose,
  empty: _("这些日子没有记录。换一张表单或改日期看看。"),
});
const values = bindFilters(document.getElementById("filters"), load);
load();

async function load() {
  document.getElementById("as-list").href = address("/records", values());
  const answer = await waitIn(place, () => getJson("/api/v1/records/places", values()));
  if (!answer) return;
  self.rows = answer.rows;
  panel.closeCard();
  draw();
  table.setRows(answer.rows);
  showLegend(document.getElementById("legend"), legendOf(answer));
  fill(document.getElementById("elsewhere"), answer.elsewhere ? _("另有 {n} 条没有地点。", { n: number(answer.elsewhere) }) : null);
}

/** The largest below, so that no circle hides another whole. */
function draw() {
  self.circles.clearLayers();
  for (const row of self.rows) {
    const look = { color: "#ffffff", weight: 1, fillColor: colourOf(row), fillOpacity: 0.85 };
    const circle = L.circleMarker([row.lat, row.lon], { ...look, renderer: view.data, radius: sizeOf(row.records) });
    circle.bindTooltip(() => h("span", {}, `${row.label} · ${_("{n} 条", { n: number(row.records) })}`));
    circle.on("click", () => choose(row.id, row)).addTo(self.circles);
  }
}

const sizeOf = (records) => SIZES.findLast(([from]) => records >= from)[1];

const isUnmet = (row) => row.unmet === row.records;

const colourOf = (row) => (isUnmet(row) ? UNMET : MET);

async function choose(id, row) {
  table.select(id);
  table.scrollTo(id);
  flyTo(view.map, row.lon, row.lat);
  markPlace(view.map, row.lon, row.lat);
  const lines = h("div", { "aria-live": "polite" });
  const status = h("div", { class: "status", hidden: true });
  panel.showCard(h("section", {}, h("h2", {}, row.label), status, lines), () => table.select(null));
  const answer = await waitIn(status, () => getJson("/api/v1/records", { ...values(), place: id }));
  if (answer) fill(lines, linesOf(answer));
}

function linesOf({ rows, total }) {
  const more = total > rows.length ? h("p", { class: "note" }, _("只列最近 {n} 条,共 {total} 条。", { n: number(rows.length), total: number(total) })) : null;
  return [h("ul", { class: "timeline" }, rows.map((row) => h("li", {}, lineOf(row, { isLinked: true })))), more];
}

function columns() {
  return [
    { key: "label", title: _("地点"), value: (row) => row.label, cell: (row) => row.label },
    { key: "records", title: _("记录数"), numeric: true, value: (row) => row.records, cell: (row) => number(row.records) },
    { key: "last", title: _("最近"), value: (row) => row.last, cell: (row) => row.last },
  ];
}

function legendOf({ rows, total, first, last }) {
  const unmet = rows.filter(isUnmet).length;
  const classes = [
    { colour: MET, shape: "circle", label: _("有记录的地方"), count: rows.length - unmet },
    { colour: UNMET, shape: "circle", label: _("每次都没见到人"), count: unmet },
  ];
  return {
    title: _("记录"),
    unit: _("处"),
    meta: { period: { from: first, to: last }, records: total },
    classes: classes.filter(({ count }) => count),
    notes: [_("圆越大,记录越多。")],
  };
}
