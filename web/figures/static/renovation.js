// Buildings by age or condition, and a row per compound: the sheet for renovation.

/* global L */

import { buildingNumber } from "../../static/map/basemap.js";
import { buildingFacts, factsCard } from "../../static/js/card.js";
import { h } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { POPUP } from "../../static/map/maptools.js";
import { labelPoint } from "../../static/js/shapes.js";
import { rowNumber } from "../../static/js/withheld.js";
import { unitWord, wordsOf } from "../../static/js/words.js";

const CONDITIONS = ["A", "B", "C", "D"];
const UNKNOWN = "#ffffff";

/** The overlay of buildings with its table and legend. */
export function openRenovation(view, spec, asOf) {
  const self = { features: [], rows: [], meta: {}, by: "condition", isLoaded: false };
  const layer = L.geoJSON(null, {
    renderer: view.data,
    style: (feature) => ({
      color: "#4b5563",
      weight: 1,
      fillColor: colourOf(spec, self.by, feature.properties),
      fillOpacity: 0.95,
    }),
    onEachFeature: (feature, drawn) => {
      drawn.bindTooltip(() => hover(feature.properties), { sticky: true });
      const { address, code } = feature.properties;
      const card = () => h("div", {}, h("strong", {}, address || code), buildingFacts(feature.properties));
      drawn.bindPopup(card, POPUP).on("popupopen", () => drawn.closeTooltip());
    },
  });
  return {
    load: ({ from, to }) => load(self, spec, { from, to, as_of: asOf }),
    take: (answer) => take(self, layer, answer),
    show(isShown, by) {
      self.by = by || "condition";
      if (isShown) layer.addTo(view.map).setStyle(layer.options.style);
      else layer.remove();
      view.labels.set("buildings", isShown ? letters(self) : []);
    },
    rows: () => self.rows,
    columns,
    legend: (by, figures) => legendOf(spec, self, { by, figures }),
    open: (code) => openCompound(view, self, code),
  };
}

function load(self, spec, asked) {
  const bbox = window.gisgrid.bounds.join(",");
  return Promise.all([
    self.isLoaded ? null : getJson(spec.urls.buildings, { bbox }),
    getJson(spec.urls.rows, asked),
  ]);
}

function take(self, layer, [buildings, table]) {
  self.rows = table.rows;
  self.meta = table.meta || {};
  if (!buildings) return;
  self.features = buildings.features;
  self.isLoaded = true;
  layer.addData(buildings);
}

function builtClass(spec, year) {
  return Object.keys(spec.style.built)
    .map(Number)
    .sort((a, b) => a - b)
    .find((bound) => year < bound);
}

function colourOf(spec, by, building) {
  if (by !== "built") return spec.style.condition[building.condition] || UNKNOWN;
  return building.built_year ? spec.style.built[String(builtClass(spec, building.built_year))] : UNKNOWN;
}

function hover(building) {
  const facts = [
    building.built_year ? _("{n} 年", { n: building.built_year }) : null,
    building.condition ? _("{n} 级", { n: building.condition }) : null,
  ];
  return h("span", {}, [building.address || building.code, ...facts].filter(Boolean).join(" · "));
}

/** The condition's letter on each building, behind its number: never colour alone. */
function letters(self) {
  return self.features.flatMap(({ geometry, properties }) => {
    const at = labelPoint(geometry);
    const text = self.by === "built" ? properties.built_year : properties.condition;
    if (!at || !text) return [];
    const both = [buildingNumber(properties), text].filter(Boolean).join(" · ");
    return [{ lon: at[0], lat: at[1], text: both, priority: 40, size: 11, minZoom: 17 }];
  });
}

function worst(row) {
  const counts = row.condition_counts || {};
  const letter = [...CONDITIONS].reverse().find((letter) => counts[letter]);
  if (!letter) return { letter: null, rank: null, text: "—" };
  const all = CONDITIONS.reduce((sum, condition) => sum + (counts[condition] || 0), 0);
  return {
    letter,
    rank: CONDITIONS.indexOf(letter) + counts[letter] / all,
    text: _("{letter} 级 {n} 栋", { letter, n: counts[letter] }),
  };
}

