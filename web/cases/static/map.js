// Cases on the map: gathered where they lie close, late ones ringed, each with its card and its place's history.

import { placeCard } from "./place.js";
import { gathered, groupLayer, isOneSpot } from "./gather.js";
import { stateWord } from "./words.js";
import { categoryWord } from "./categories.js";
import { h } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { bindFilters } from "../../static/js/filters.js";
import { number } from "../../static/js/format.js";
import { showGrids } from "../../static/map/grids.js";
import { _ } from "../../static/js/i18n.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { addToLegend, showLegend } from "../../static/map/legend.js";
import { leftText, reachedText, remains } from "./limit.js";
import { flyTo, markPlace, specOf } from "../../static/map/map.js";
import { openMapPage } from "../../static/map/mappage.js";
import { page } from "../../static/js/page.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { wordsOf } from "../../static/js/words.js";

const MOST_LINES = 200;
const NEAR = 17.5;

const spec = specOf("casemap");
const { view, panel, place, asOf } = openMapPage();
const form = document.getElementById("filters");
const self = { rows: [], total: 0, unplaced: 0, chosen: null };
const layer = groupLayer(view, { styleOf, tipOf, onClick });
const table = sortableTable(document.getElementById("rows"), {
  columns: columns(),
  keyOf: (row) => row.id,
  onSelect: (_key, row) => open(row, true),
  empty: _("没有符合条件的案件。可以放宽条件。"),
});
listLeftOut(view, table);
let values = null;
start();

async function start() {
  document.getElementById("csv").remove(); // lists leave the house by the export page
  if (specOf("areas") || specOf("outlines")) showGrids(view);
  options("severity", wordsOf("severities"));
  options("source", wordsOf("sources"));
  const answer = await getJson("/api/v1/categories").catch(() => ({ rows: [] }));
  for (const category of answer.rows) form.elements.category.append(h("option", { value: category.code }, categoryWord(category.name)));
  values = bindFilters(form, load);
  view.map.on("zoomend", draw);
  load();
}

function options(name, words) {
  for (const [code, word] of Object.entries(words)) form.elements[name].append(h("option", { value: code }, word));
}

async function load() {
  const { state, category, severity, source, from, to, late, mine, grid, text } = values();
  const asked = { state, category, severity, source, from, to, grid, q: text, as_of: asOf };
  Object.assign(asked, { late: late.length ? 1 : "", mine: mine.length ? 1 : "" });
  const answer = await waitIn(place, () => getJson(spec.urls.data, asked));
  if (!answer) return;
  self.rows = answer.rows;
  self.total = answer.total;
  self.unplaced = answer.unplaced;
  draw();
  table.setRows(self.rows.slice(0, MOST_LINES));
  legend();
}

function stageOf(row) {
  const states = spec.style.stage_states;
  return Object.keys(states).find((stage) => states[stage].includes(row.state)) || "new";
}

function colourOf(row) {
  return values().colour === "severity" ? spec.style.severities[row.severity] : spec.style.stages[stageOf(row)];
}

function isRinged(group) {
  return values().ring.length > 0 && group.late > 0;
}

function draw() {
  const groups = gathered(view.map, self.rows);
  layer.draw(groups);
  const isGathered = groups.some(({ rows }) => rows.length > 1);
  addToLegend("gathered", isGathered ? { colour: spec.style.gathered, opacity: 0.28, label: _("数字:聚在一处的件数"), shape: "circle" } : null);
  const isNear = view.map.getZoom() >= NEAR;
  view.labels.set("cases", groups.flatMap((group) => labelsOf(group, isNear)));
}

function labelsOf(group, isNear) {
  const [row] = group.rows;
  const at = { lon: group.lon, lat: group.lat, priority: 0, bold: true };
  if (group.rows.length > 1) return [{ ...at, text: `${group.rows.length}${isRinged(group) ? "!" : ""}` }];
  const labels = isRinged(group) ? [{ ...at, text: "!", dy: -16 }] : [];
  if (isNear && row.left && stageOf(row) !== "ended")
    labels.push({ ...at, text: leftText(row), priority: 1, bold: false, dy: 16 });
  return labels;
}

