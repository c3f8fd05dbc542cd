// Needs by grid: how many people need something, how many of them nobody serves, who is without income and aid.

import { areaLabels, drawAreas, hatch, showArea } from "../../static/map/areas.js";
import { nameColumn, numberColumn, shareClasses } from "../../static/map/arearows.js";
import { classOf, coloursFor } from "../../static/map/classes.js";
import { address, getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { showLegend } from "../../static/map/legend.js";
import { specOf } from "../../static/map/map.js";
import { chooser, openMapPage } from "../../static/map/mappage.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { isWithheld, rowNumber, signOf } from "../../static/js/withheld.js";
import { levelWord } from "../../static/js/words.js";

const spec = specOf("needs");
const { view, panel, place, asOf } = openMapPage();
const self = { features: [], rows: new Map(), meta: {} };
const ramp = spec.style.ramps.share;
const colours = coloursFor(ramp.colours, ramp.breaks.length);
const areas = drawAreas(view, { fillOf, hoverOf, onSelect: (code) => choose(code), opacity: spec.style.fill_opacity });
const table = sortableTable(document.getElementById("rows"), {
  columns: columns(),
  keyOf: (row) => row.code,
  onSelect: onRow,
  empty: _("还没有登记需要。"),
});
listLeftOut(view, table);
const { choose, restore } = chooser({ panel, asOf, select });
load();

async function load() {
  document.getElementById("csv").href = address("/api/v1/needs/figures.csv", { as_of: asOf });
  const answer = await waitIn(place, () =>
    Promise.all([
      getJson(spec.urls.areas, { level: "grid", as_of: asOf, simplify: 1 }),
      getJson(spec.urls.rows, { as_of: asOf }),
    ]),
  );
  if (!answer) return;
  self.features = answer[0].features;
  self.rows = new Map(answer[1].rows.map((row) => [row.code, row]));
  self.meta = answer[1].meta;
  areas.show(self.features);
  areas.restyle();
  const numberOf = ({ code }) => partOf(self.rows.get(code));
  view.labels.set("areas", areaLabels(self.features, { nameOf: ({ name, code }) => name || code, numberOf }));
  table.setRows([...self.rows.values()]);
  showLegend(document.getElementById("legend"), legendOf());
  restore();
}

/** Those whom nobody serves, of those in need. */
function partOf(row) {
  return row ? `${rowNumber(row, "unserved")} / ${rowNumber(row, "in_need")}` : "—";
}

function fillOf({ code }) {
  const row = self.rows.get(code);
  const index = classOf(row?.unserved_share, ramp.breaks, ramp.digits);
  if (index !== null) return colours[index];
  return row?.in_need === 0 ? null : hatch();
}

function hoverOf(area) {
  return `${area.name || area.code} · ${_("没人服务 {part}", { part: partOf(self.rows.get(area.code)) })}`;
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
  return [
    nameColumn(levelWord("grid")),
    numberColumn("in_need", _("有需要的人")),
    numberColumn("unserved", _("没人服务")),
    numberColumn("no_income", _("没有收入")),
    numberColumn("unaided", _("没有帮扶")),
  ];
}

function legendOf() {
  const rows = [...self.rows.values()];
  const classes = shareClasses(ramp, rows.map((row) => row.unserved_share), spec.style.fill_opacity);
  const empty = rows.filter((row) => row.in_need === 0).length;
  const hidden = rows.filter((row) => isWithheld(row, "unserved_share"));
  if (hidden.length) classes.push({ colour: "#ffffff", hatch: true, label: signOf(hidden[0]), count: hidden.length });
  if (empty) classes.push({ colour: "#ffffff", label: _("没有登记需要"), count: empty });
  return { title: spec.legend.title, unit: spec.legend.unit, meta: self.meta, classes, notes: notes() };
}

function notes() {
  const total = [...self.rows.values()].reduce((sum, row) => sum + (row.in_need || 0), 0);
  return [
    ...spec.legend.notes,
    _("只算本人同意登记的。每人算一次,有一项没人服务就算。"),
    _("帮扶截至 {day}。", { day: self.meta.visits_day }),
    total ? null : _("还没有登记需要。"),
  ];
}
