// Looking back: a slider through the revisions, two of them side by side, and bringing one back as a plan.

import { showArea } from "../../static/map/areas.js";
import { numberColumn } from "../../static/map/arearows.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendJson, sentences } from "../../static/js/fetch.js";
import { bindFilters } from "../../static/js/filters.js";
import { day, number, signed } from "../../static/js/format.js";
import { showLine, titleOf } from "./historyline.js";
import { pastGrids, secondMap } from "./historymap.js";
import { _ } from "../../static/js/i18n.js";
import { listBeside, listLeftOut } from "../../static/map/leftout.js";
import { showLegend } from "../../static/map/legend.js";
import { specOf } from "../../static/map/map.js";
import { openMapPage } from "../../static/map/mappage.js";
import { page } from "../../static/js/page.js";
import { read, write } from "../../static/js/state.js";
import { emptyNote, waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { rowNumber } from "../../static/js/withheld.js";
import { levelWord } from "../../static/js/words.js";

const COUNTS = ["households", "residents", "elders", "open_cases"];
const spec = specOf("history");
const { view, place } = openMapPage();
const find = (id) => document.getElementById(id);
const self = { rows: [], withdrawn: [], known: [], a: null, b: null, featuresA: [], featuresB: null };
const mapA = pastGrids(view, { style: spec.style, hoverOf, onSelect: choose });
let two = null;
const table = sortableTable(find("rows"), { columns: columns(), keyOf: ({ code }) => code, onSelect: choose, empty: _("没有网格。") });
listLeftOut(view, table);
start();

async function start() {
  const answer = await waitIn(place, () => getJson(spec.urls.revisions));
  if (!answer) return;
  self.rows = answer.rows;
  self.withdrawn = answer.withdrawn;
  self.known = answer.rows.filter(({ scheduled }) => !scheduled).reverse();
  if (!self.known.length) {
    fill(find("timeline"), h("li", {}, emptyNote(_("还没有划分过网格。划分并发布后,这里会列出每一版。"))));
    return;
  }
  fillChoices();
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  bindFilters(find("filters"), show);
  listen();
  self.a = byNumber(read("revision")) || self.known.at(-1);
  await show();
}

function byNumber(text) {
  return self.known.find(({ revision }) => String(revision) === text) || null;
}

function fillChoices() {
  const slider = find("slider");
  slider.max = String(self.known.length - 1);
  for (const row of [...self.known].reverse()) find("other").append(h("option", { value: row.revision }, titleOf(row)));
}

function listen() {
  const slider = find("slider");
  const to = (position) => showRevision(self.known[Math.min(Math.max(position, 0), self.known.length - 1)]);
  slider.addEventListener("input", () => to(Number(slider.value)));
  find("older").addEventListener("click", () => to(Number(slider.value) - 1));
  find("newer").addEventListener("click", () => to(Number(slider.value) + 1));
  find("when").addEventListener("submit", (event) => event.preventDefault());
}

function showRevision(row) {
  if (row === self.a) return;
  self.a = row;
  show();
}

function counts() {
  if (!page.exact) return "then";
  return new FormData(find("filters")).get("counts");
}

/** What is asked of the server for a revision: whose figures, by whose grids. */
function asked(row) {
  const present = self.known.at(-1).revision;
  const at = { level: "grid", simplify: 1 };
  if (counts() === "today") return { ...at, revision: row.revision };
  return { ...at, as_of: lastDay(row), revision: counts() === "now" ? present : row.revision };
}

/** The first day of a revision; today at most. */
function lastDay(row) {
  const first = day(row.effective_at);
  return first < page.as_of ? first : page.as_of;
}

function noteOf(row) {
  const [borders, people] = { today: [day(row.effective_at), _("今日")], then: [day(row.effective_at), lastDay(row)], now: [_("现行"), lastDay(row)] }[counts()];
  return _("边界 {borders} · 人口 {people}", { borders, people });
}

async function show() {
  self.b = byNumber(find("other").value);
  write({ revision: self.a === self.known.at(-1) ? "" : self.a.revision });
  showWhen();
  const wanted = [self.a, self.b].filter(Boolean);
  const answer = await waitIn(place, () => Promise.all(wanted.map((row) => getJson(spec.urls.areas, asked(row)))));
  if (!answer) return;
  self.featuresA = answer[0].features;
  self.featuresB = answer[1]?.features || null;
  drawMaps();
  table.setRows([]); // rows of the other form don't fit the columns
  table.setColumns(columns());
  table.setRows(self.featuresB ? differences() : self.featuresA.map(({ properties }) => properties));
  find("rows-note").textContent = wanted.map(noteOf).join(" | ");
  showLegend(find("legend"), legendOf());
}

function showWhen() {
  const position = self.known.indexOf(self.a);
  const slider = find("slider");
  slider.value = String(position);
  slider.setAttribute("aria-valuetext", titleOf(self.a));
  find("when-text").textContent = `${titleOf(self.a)} · ${self.a.reason}`;
  find("older").disabled = position === 0;
  find("newer").disabled = position === self.known.length - 1;
  showLine(find("timeline"), self, self.a, { onShow: showRevision, onCompare: compare, onRestore: bringBack });
}

function compare(row) {
  find("other").value = String(self.known.at(-1).revision);
  write({ other: find("other").value });
  self.a = row;
  show();
}

function drawMaps() {
  showSides();
  find("name-a").textContent = titleOf(self.a);
  if (!self.b) {
    const { changed, opened } = self.a.changes;
    mapA.show(self.featuresA, new Set([...changed, ...opened.map(({ code }) => code)]));
    return;
  }
  find("name-b").textContent = titleOf(self.b);
  two = two || openSecond();
  const [before, after] = [outlines(self.featuresA), outlines(self.featuresB)];
  mapA.show(self.featuresA, differing(before, after));
  two.show(self.featuresB, differing(after, before));
}

function openSecond() {
  const second = secondMap(view, find("map-b"));
  listBeside(second.labels, find("left-out-b"), () => (self.b ? titleOf(self.b) : ""));
  return pastGrids(second, { style: spec.style, hoverOf, onSelect: choose });
}

/** One map or two; the community fits whatever room there is. */
function showSides() {
  const side = find("side-b");
  if (side.hidden === !self.b) return;
  side.hidden = !self.b;
  if (!self.b) find("left-out-b").hidden = true;
  view.map.invalidateSize({ pan: false });
  view.home();
}

function outlines(features) {
  return new Map(features.map(({ properties, geometry }) => [properties.code, JSON.stringify(geometry)]));
}

/** Codes of the grids whose land no grid of the other side has. */
function differing(mine, others) {
  const known = new Set(others.values());
  return new Set([...mine.keys()].filter((code) => !known.has(mine.get(code))));
}

function hoverOf(area) {
  return `${area.name || area.code} · ${_("户数")} ${rowNumber(area, "households")}`;
}

function choose(code) {
  for (const map of [mapA, two]) map?.select(code);
  table.select(code);
  table.scrollTo(code);
  showArea(view.map, [...self.featuresA, ...(self.featuresB || [])].find(({ properties }) => properties.code === code));
}

/** One row per grid of either side: both figures and what lies between them. */
function differences() {
  const [mine, others] = [self.featuresA, self.featuresB].map((features) => new Map(features.map(({ properties }) => [properties.code, properties])));
  return [...new Set([...mine.keys(), ...others.keys()])].sort().map((code) => {
    const [a, b] = [mine.get(code), others.get(code)];
    const pair = (name) => [a?.[name] ?? null, b?.[name] ?? null];
    const gaps = COUNTS.map((name) => [name, pair(name)]).map(([name, [x, y]]) => [name, x === null || y === null ? null : y - x]);
    return { code, name: (a || b).name, a: a || null, b: b || null, gaps: Object.fromEntries(gaps) };
  });
}

function columns() {
  const titles = { households: _("户数"), residents: _("人口"), elders: _("老人"), open_cases: _("在办") };
  const name = { key: "name", title: levelWord("grid"), value: (row) => row.name || row.code, cell: (row) => row.name || row.code };
  if (!self.featuresB) {
    return [name, ...COUNTS.map((key) => numberColumn(key, titles[key]))];
  }
  const side = (row, key) => (row ? rowNumber(row, key) : _("无"));
  return [
    name,
    ...COUNTS.map((key) => ({
      key,
      title: titles[key],
      numeric: true,
      value: (row) => row.gaps[key],
      cell: (row) => h("span", {}, `${side(row.a, key)} → ${side(row.b, key)} `, h("small", {}, row.gaps[key] === null ? "" : signed(row.gaps[key]))),
    })),
  ];
}

function legendOf() {
  const { changed, same, fill_opacity: opacity } = spec.style;
  const words = self.b ? [_("△ 两版不同"), _("两版相同")] : [_("△ 本版有变动"), _("本版未变动")];
  return {
    title: _("网格沿革"),
    unit: _("个网格"),
    meta: {},
    classes: [
      { colour: changed, label: words[0], opacity },
      { colour: same, label: words[1], opacity },
    ],
    notes: [...(self.rows.some(({ changes }) => changes.outline) ? [_("历次划分前的 △ 表示那一版改变了社区边界。")] : []), _("“今日人口·当时网格”:人口为今日数,按当时的网格汇总;过去的人口只算到现有登记。")],
  };
}

async function bringBack(row, button) {
  const answer = find("told");
  button.disabled = true;
  try {
    const plan = await sendJson(`/api/v1/revisions/${row.revision}/restore`, {});
    const lost = plan.reopened.map(({ name, code, now }) => _("{name}({code})启用新代码 {now}", { name: name || code, code, now }));
    fill(answer, icon("check-circle"), h("div", {}, h("p", {}, _("已生成恢复方案,发布后才生效。")), lost.length ? h("p", {}, _("原代码已撤销:{n} 个网格用新代码。", { n: number(lost.length) })) : null, lost.slice(0, 8).map((text) => h("p", {}, text)), h("a", { class: "button", href: `/redraw?plan=${encodeURIComponent(plan.id)}` }, _("打开方案"))));
    answer.className = "notice good";
  } catch (failure) {
    fill(answer, icon("exclamation-octagon"), h("div", {}, sentences(failure).map((text) => h("p", {}, text))));
    answer.className = "notice bad";
  }
  answer.hidden = false;
  button.disabled = false;
  answer.scrollIntoView({ block: "nearest" });
}
