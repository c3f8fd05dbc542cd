// Elderly service: elders per grid, how many a station reaches on foot, who was visited, and who is left out.

import { drawAreas, hatch, showArea } from "../../static/map/areas.js";
import { shareClasses } from "../../static/map/arearows.js";
import { classOf, coloursFor } from "../../static/map/classes.js";
import { address, getJson } from "../../static/js/fetch.js";
import { drawFacilities } from "../../static/map/facilities.js";
import { bindFilters } from "../../static/js/filters.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { isShown, onLayers } from "../../static/map/layers.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { showLegend } from "../../static/map/legend.js";
import { specOf } from "../../static/map/map.js";
import { chooser, openMapPage } from "../../static/map/mappage.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { rowNumber, signOf } from "../../static/js/withheld.js";
import { elderColumns } from "./elderly/columns.js";
import { elderLabels } from "./elderly/labels.js";
import { leftOutList } from "./elderly/households.js";
import { barWords, emptyWords, hangsOnReach, isHidden, shareOf, titleOf, unitOf } from "./elderly/measures.js";
import { stationLayer } from "./elderly/stations.js";

const spec = specOf("elderly");
const stationSpec = specOf("stations");
const { view, panel, place, asOf } = openMapPage();
const self = { features: [], rows: new Map(), meta: {}, stations: [], others: null, measure: "reached" };
const areas = drawAreas(view, { fillOf, hoverOf, onSelect: (code) => choose(code), opacity: spec.style.fill_opacity });
const circles = stationLayer(view, stationSpec.style.colour);
const leftOut = leftOutList(view, { url: spec.urls.uncovered, asOf });
const table = sortableTable(document.getElementById("rows"), {
  columns: elderColumns(self.measure, ramp().digits),
  keyOf: (row) => row.code,
  onSelect: onRow,
  empty: _("还没有登记老人。"),
});
listLeftOut(view, table);
const { choose, restore } = chooser({ panel, asOf, select });
const values = bindFilters(document.getElementById("filters"), load);
load();
onLayers(() => self.features.length && show());

function ramp() {
  return spec.style.ramps[self.measure];
}

async function load() {
  const { distance, measure } = values();
  document.getElementById("csv").href = address("/api/v1/coverage/elderly.csv", { distance, as_of: asOf });
  const answer = await waitIn(place, () =>
    Promise.all([
      self.features.length ? null : getJson(spec.urls.areas, { level: "grid", as_of: asOf, simplify: 1 }),
      getJson(spec.urls.rows, { distance, as_of: asOf }),
      self.stations.length ? null : getJson(stationSpec.urls.data, { as_of: asOf }),
      self.others ? null : getJson(stationSpec.urls.others, { as_of: asOf }),
    ]),
  );
  if (!answer) return;
  take(answer);
  self.measure = measure;
  table.setColumns(elderColumns(measure, ramp().digits));
  show();
  leftOut.show(distance, hangsOnReach(measure));
}

function take([shapes, { rows, meta }, stations, others]) {
  if (shapes) self.features = shapes.features;
  if (shapes) areas.show(self.features);
  if (stations) self.stations = stations.features;
  if (others) self.others = drawFacilities(view, others.features, stationSpec.style.others);
  self.rows = new Map(rows.map((row) => [row.code, row]));
  self.meta = meta;
}

function show() {
  areas.restyle();
  drawStations();
  const colours = { part: spec.style[self.measure === "reached" || self.measure === "visited" ? "bar" : "bar_gap"], rest: spec.style.bar_rest };
  view.labels.set("areas", elderLabels(self.features, self.rows, { measure: self.measure, colours }));
  table.setRows([...self.rows.values()]);
  showLegend(document.getElementById("legend"), legendOf(colours.part));
  restore();
}

function fillOf(area) {
  const row = self.rows.get(area.code);
  const { breaks, colours, digits } = ramp();
  const index = classOf(shareOf(row, self.measure), breaks, digits);
  if (index !== null) return coloursFor(colours, breaks.length)[index];
  return row && !isHidden(row, self.measure) ? null : hatch();
}

function hoverOf(area) {
  const row = self.rows.get(area.code);
  const shown = (key) => (row ? rowNumber(row, key) : "—");
  const late = _("探访逾期 {n} 人,其中步行不可达 {far} 人", { n: shown("overdue"), far: shown("double_gap") });
  return [area.name || area.code, _("老人 {n} 人", { n: shown("elders") }), late].join(" · ");
}

function drawStations() {
  const isDrawn = isShown("facilities");
  if (self.others && isDrawn) self.others.layer.addTo(view.map);
  else self.others?.layer.remove();
  circles.show(isDrawn ? self.stations : [], self.meta.straight_m);
}

function select(code) {
  areas.select(code);
  table.select(code);
  table.scrollTo(code);
}

function onRow(code) {
  showArea(
    view.map,
    self.features.find((feature) => feature.properties.code === code),
  );
  choose(code);
}

function legendOf(barColour) {
  const rows = [...self.rows.values()];
  const classes = [...shareClasses(ramp(), rows.map((row) => shareOf(row, self.measure)), spec.style.fill_opacity), ...others(rows)];
  if (isShown("facilities")) classes.push(...facilityClasses());
  classes.push({ colour: barColour, label: barWords(self.measure) });
  const title = self.measure === "reached" ? spec.legend.title : `${spec.legend.title} · ${titleOf(self.measure)}`;
  return { title, unit: unitOf(self.measure), meta: self.meta, classes, notes: notes(rows) };
}

/** The grids whose share isn't shown, and those that have nobody to count. */
function others(rows) {
  const hidden = rows.filter((row) => isHidden(row, self.measure));
  const without = rows.filter((row) => shareOf(row, self.measure) === null).length - hidden.length;
  return [
    hidden.length ? { colour: "#ffffff", hatch: true, label: signOf(hidden[0]), count: hidden.length } : null,
    without ? { colour: "#ffffff", label: emptyWords(self.measure), count: without } : null,
  ].filter(Boolean);
}

function facilityClasses() {
  const { colour, others } = stationSpec.style;
  return [
    { colour, shape: "circle", label: _("服务站"), count: self.stations.length },
    { colour, shape: "ring", label: reachWords() },
    { colour: others.colour, label: _("其他公共设施"), count: self.others?.count },
  ];
}

function reachWords() {
  const straight = Math.round(self.meta.straight_m);
  return _("圈内:步行 {walk} 米(直线约 {straight} 米)", { walk: self.meta.distance_m, straight });
}

function notes(rows) {
  const unregistered = rows.reduce((sum, row) => sum + (row.unregistered || 0), 0);
  return [
    ...spec.legend.notes,
    hangsOnReach(self.measure) ? _("直线距离 = 步行距离 ÷ 1.3。") : null,
    _("格名下的数字:深色一段的人数 / 横条全长的人数。"),
    _("探访数字截至 {day}。逾期:按探访安排,最晚那天已过还没见到本人。", { day: self.meta.visits_day }),
    unregistered ? _("另有 {n} 户未登记。", { n: number(unregistered) }) : null,
  ];
}
