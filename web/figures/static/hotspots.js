// The hotspot map: cases by area or as a heat surface, compared with the period before; buildings to renew.

import { areaLabels, drawAreas, hatch, showArea } from "../../static/map/areas.js";
import { categoryWord } from "../../cases/static/categories.js";
import { changeBreaks, classBreaks, classOf, className, coloursFor } from "../../static/map/classes.js";
import { h } from "../../static/js/dom.js";
import { address, getJson, sentences } from "../../static/js/fetch.js";
import { bindFilters } from "../../static/js/filters.js";
import { daysBefore, signed } from "../../static/js/format.js";
import { openHeat } from "./heat.js";
import { _ } from "../../static/js/i18n.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { showLegends } from "../../static/map/legend.js";
import { specOf } from "../../static/map/map.js";
import { chooser, openMapPage } from "../../static/map/mappage.js";
import { openRenovation } from "./renovation.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { isWithheld, rowNumber, signOf } from "../../static/js/withheld.js";
import { unitWord } from "../../static/js/words.js";

const spec = specOf("hotspots");
const tools = openMapPage();
const { view, panel, place, asOf } = tools;
const form = document.getElementById("filters");
const legendPlace = document.getElementById("legend");
const self = { features: [], rows: new Map(), meta: {}, breaks: [], level: null };
const [EMPTY, TOO_FEW, NO_DATA] = ["empty", "few", "none"]; // of the legend, beside the numbers of classes

const areas = drawAreas(view, {
  fillOf,
  hoverOf,
  onSelect: (code) => choose(code),
  opacity: spec.style.fill_opacity,
});
const heat = openHeat(view, specOf("heat"));
const renovation = openRenovation(view, specOf("renovation"), asOf);
const table = sortableTable(document.getElementById("rows"), {
  columns: [],
  keyOf: (row) => row.code,
  onSelect: (code) => onRow(code),
  empty: _("这个时段没有案件。可以放宽时段或类别。"),
});
listLeftOut(view, table);
const { choose, restore } = chooser({ panel, asOf, select });
let values = null;
start();

async function start() {
  fillStandingPeriod();
  form.addEventListener("change", keepTogether);
  await showCategories(); // before the form is bound, so that their ticks are kept in the address too
  values = bindFilters(form, load, ["from", "to"]);
  for (const button of form.querySelectorAll("[data-days]"))
    button.addEventListener("click", () => setPeriod(button));
  load();
}

function fillStandingPeriod() {
  form.elements.to.value = asOf;
  form.elements.from.value = daysBefore(asOf, 89);
}