function years(row) {
  if (!row.built_from) return "—";
  return row.built_from === row.built_to ? String(row.built_from) : `${row.built_from}–${row.built_to}`;
}

function columns() {
  const plain = (key, title, digits = 0) => ({
    key,
    title,
    numeric: true,
    value: (row) => row[key],
    cell: (row) => rowNumber(row, key, digits),
  });
  return [
    { key: "built", title: _("小区与建成年份"), value: (row) => row.built_from, cell: nameCell },
    { key: "grade", title: _("最差状况"), value: (row) => worst(row).rank, cell: (row) => worst(row).text },
    { ...plain("households", _("户数")), cell: homesCell },
    plain("elders", _("老人")),
    { key: "lift", title: _("有电梯"), numeric: true, value: (row) => row.lift_share, cell: liftCell },
    plain("rate", _("每百户案件"), 1),
  ];
}

function nameCell(row) {
  return twoLines(row.name || row.code, years(row));
}

function homesCell(row) {
  return twoLines(rowNumber(row, "households"), _("{n} 栋", { n: number(row.buildings) }));
}

/** Share of the buildings that have a lift, where it is known. */
function liftCell(row) {
  return row.lift_share === null ? "—" : `${number(100 * row.lift_share)}%`;
}

function twoLines(first, second) {
  return h("span", { class: "load" }, first, h("small", {}, second));
}

/** `figures` says what the numbers below the names of areas are, where there are any. */
function legendOf(spec, self, { by, figures }) {
  const isBuilt = by === "built";
  const entries = isBuilt ? builtClasses(spec, self) : conditionClasses(spec, self);
  return {
    title: isBuilt ? _("楼栋建成年代") : _("楼栋房屋状况"),
    unit: unitWord("buildings"),
    meta: { ...self.meta, records: self.features.length },
    classes: entries.filter((entry) => entry.count || entry.label !== _("没有数据")),
    notes: [_("老旧小区一般指 2000 年底前建成的小区。"), figures],
  };
}

function conditionClasses(spec, self) {
  const words = wordsOf("conditions");
  const count = (letter) => self.features.filter((feature) => feature.properties.condition === letter).length;
  const known = CONDITIONS.map((letter) => ({
    colour: spec.style.condition[letter],
    label: words[letter],
    count: count(letter),
  }));
  const missing = self.features.filter((feature) => !CONDITIONS.includes(feature.properties.condition)).length;
  return [...known, { colour: UNKNOWN, label: _("没有数据"), count: missing }];
}

function builtClasses(spec, self) {
  const words = wordsOf("built_until");
  const ofYear = (bound) =>
    self.features.filter(
      ({ properties }) => properties.built_year && builtClass(spec, properties.built_year) === Number(bound),
    ).length;
  const known = Object.entries(spec.style.built).map(([bound, colour]) => ({
    colour,
    label: words[bound] || number(bound),
    count: ofYear(bound),
  }));
  const missing = self.features.filter(({ properties }) => !properties.built_year).length;
  return [...known, { colour: UNKNOWN, label: _("没有数据"), count: missing }];
}

/** Bring a compound into view and give its card. */
function openCompound(view, self, code) {
  const row = self.rows.find((row) => row.code === code);
  const inside = self.features.filter(({ properties }) =>
    [code, row && row.name].includes(properties.compound),
  );
  if (inside.length)
    view.map.fitBounds(L.geoJSON({ type: "FeatureCollection", features: inside }).getBounds().pad(0.1));
  return compoundCard(row);
}

function compoundCard(row) {
  const lifts =
    row.lift_share === null || row.lift_share === undefined ? "—" : `${number(100 * row.lift_share)}%`;
  return factsCard(row.name, [
    [_("建成年份"), years(row)],
    [_("最差状况"), worst(row).text],
    [_("楼栋"), rowNumber(row, "buildings")],
    [_("有电梯的楼栋"), lifts],
    [_("户数"), rowNumber(row, "households")],
    [_("老人"), rowNumber(row, "elders")],
    [_("案件"), rowNumber(row, "cases")],
    [_("每百户案件"), rowNumber(row, "rate", 1)],
  ]);
}
