// Completeness: how much of what should be known is known, how fresh it is, and what to do next about it.

import { areaLabels, drawAreas, hatch, showArea } from "../../static/map/areas.js";
import { shareClasses } from "../../static/map/arearows.js";
import { classOf, coloursFor } from "../../static/map/classes.js";
import { h } from "../../static/js/dom.js";
import { address, getJson } from "../../static/js/fetch.js";
import { bindFilters } from "../../static/js/filters.js";
import { number } from "../../static/js/format.js";
import { gapsList } from "./gaps.js";
import { _ } from "../../static/js/i18n.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { showLegend } from "../../static/map/legend.js";
import { specOf } from "../../static/map/map.js";
import { chooser, openMapPage } from "../../static/map/mappage.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";

const spec = specOf("completeness");
const { view, panel, place, asOf } = openMapPage();
const self = { features: [], level: null, rows: new Map(), meta: {}, measure: "share_180" };
const PARTS = {
  share_180: ["verified_180", "households"],
  share_90: ["verified_90", "households"],
  position_share: ["with_position", "households"],
  case_share: ["cases_with_position", "cases"],
};
const TITLES = {
  share_180: () => _("180 天内核实"),
  share_90: () => _("90 天内核实"),
  position_share: () => _("有坐标"),
  case_share: () => _("案件有位置"),
};
const SHORT = {
  share_180: () => _("180 天"),
  share_90: () => _("90 天"),
  position_share: () => _("坐标"),
  case_share: () => _("案件"),
};
const areas = drawAreas(view, { fillOf, hoverOf, onSelect: (code) => choose(code), opacity: spec.style.fill_opacity });
const table = sortableTable(document.getElementById("rows"), {
  columns: columns(),
  keyOf: (row) => row.code,
  onSelect: onRow,
  empty: _("没有网格。"),
});
listLeftOut(view, table);
const { choose, restore } = chooser({ panel, asOf, select });
const gaps = gapsList(view, { url: spec.urls.gaps, asOf, onDone: load });
const values = bindFilters(document.getElementById("filters"), load);
load();

async function load() {
  const { measure, level } = values();
  document.getElementById("csv").href = address("/api/v1/completeness.csv", { level, as_of: asOf });
  const isNew = level !== self.level;
  const answer = await waitIn(place, () =>
    Promise.all([
      isNew ? getJson(spec.urls.areas, { level, as_of: asOf, simplify: 1 }) : null,
      getJson(spec.urls.rows, { level, as_of: asOf }),
    ]),
  );
  if (!answer) return;
  self.measure = measure;
  self.rows = new Map(answer[1].rows.map((row) => [row.code, row]));
  self.meta = answer[1].meta;
  if (answer[0]) {
    self.level = level;
    self.features = answer[0].features;
    areas.show(self.features);
  }
  show();
}

function show() {
  areas.restyle();
  const numberOf = ({ code }) => percent(self.rows.get(code)?.[self.measure]);
  view.labels.set("areas", areaLabels(self.features, { nameOf: ({ name, code }) => name || code, numberOf }));
  table.setRows([...self.rows.values()]);
  showLegend(document.getElementById("legend"), legendOf());
  restore();
}

function percent(share) {
  if (share === null || share === undefined) return "—";
  return `${Number.isInteger(share) ? number(share) : number(share, 1)}%`;
}

function ramp() {
  const { colours, breaks } = spec.style.ramps[self.measure];
  return { breaks, colours: coloursFor(colours, breaks.length) };
}

function fillOf({ code }) {
  const { breaks, colours } = ramp();
  const index = classOf(self.rows.get(code)?.[self.measure], breaks, 1);
  return index === null ? hatch() : colours[index];
}

function hoverOf(area) {
  const row = self.rows.get(area.code);
  return `${area.name || area.code} · ${TITLES[self.measure]()} ${row ? percent(row[self.measure]) : "—"}`;
}

function select(code) {
  areas.select(code);
  table.select(code);
  table.scrollTo(code);
  gaps.show(self.level === "grid" ? code : null);
}

function onRow(code) {
  showArea(
    view.map,
    self.features.find((feature) => feature.properties.code === code),
  );
  choose(code);
}

function columns() {
  const part = (key) => ({
    key,
    title: SHORT[key](),
    numeric: true,
    value: (row) => row[key],
    cell: (row) => shareCell(row, key),
  });
  const name = { key: "name", title: _("区域"), value: (row) => row.name || row.code, cell: nameCell };
  return [name, part("position_share"), part("share_90"), part("share_180"), part("case_share")];
}

/** A share with the numbers it is made of below it; households in all stand below the name. */
function shareCell(row, key) {
  const [some, whole] = PARTS[key].map((part) => row[part]);
  const below = key === "case_share" ? `${number(some)}/${number(whole)}` : number(some);
  return h("span", { class: "load" }, percent(row[key]), whole ? h("small", {}, below) : null);
}

function nameCell(row) {
  return h("span", { class: "load" }, row.name || row.code, h("small", { class: "muted" }, _("{n} 户", { n: number(row.households) })));
}

function legendOf() {
  const shares = [...self.rows.values()].map((row) => row[self.measure]);
  const classes = shareClasses(spec.style.ramps[self.measure], shares, spec.style.fill_opacity);
  const nothing = shares.filter((share) => share === null).length;
  if (nothing) classes.push({ colour: "#ffffff", hatch: true, label: _("没有可算的"), count: nothing });
  return { title: `${spec.legend.title} · ${TITLES[self.measure]()}`, unit: spec.legend.unit, meta: self.meta, classes, notes: notes() };
}

function notes() {
  const { outside, case_days: days } = self.meta;
  return [
    ...spec.legend.notes,
    self.measure === "case_share" ? _("案件:最近 {n} 天上报的。", { n: number(days) }) : null,
    self.measure.endsWith("share") ? _("坐标没有日期,过去的日期也按今日登记计算。") : null,
    outside?.households ? _("另有 {n} 户未归入网格。", { n: number(outside.households) }) : null,
    outside?.cases ? _("另有 {n} 件案件未归入网格。", { n: number(outside.cases) }) : null,
  ];
}
