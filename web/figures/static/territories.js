// Territories: who holds which grids, how heavy the load is, and how to reach the member.

import { drawAreas, hatch, showArea, showAreas } from "../../static/map/areas.js";
import { numberColumn } from "../../static/map/arearows.js";
import { h, icon, swatch } from "../../static/js/dom.js";
import { address, getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { showHere } from "../../static/map/here.js";
import { _ } from "../../static/js/i18n.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { showLegend } from "../../static/map/legend.js";
import { specOf } from "../../static/map/map.js";
import { chooser, openMapPage } from "../../static/map/mappage.js";
import { page } from "../../static/js/page.js";
import { boundsOf, labelPoint } from "../../static/js/shapes.js";
import { read, write } from "../../static/js/state.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { rowNumber } from "../../static/js/withheld.js";
import { levelWord, loadWord, unitWord } from "../../static/js/words.js";

const spec = specOf("territories");
const { view, panel, place, asOf } = openMapPage();
showHere(view, { asksGrid: page.grids.length > 0 });
const self = { features: [], rows: [], rowOf: new Map(), colourOf: new Map(), meta: {} };
const finder = document.getElementById("member-search");

const areas = drawAreas(view, {
  fillOf,
  hoverOf,
  onSelect: (code) => choose(code),
  opacity: spec.style.fill_opacity,
});
const table = sortableTable(document.getElementById("rows"), {
  columns: columns(),
  keyOf: keyOf,
  onSelect: onRow,
  empty: _("没有符合的网格员。"),
});
listLeftOut(view, table);
const { choose, restore } = chooser({ panel, asOf, select });
document.getElementById("csv").href = address("/api/v1/territories.csv", { as_of: asOf });
finder.value = read("member");
finder.addEventListener("input", () => {
  write({ member: finder.value });
  showRows();
});
load();

/** A grid nobody holds is a row of its own, named by its grid. */
function keyOf(row) {
  return row.member_id || `nobody:${row.grids.join(",")}`;
}

async function load() {
  const answer = await waitIn(place, () =>
    Promise.all([
      getJson(spec.urls.areas, { level: "grid", as_of: asOf, simplify: 1 }),
      getJson(spec.urls.rows, { as_of: asOf }),
    ]),
  );
  if (!answer) return;
  self.features = answer[0].features;
  self.rows = answer[1].rows;
  self.meta = answer[1].meta || {};
  for (const row of self.rows) for (const code of row.grids) self.rowOf.set(code, row);
  colourMembers();
  areas.show(self.features);
  view.labels.set("areas", labels());
  showRows();
  showLegend(document.getElementById("legend"), legendOf());
  restore();
}

/** Neighbours get different colours; with more than twelve members colours repeat far apart. */
function colourMembers() {
  const boxes = self.features.map(({ geometry, properties }) => ({
    row: self.rowOf.get(properties.code),
    box: boundsOf(geometry),
  }));
  const used = new Map(spec.style.colours.map((colour) => [colour, 0]));
  for (const row of self.rows) {
    if (row.member === null || row.member === undefined) continue;
    const mine = boxes.filter((drawn) => drawn.row === row).map((drawn) => drawn.box);
    const near = new Set(
      boxes
        .filter((drawn) => drawn.row !== row && mine.some((box) => touch(box, drawn.box)))
        .map((drawn) => self.colourOf.get(drawn.row)),
    );
    const free = spec.style.colours.filter((colour) => !near.has(colour));
    const pick = (free.length ? free : spec.style.colours).reduce((a, b) =>
      used.get(b) < used.get(a) ? b : a,
    );
    used.set(pick, used.get(pick) + 1);
    self.colourOf.set(row, pick);
  }
}

function touch(a, b) {
  const slack = 0.0003; // about 30 m, so that grids across a street count as neighbours
  return a[0] - slack < b[2] && b[0] - slack < a[2] && a[1] - slack < b[3] && b[1] - slack < a[3];
}

function fillOf(area) {
  return self.colourOf.get(self.rowOf.get(area.code)) || hatch();
}

function hoverOf(area) {
  const row = self.rowOf.get(area.code);
  return `${area.name || area.code} · ${memberName(row)} · ${_("户数")} ${row ? rowNumber(row, "households") : "—"}`;
}

function memberName(row) {
  return row && row.member ? row.member : _("无网格员");
}

function labels() {
  return self.features.flatMap(({ geometry, properties }) => {
    const at = labelPoint(geometry);
    if (!at) return [];
    const [lon, lat] = at;
    const row = self.rowOf.get(properties.code);
    const name = {
      lon,
      lat,
      key: row ? keyOf(row) : properties.code,
      text: memberName(row),
      priority: 1,
      bold: true,
      size: 14,
      dy: -10,
      colour: row && row.member ? "#1f2328" : "#c62828",
    };
    const grid = properties.name || properties.code;
    return [name, { lon, lat, text: grid, priority: 5, size: 12, dy: 11, after: name }];
  });
}

function showRows() {
  const wanted = finder.value.trim();
  const shown = self.rows.filter(
    (row) =>
      !wanted ||
      [row.member, ...(row.grid_names || []), ...row.grids].some((text) => text && text.includes(wanted)),
  );
  table.setRows(shown);
  if (wanted && shown.length === 1) focusMember(shown[0]);
}

function select(code) {
  areas.select(code);
  const row = self.rowOf.get(code);
  table.select(row ? keyOf(row) : null);
  if (row) table.scrollTo(keyOf(row));
}

function focusMember(row) {
  const held = self.features.filter(({ properties }) => row.grids.includes(properties.code));
  if (held.length === 1) showArea(view.map, held[0]);
  else if (held.length) showAreas(view.map, held);
}

function onRow(_key, row) {
  focusMember(row);
  if (row.grids.length) choose(row.grids[0]);
}

function columns() {
  return [
    { key: "member", title: _("网格员"), value: (row) => row.member, cell: memberCell },
    {
      key: "grids",
      title: levelWord("grid"),
      value: (row) => (row.grid_names || row.grids)[0],
      cell: (row) => (row.grid_names || row.grids).join("、"),
    },
    numberColumn("households", _("户数")),
    numberColumn("elders", _("老人")),
    { key: "load", title: _("负荷"), numeric: true, value: (row) => row.load, cell: loadCell },
    numberColumn("open_cases", _("在办")),
  ];
}

function memberCell(row) {
  const colour = self.colourOf.get(row);
  return h(
    "span",
    { class: "with-swatch" },
    swatch(colour || "#ffffff", { hatch: !colour, opacity: spec.style.fill_opacity }),
    memberName(row),
  );
}

function loadCell(row) {
  const tone = { over: "bad", high: "amber", low: "amber", ok: "good" }[row.norm_class] || "";
  const mark = row.norm_class === "over" ? icon("exclamation-octagon") : null;
  return h(
    "span",
    { class: `load ${tone}` },
    mark,
    number(row.load, 2),
    h("small", {}, loadWord(row.norm_class)),
  );
}

function legendOf() {
  const count = (name) => self.rows.filter((row) => row.norm_class === name).length;
  const orphans = self.rows.filter((row) => !row.member).length;
  const classes = [];
  if (orphans) classes.push({ colour: "#ffffff", hatch: true, label: _("没有网格员的网格"), count: orphans });
  const loads = ["low", "ok", "high", "over"].filter(count).map((name) => `${loadWord(name)} ${count(name)}`);
  return {
    title: spec.legend.title,
    unit: unitWord("households"),
    meta: self.meta,
    classes,
    notes: [
      ...spec.legend.notes,
      _("负荷 = 户数 ÷ 600,一个网格以 300 至 500 户为宜。"),
      loads.join(" · "),
      _("颜色只为区分相邻网格员,姓名写在图上。"),
    ],
  };
}