function setPeriod(button) {
  form.elements.to.value = asOf;
  form.elements.from.value = daysBefore(asOf, Number(button.dataset.days) - 1);
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

async function showCategories() {
  const list = document.getElementById("categories");
  const answer = await getJson("/api/v1/categories").catch((failure) => {
    // the map stands without this filter
    list.append(sentences(failure)[0]);
    return { rows: [] };
  });
  for (const category of answer.rows) {
    list.append(
      h("label", {}, h("input", { type: "checkbox", name: "category", value: category.code }), categoryWord(category.name)),
    );
  }
}

function parameters() {
  const now = { ...values() };
  return {
    from: now.from,
    to: now.to,
    level: now.level,
    category: now.category || [],
    as_of: asOf,
    compare: now.compare.length ? "previous" : "",
  };
}

function measure() {
  return values().measure;
}

function isRenovation() {
  return (values().overlay || []).length > 0; // roles that may not see buildings have no such box
}

/** A change needs a period to compare with: choosing one sets the other. */
function keepTogether({ target }) {
  const { measure: figure, compare } = form.elements;
  if (target.name === "measure" && target.value === "change") compare.checked = true;
  if (target.name === "compare" && !target.checked && figure.value === "change") figure.value = "count";
}

async function load() {
  const asked = parameters();
  document.getElementById("csv").href = isRenovation()
    ? address("/api/v1/renovation.csv", { from: asked.from, to: asked.to, as_of: asOf })
    : address("/api/v1/hotspots.csv", asked);
  const answer = await waitIn(place, () =>
    Promise.all([
      asked.level === self.level
        ? null
        : getJson(spec.urls.areas, { level: asked.level, as_of: asOf, simplify: 1 }),
      getJson(spec.urls.rows, asked),
      values().layer === "heat" ? heat.load(asked) : null,
      isRenovation() ? renovation.load(asked) : null,
    ]),
  );
  if (!answer) return;
  if (answer[0]) self.features = answer[0].features;
  if (answer[2]) heat.take(answer[2]);
  if (answer[3]) renovation.take(answer[3]);
  self.level = asked.level;
  self.rows = new Map(answer[1].rows.map((row) => [row.code, row]));
  self.meta = answer[1].meta;
  show(Boolean(answer[0]));
}

function show(isNewLevel) {
  const ramp = spec.style.ramps[measure()];
  const shown = [...self.rows.values()].filter((row) => !isEmpty(row)).map((row) => row[measure()]);
  self.breaks = ramp.is_change && shown.length ? changeBreaks(shown) : classBreaks(shown, ramp.colours.length, ramp.digits);
  self.colours = coloursFor(ramp.colours, self.breaks.length);
  if (isNewLevel) areas.show(self.features);
  areas.restyle();
  heat.show(values().layer === "heat");
  renovation.show(isRenovation(), values().colour);
  view.labels.set("areas", areaLabels(self.features, { nameOf: (area) => area.name || area.code, numberOf }));
  showLegends(legendPlace, legendsOf(ramp));
  const leftOut = document.getElementById("left-out");
  if (leftOut) leftOut.hidden = !isRenovation() && !self.meta.confidential_left_out;
  table.setColumns(isRenovation() ? renovation.columns() : columns());
  table.setRows(isRenovation() ? renovation.rows() : [...self.rows.values()]);
  document.getElementById("rows-title").textContent = isRenovation() ? _("各小区改造情况") : _("各区域案件");
  document.getElementById("print-title").textContent = isRenovation() ? _("老旧小区改造") : _("案件热点");
  restore();
}

function fillOf(area) {
  if (values().layer === "heat") return null;
  if (isRenovation()) return null;
  const row = self.rows.get(area.code);
  if (!row) return spec.style.ramps.count.no_data;
  const key = classKey(row);
  if (key === EMPTY) return null;
  return Number.isInteger(key) ? self.colours[key] : hatch();
}

/** An area without a case has no colour: whatever colour the least class has, it would say that there is one. */
function isEmpty(row) {
  return row.count === 0 && (measure() !== "change" || row.previous === 0);
}

/** What a row is in the legend: nothing there, not shown, too few for a rate, or the number of a class. */
function classKey(row) {
  if (isWithheld(row, measure())) return signOf(row);
  if (isEmpty(row)) return EMPTY;
  return classOf(row[measure()], self.breaks, spec.style.ramps[measure()].digits) ?? TOO_FEW;
}

function numberOf(area) {
  const row = self.rows.get(area.code);
  if (!row || values().layer === "heat") return null;
  if (measure() === "change") return changeOf(row);
  return rowNumber(row, measure(), measure() === "rate" ? 1 : 0);
}

function changeOf(row) {
  return isWithheld(row, "change") ? signOf(row) : signed(row.change);
}

function hoverOf(area) {
  const row = self.rows.get(area.code);
  const count = row ? rowNumber(row, "count") : "—";
  return [area.name || area.code, _("案件 {n} 件", { n: count })].join(" · ");
}

function select(code) {
  areas.select(code);
  table.select(code);
  table.scrollTo(code);
}

function onRow(code) {
  if (isRenovation()) {
    table.select(code);
    panel.showCard(renovation.open(code), () => table.select(null));
    return;
  }
  const feature = self.features.find((feature) => feature.properties.code === code);
  showArea(view.map, feature);
  choose(code);
}

function columns() {
  const plain = (key, title, digits = 0) => ({
    key,
    title,
    numeric: true,
    value: (row) => row[key],
    cell: (row) => rowNumber(row, key, digits),
  });
  const all = [
    {
      key: "name",
      title: _("名称"),
      value: (row) => row.name || row.code,
      cell: (row) => row.name || row.code,
    },
    plain("count", _("件数")),
    plain("rate", _("每百户"), 1),
  ];
  if (!values().compare.length) return [...all, plain("households", _("户数"))];
  const change = { ...plain("change", _("变化")), cell: changeOf };
  return [...all, plain("previous", _("上期")), change];
}

/** One legend for what colours the areas or the ground, one more for the buildings over it. */
function legendsOf(ramp) {
  const unit = { count: unitWord("cases"), rate: _("件/百户"), change: _("件,与上一时段相比") }[measure()];
  const common = { title: spec.legend.title, unit, meta: self.meta };
  const isHeat = values().layer === "heat";
  const below = isHeat ? { ...common, ...heat.legend() } : { ...common, classes: classesOf(ramp), notes: notes() };
  if (!isRenovation()) return [below];
  const figures = isHeat ? null : _("区域名下的数字:{unit}。", { unit });
  const buildings = { ...common, ...renovation.legend(values().colour, figures) };
  return isHeat ? [buildings, below] : [buildings];
}

function classesOf(ramp) {
  const counts = new Map();
  for (const area of self.features) {
    const row = self.rows.get(area.properties.code);
    const key = row ? classKey(row) : NO_DATA;
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  const classes = self.breaks.map((_bound, index) => ({
    colour: self.colours[index],
    opacity: spec.style.fill_opacity,
    label: className(index, self.breaks, ramp.digits),
    count: counts.get(index) || 0,
  }));
  const others = [...counts.keys()].filter((key) => !Number.isInteger(key));
  const drawn = { [EMPTY]: { colour: "#ffffff", label: _("没有案件") }, [NO_DATA]: { colour: ramp.no_data, label: _("没有数据") } };
  const hatched = (key) => ({ colour: ramp.too_few, hatch: true, label: key === TOO_FEW ? tooFew() : key });
  return [...classes, ...others.map((key) => ({ ...(drawn[key] || hatched(key)), count: counts.get(key) }))];
}

function tooFew() {
  return measure() === "rate" ? _("太少,不计算(不足 30 户或 5 件)") : _("没有数据");
}

function notes() {
  return [
    ...spec.legend.notes,
    _("右侧数字是各档的区域个数。"),
    self.meta.compared ? _("上一时段:{from} 至 {to}。", self.meta.compared) : null,
  ];
}