function styleOf(group) {
  const many = group.rows.length > 1;
  const ringed = isRinged(group);
  return {
    radius: many ? Math.min(24, 11 + 3 * Math.log2(group.rows.length)) : sizeOf(group.rows[0]),
    color: ringed ? spec.style.late : "#ffffff",
    weight: ringed ? 4 : 2,
    fillColor: many ? spec.style.gathered : colourOf(group.rows[0]),
    fillOpacity: many ? 0.28 : 1,
  };
}

function sizeOf(row) {
  return { small: 6, big: 8, hard: 9, emergency: 10 }[row.severity] || 7;
}

function tipOf(group) {
  const [row] = group.rows;
  if (group.rows.length > 1) {
    const late = group.late ? _("{n} 件,{late} 件超期", { n: group.rows.length, late: group.late }) : null;
    return h("span", {}, late || _("{n} 件", { n: group.rows.length }));
  }
  const clock = stageOf(row) !== "ended" && row.left ? [leftText(row), reachedText(row)] : [];
  const words = [categoryWord(row.category_name), stateWord(row.state), ...clock];
  return h("span", {}, words.filter(Boolean).join(" · "));
}

function onClick(group) {
  if (group.rows.length === 1) open(group.rows[0], false);
  else if (isOneSpot(view.map, group)) panel.showCard(placeCard.several(group.rows, (row) => open(row, false)));
  else flyTo(view.map, group.lon, group.lat, view.map.getZoom() + 1.5);
}

function open(row, move) {
  table.select(row.id);
  if (row.lon !== null && row.lon !== undefined) {
    if (move) flyTo(view.map, row.lon, row.lat);
    markPlace(view.map, row.lon, row.lat);
  }
  panel.showCard(
    placeCard.single(row, (other) => open(other, true)),
    () => table.select(null),
  );
}

function columns() {
  return [
    {
      key: "category",
      title: _("类别"),
      value: (row) => categoryWord(row.category_name),
      cell: (row) => [categoryWord(row.category_name), h("br"), h("small", { class: "muted" }, row.number)],
    },
    {
      key: "state",
      title: _("状态"),
      value: (row) => stateWord(row.state),
      cell: (row) => stateWord(row.state),
    },
    {
      key: "left",
      title: _("期限"),
      value: (row) => row.deadline,
      cell: (row) => (stageOf(row) === "ended" ? "—" : remains(row)),
    },
  ];
}

function legend() {
  const bySeverity = values().colour === "severity";
  const words = wordsOf(bySeverity ? "severities" : "case_stages");
  const colours = bySeverity ? spec.style.severities : spec.style.stages;
  const keyOf = bySeverity ? (row) => row.severity : stageOf;
  const counts = new Map();
  for (const row of self.rows) counts.set(keyOf(row), (counts.get(keyOf(row)) || 0) + 1);
  const classes = Object.entries(colours)
    .filter(([key]) => counts.has(key))
    .map(([key, colour]) => ({ colour, label: words[key], shape: "circle", count: counts.get(key) }));
  const late = self.rows.filter((row) => row.overdue).length;
  if (values().ring.length && late)
    classes.push({ colour: spec.style.late, label: _("超期(红圈和“!”)"), shape: "mark", count: late });
  const shown = self.rows.length;
  showLegend(document.getElementById("legend"), {
    title: spec.legend.title,
    unit: spec.legend.unit,
    meta: { records: self.total },
    classes,
    notes: [
      page.unlisted,
      ...spec.legend.notes,
      _("单件的圆点按轻重分大小:小事最小,紧急最大。"),
      self.total > shown ? _("只画最新的 {n} 件。", { n: number(shown) }) : null,
      shown > MOST_LINES ? _("表中列出最新的 {n} 件。", { n: MOST_LINES }) : null,
      self.unplaced
        ? _("共 {n} 件,其中 {unplaced} 件没有位置,不在图上。", { n: number(self.total + self.unplaced), unplaced: number(self.unplaced) })
        : null,
      _("无权查看的案件不在图上。"),
    ],
  });
}
