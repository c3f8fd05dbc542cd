// Elderly service: elders per grid, how many a station reaches on foot, and who is left out.

/* global L */

import { drawAreas, hatch, showArea } from "../../static/map/areas.js";
import { classOf, coloursFor } from "../../static/map/classes.js";
import { fill, h } from "../../static/js/dom.js";
import { address, getJson } from "../../static/js/fetch.js";
import { drawFacilities } from "../../static/map/facilities.js";
import { bindFilters } from "../../static/js/filters.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { writeText } from "../../static/map/labels.js";
import { isShown, onLayers } from "../../static/map/layers.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { addToLegend, showLegend } from "../../static/map/legend.js";
import { flyTo, markPlace, specOf } from "../../static/map/map.js";
import { chooser, openMapPage } from "../../static/map/mappage.js";
import { labelPoint } from "../../static/js/shapes.js";
import { emptyNote, showFailure, waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { isWithheld, rowNumber, signOf } from "../../static/js/withheld.js";
import { levelWord, reasonWord, stationWord } from "../../static/js/words.js";

const BAR_LONGEST = 56;
const VISIT_DAYS = 30; // as the server counts who was visited
const LEFT_OUT = "#7f1d1d";
const spec = specOf("elderly");
const stationSpec = specOf("stations");
const { view, panel, place, asOf } = openMapPage();
const form = document.getElementById("filters");
const self = { features: [], rows: new Map(), meta: {}, stations: [], others: null, mostElders: 1 };
const ramp = spec.style.ramps.share;
const colours = coloursFor(ramp.colours, ramp.breaks.length);

const areas = drawAreas(view, {
  fillOf,
  hoverOf,
  onSelect: (code) => choose(code),
  opacity: spec.style.fill_opacity,
});
const circles = L.layerGroup().addTo(view.map);
const circleCanvas = L.canvas({ pane: "circles", padding: 0.3 });
const points = L.layerGroup().addTo(view.map);
const table = sortableTable(document.getElementById("rows"), {
  columns: columns(),
  keyOf: (row) => row.code,
  onSelect: onRow,
  empty: _("还没有登记老人。"),
});
listLeftOut(view, table);
const { choose, restore } = chooser({ panel, asOf, select });
const values = bindFilters(form, load);
load();
onLayers(() => self.features.length && show());

/** Share of elders reached (or another part of them), in per cent; unknown where a number is withheld. */
function share(row, part = "reached") {
  if (!row || row.elders === null || row[part] === null || !row.elders) return null;
  return (100 * row[part]) / row.elders;
}

async function load() {
  const { distance } = values();
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
  if (answer[0]) self.features = answer[0].features;
  if (answer[0]) areas.show(self.features);
  if (answer[2]) self.stations = answer[2].features;
  if (answer[3]) self.others = drawFacilities(view, answer[3].features, stationSpec.style.others);
  self.rows = new Map(answer[1].rows.map((row) => [row.code, row]));
  self.meta = answer[1].meta;
  show();
  showUncovered(distance);
}

function show() {
  self.mostElders = Math.max(1, ...[...self.rows.values()].map((row) => row.elders || 0));
  areas.restyle();
  drawStations();
  view.labels.set("areas", gridLabels());
  table.setRows([...self.rows.values()]);
  showLegend(document.getElementById("legend"), legendOf());
  restore();
}

function fillOf(area) {
  const row = self.rows.get(area.code);
  const index = classOf(share(row), ramp.breaks, ramp.digits);
  if (index !== null) return colours[index];
  return row && !isHidden(row) ? null : hatch();
}

/** Whether the share of a row hangs on a figure that isn't shown. */
function isHidden(row) {
  return isWithheld(row, "elders") || isWithheld(row, "reached");
}

function hoverOf(area) {
  const row = self.rows.get(area.code);
  const shown = (key) => (row ? rowNumber(row, key) : "—");
  const late = _("探访逾期 {n} 人,其中步行不可达 {far} 人", { n: shown("overdue"), far: shown("double_gap") });
  return [area.name || area.code, _("老人 {n} 人", { n: shown("elders") }), late].join(" · ");
}

/** Name, bar and figures of a grid as one label: the bar's length is the elders, its dark part those reached. */
function gridLabels() {
  return self.features.flatMap(({ geometry, properties }) => {
    const at = labelPoint(geometry);
    const row = self.rows.get(properties.code);
    if (!at) return [];
    const name = {
      lon: at[0],
      lat: at[1],
      key: properties.code,
      text: properties.name || properties.code,
      priority: 1,
      bold: true,
    };
    if (!row) return [name];
    return [{ ...name, box: [BAR_LONGEST + 8, 52], draw: (context) => drawGrid(context, name, row) }];
  });
}

function drawGrid(context, name, row) {
  writeText(context, name, -16);
  if (row.elders !== null) drawBar(context, row);
  const text = row.elders === null ? rowNumber(row, "elders") : `${rowNumber(row, "reached")} / ${rowNumber(row, "elders")}`;
  writeText(context, { text, size: 12 }, 16);
}

function drawBar(context, row) {
  const whole = (BAR_LONGEST * row.elders) / self.mostElders;
  const left = -BAR_LONGEST / 2;
  context.fillStyle = "rgba(255, 255, 255, 0.92)";
  context.fillRect(left - 1, -5, BAR_LONGEST + 2, 11);
  context.fillStyle = spec.style.bar_rest;
  context.fillRect(left, -4, whole, 9);
  context.fillStyle = spec.style.bar;
  context.fillRect(left, -4, row.elders ? (whole * (row.reached || 0)) / row.elders : 0, 9);
}

function shownStations() {
  return isShown("facilities") ? self.stations : [];
}

function drawStations() {
  circles.clearLayers();
  if (self.others && isShown("facilities")) self.others.layer.addTo(view.map);
  else self.others?.layer.remove();
  for (const { geometry, properties } of shownStations()) {
    const [lon, lat] = geometry.coordinates;
    L.circle([lat, lon], {
      radius: self.meta.straight_m,
      renderer: circleCanvas,
      pane: "circles",
      color: stationSpec.style.colour,
      weight: 2,
      dashArray: "6 5",
      fill: false,
      interactive: false,
    }).addTo(circles);
    L.circleMarker([lat, lon], {
      radius: 8,
      renderer: view.data,
      color: "#ffffff",
      weight: 2,
      fillColor: stationSpec.style.colour,
      fillOpacity: 1,
    })
      .bindTooltip(() => h("span", {}, `${properties.name} · ${stationWord(properties.type)}`))
      .addTo(circles);
  }
  view.labels.set(
    "stations",
    shownStations().map(({ geometry, properties }) => ({
      lon: geometry.coordinates[0],
      lat: geometry.coordinates[1],
      key: properties.id,
      text: properties.name,
      priority: 0,
      dy: -18,
      size: 12,
      colour: stationSpec.style.colour,
      bold: true,
      minZoom: 15,
    })),
  );
}

/** The list of those left out, for roles that may know households. */
async function showUncovered(distance) {
  const list = document.getElementById("uncovered");
  if (!list) return;
  try {
    const answer = await getJson(spec.urls.uncovered, { distance, as_of: asOf });
    if (distance !== values().distance) return; // another reach is asked for since
    points.clearLayers();
    answer.rows.forEach(drawHousehold);
    explainHouseholds(answer.rows);
    fill(
      list,
      answer.rows.length
        ? h("ol", { class: "plain" }, answer.rows.map(householdLine))
        : emptyNote(_("所有登记的老人都在步行范围内。")),
    );
    document.getElementById("uncovered-count").textContent = number(answer.rows.length);
  } catch (failure) {
    if (failure.status === 403) fill(list, h("p", { class: "note" }, _("您的账号只看人数,不看住户名单。")));
    else showFailure(list, failure, () => showUncovered(distance));
  }
}

function explainHouseholds(rows) {
  const placed = rows.filter(({ lon }) => lon !== null && lon !== undefined);
  const entry = { colour: LEFT_OUT, shape: "mark", label: _("步行不可达的老人家庭"), count: placed.length };
  addToLegend("uncovered", placed.length ? entry : null);
}

function drawHousehold(row) {
  if (row.lon === null || row.lon === undefined) return;
  L.circleMarker([row.lat, row.lon], {
    radius: 3.5,
    renderer: view.data,
    color: LEFT_OUT,
    weight: 1.2,
    fillColor: "#ffffff",
    fillOpacity: 1,
  })
    .bindTooltip(() => h("span", {}, `${row.address} · ${reasonWord(row.reason)}`))
    .addTo(points);
}

function householdLine(row) {
  const look = () => {
    flyTo(view.map, row.lon, row.lat);
    markPlace(view.map, row.lon, row.lat);
  };
  return h(
    "li",
    {},
    h("button", { type: "button", class: "link", onclick: look }, row.address),
    h(
      "span",
      { class: "muted" },
      _("老人 {n} 人", { n: rowNumber(row, "elders") }),
      " · ",
      reasonWord(row.reason),
    ),
  );
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

function columns() {
  const plain = (key, title) => ({
    key,
    title,
    numeric: true,
    value: (row) => row[key],
    cell: (row) => rowNumber(row, key),
  });
  const withShare = (key, title) => ({
    key,
    title,
    numeric: true,
    value: (row) => share(row, key),
    cell: (row) => partCell(row, key),
  });
  return [
    {
      key: "name",
      title: levelWord("grid"),
      value: (row) => row.name || row.code,
      cell: (row) => row.name || row.code,
    },
    plain("elders", _("老人")),
    plain("elders_80", _("80 岁以上")),
    withShare("reached", _("步行可达")),
    withShare("with_member", _("有网格员")),
    withShare("with_visitor", _("有探访人")),
    withShare("without_visitor", _("无探访人")),
    withShare("agreed", _("同意探访")),
    withShare("visited", _("{n} 天内见到", { n: VISIT_DAYS })),
    plain("unseen", _("{n} 天未见", { n: VISIT_DAYS })),
    plain("overdue", _("探访逾期")),
    plain("double_gap", _("逾期且不可达")),
    plain("unregistered", _("未登记户")),
  ];
}

/** A part of the elders with its share below it. */
function partCell(row, key) {
  const part = share(row, key);
  const below = part === null ? null : h("small", {}, `${number(part, ramp.digits)}%`);
  return h("span", { class: "load" }, rowNumber(row, key), below);
}

function legendOf() {
  const rows = [...self.rows.values()];
  const counts = ramp.breaks.map(
    (_bound, index) => rows.filter((row) => classOf(share(row), ramp.breaks, ramp.digits) === index).length,
  );
  const label = (index) =>
    index + 1 < ramp.breaks.length
      ? `${ramp.breaks[index]}% – <${ramp.breaks[index + 1]}%`
      : `≥ ${ramp.breaks[index]}%`;
  const classes = ramp.breaks.map((_bound, index) => ({
    colour: colours[index],
    opacity: spec.style.fill_opacity,
    label: label(index),
    count: counts[index],
  }));
  const hidden = rows.filter(isHidden);
  const without = rows.filter((row) => share(row) === null).length - hidden.length;
  if (hidden.length) classes.push({ colour: "#ffffff", hatch: true, label: signOf(hidden[0]), count: hidden.length });
  if (without) classes.push({ colour: "#ffffff", label: _("没有老人"), count: without });
  if (isShown("facilities")) classes.push(...facilityClasses());
  classes.push({ colour: spec.style.bar, label: _("横条:老人,深色是步行可达") });
  return {
    title: spec.legend.title,
    unit: _("可达老人占老人的百分比"),
    meta: self.meta,
    classes,
    notes: notes(rows),
  };
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
    _("直线距离 = 步行距离 ÷ 1.3。每格的横条是老人数,深色是步行可达的人数。"),
    _("探访数字截至 {day}。逾期:按探访安排,最晚那天已过还没见到本人。", { day: self.meta.visits_day }),
    unregistered ? _("另有 {n} 户未登记。", { n: number(unregistered) }) : null,
  ];
}
