// Find: one box, results as a list and on the map, the card of the chosen one beside it.

/* global L */

import { resultCard } from "../../static/js/card.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { startFrame } from "../../static/js/frame.js";
import { showGrids } from "../../static/map/grids.js";
import { showHere } from "../../static/map/here.js";
import { _ } from "../../static/js/i18n.js";
import { showLegend } from "../../static/map/legend.js";
import { flyTo, markPlace, openMap } from "../../static/map/map.js";
import { openPanel } from "../../static/js/panel.js";
import { may } from "../../static/js/page.js";
import { read, write } from "../../static/js/state.js";
import { emptyNote, waitIn } from "../../static/js/status.js";
import { kindWord } from "../../static/js/words.js";

const ICONS = { household: "house-door", building: "building", compound: "map", case: "clipboard-check" };
const FOUND = "#1e5aa8";
const view = openMap();
const panel = openPanel();
const list = document.getElementById("results");
const place = document.getElementById("status");
const points = L.layerGroup().addTo(view.map);
const nameForm = document.getElementById("name-search");

startFrame(open);
showGrids(view);
showSigns(0);
if (nameForm) nameForm.addEventListener("submit", findByName);
showHere(view);
if (read("kind") === "building" && read("id")) openScanned();
else if (read("q")) lookUp(read("q"));
else {
  showHint();
  document.getElementById("search").focus();
}

/** The building whose door was scanned: its card, as if it had been found. */
function openScanned() {
  const [lon, lat] = ["lon", "lat"].map((name) => Number.parseFloat(read(name)));
  open({ kind: "building", id: read("id"), title: read("q"), lon: Number.isFinite(lon) ? lon : null, lat });
  panel.open();
}

function showHint() {
  fill(list, emptyNote(_("输入小区、楼号、门牌、案件编号,或地址的拼音首字母,例如 xfjy12。")));
}

async function lookUp(text) {
  document.getElementById("search").value = text;
  const answer = await waitIn(place, () => getJson("/api/v1/households", { q: text, limit: 20 }));
  if (!answer) return;
  showResults(answer.results, text);
  const wanted =
    answer.results.find((result) => String(result.id) === read("id")) ||
    (answer.results.length === 1 ? answer.results[0] : null);
  if (wanted) open(wanted);
}

/** By a person's name: sent in the body, never in an address, and kept nowhere on this page. */
async function findByName(event) {
  event.preventDefault();
  const { value } = nameForm.elements.name;
  const answer = await waitIn(place, () => sendJson("/api/v1/households/search", { name: value }));
  if (answer) showResults(answer.results, value);
}

function showResults(results, text) {
  points.clearLayers();
  results.forEach(drawPoint);
  showSigns(results.filter(({ lon }) => lon !== null && lon !== undefined).length);
  fill(
    list,
    results.length
      ? h("ul", { class: "results" }, results.map(resultLine))
      : emptyNote(
          _("没有找到“{text}”。可以试试小区名、楼号、门牌或拼音首字母。", { text }),
          may("cases:report") ? h("a", { class: "button", href: "/cases/new" }, _("上报案件")) : null,
        ),
  );
  panel.open();
}

function showSigns(count) {
  const entry = { colour: FOUND, shape: "circle", label: _("查找结果"), count };
  const grids = { colour: "#5c6570", shape: "line", label: _("网格边界") };
  showLegend(document.getElementById("legend"), { title: _("图例"), classes: count ? [entry, grids] : [grids] });
}

function resultLine(result) {
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", onclick: () => open(result) },
      icon(ICONS[result.kind] || "geo-alt"),
      h(
        "span",
        {},
        h("strong", {}, result.title),
        h("span", { class: "muted" }, [kindWord(result.kind), result.subtitle].filter(Boolean).join(" · ")),
      ),
    ),
  );
}

function drawPoint(result) {
  if (result.lon === null || result.lon === undefined) return;
  L.circleMarker([result.lat, result.lon], {
    radius: 7,
    renderer: view.data,
    color: "#ffffff",
    weight: 2,
    fillColor: FOUND,
    fillOpacity: 1,
  })
    .bindTooltip(() => h("span", {}, result.title))
    .on("click", () => open(result))
    .addTo(points);
}

function open(result) {
  write({ q: result.kind === "household" && !read("q") ? "" : read("q") || result.title, id: result.id });
  if (result.lon !== null && result.lon !== undefined) {
    flyTo(view.map, result.lon, result.lat);
    markPlace(view.map, result.lon, result.lat);
  }
  panel.showCard(
    resultCard(result, (node) => panel.showCard(node)),
    () => write({ id: "" }),
  );
}
