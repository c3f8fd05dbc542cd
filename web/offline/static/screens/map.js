// The territory as a map: borders, ground, buildings by number, and where one stands.

/* global L */

import { fill, h, icon } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { emptyNote } from "../../../static/js/status.js";
import { locateMe } from "../../../static/map/pin.js";
import { placeWords } from "../data/borders.js";
import { buildings, ground, work } from "../data/territory.js";

const STYLE = new URL("../../../static/vendor/leaflet/leaflet.css", import.meta.url).pathname;
const SCRIPT = new URL("../../../static/vendor/leaflet/leaflet.js", import.meta.url).pathname;
const NUMBERS_FROM = 17;
const TAP_ZOOM = 18;
const COLOURS = { ring: "#1e5aa8", street: "#c3cad3", water: "#b9d9ee", green: "#cfe5cf", other: "#e3e6ea", house: "#f7efe2", due: "#f2c078", late: "#e57373", line: "#8a6d3b" };
const flipped = (pairs) => pairs.map(([lon, lat]) => [lat, lon]);

/** The map; `b` opens it at a building, `at` at a place. */
export async function show(place, { query }) {
  const [land, houses] = [await ground(), await buildings()];
  if (!land?.grids?.length && !houses.length) return void fill(place, emptyNote(_("这台手机里还没有地图。")));
  await leaflet();
  const box = h("div", { class: "phone-map", "aria-label": _("地图") });
  const said = h("div", { class: "phone-here", "aria-live": "polite" });
  const button = h("button", { type: "button", class: "button" }, icon("crosshair"), _("我的位置"));
  fill(place, h("h1", { class: "visually-hidden" }, _("地图")), box, h("p", { class: "answers" }, button), said, legend());
  const map = L.map(box, { preferCanvas: true, attributionControl: false, zoomControl: true });
  drawGround(map, land || {});
  drawHouses(map, houses, await dueOf());
  openAt(map, { query, houses, land: land || {} });
  button.addEventListener("click", () => stand(map, said, land || {}));
  return () => map.remove();
}

/** Leaflet comes as it is, with its one global name. */
function leaflet() {
  if (globalThis.L) return null;
  document.head.append(h("link", { rel: "stylesheet", href: STYLE }));
  return new Promise((resolve, reject) => document.head.append(h("script", { src: SCRIPT, onload: resolve, onerror: reject })));
}

function drawGround(map, { grids = [], streets = [], land = [], around = [] }) {
  const quiet = { interactive: false };
  for (const { kind, rings } of land) for (const ring of rings || []) L.polygon(flipped(ring), { ...quiet, stroke: false, fillColor: COLOURS[kind] || COLOURS.green, fillOpacity: 1 }).addTo(map);
  for (const { line } of streets) for (const part of linesOf(line)) L.polyline(flipped(part), { ...quiet, color: COLOURS.street, weight: 4 }).addTo(map);
  for (const ring of around) L.polygon(flipped(ring), { ...quiet, color: COLOURS.street, weight: 1, fillColor: COLOURS.other, fillOpacity: 1 }).addTo(map);
  for (const { outline } of grids) for (const polygon of outline || []) L.polygon(polygon.map(flipped), { ...quiet, color: COLOURS.ring, weight: 4, fill: false }).addTo(map);
}

const linesOf = (line = []) => (typeof line[0]?.[0] === "number" ? [line] : line);

function drawHouses(map, houses, due) {
  const labels = L.layerGroup();
  for (const house of houses.filter(({ ring }) => ring)) {
    const state = due.get(house.id);
    const shape = L.polygon(flipped(house.ring), { color: COLOURS.line, weight: 1, fillColor: COLOURS[state] || COLOURS.house, fillOpacity: 1 }).addTo(map);
    shape.on("click", () => (window.location.hash = `#/buildings/${encodeURIComponent(house.id)}`));
    const name = state ? `${house.number} ${state === "late" ? "!" : "·"}` : house.number;
    L.marker(shape.getBounds().getCenter(), { interactive: false, keyboard: false, icon: L.divIcon({ className: "phone-number", html: h("span", {}, name), iconSize: null }) }).addTo(labels);
  }
  const follow = () => (map.getZoom() >= NUMBERS_FROM ? labels.addTo(map) : labels.remove());
  map.on("zoomend", follow);
}

/** What is to be done in which building: late before due. */
async function dueOf() {
  const rows = (await work())?.rows || [];
  const due = new Map();
  for (const { subject, state } of rows) if (subject.building && due.get(subject.building) !== "late") due.set(subject.building, state === "overdue" ? "late" : "due");
  return due;
}

function openAt(map, { query, houses, land }) {
  const house = houses.find(({ id }) => id === query.get("b"));
  const at = (query.get("at") || "").split(",").map(Number);
  const shapes = [...(land.grids || []).flatMap(({ outline }) => (outline || []).map((polygon) => flipped(polygon[0]))), ...houses.filter(({ ring }) => ring).map(({ ring }) => flipped(ring))];
  if (house?.ring) map.fitBounds(L.latLngBounds(flipped(house.ring)), { maxZoom: TAP_ZOOM + 1 });
  else if (at.length === 2 && at.every(Number.isFinite)) L.circleMarker([at[1], at[0]], { color: COLOURS.late, radius: 9 }).addTo(map.setView([at[1], at[0]], TAP_ZOOM));
  else map.fitBounds(L.latLngBounds(shapes.flat()));
  map.fire("zoomend");
}

function stand(map, said, { grids = [] }) {
  fill(said, h("p", { class: "note" }, _("正在定位…")));
  locateMe(
    (lon, lat, accuracy) => {
      L.circle([lat, lon], { radius: Math.min(accuracy || 0, 200), color: COLOURS.ring, weight: 1, interactive: false }).addTo(map);
      L.circleMarker([lat, lon], { radius: 8, color: "#ffffff", weight: 3, fillColor: COLOURS.ring, fillOpacity: 1, interactive: false }).addTo(map);
      map.setView([lat, lon], TAP_ZOOM);
      fill(said, h("p", { class: "notice" }, icon("geo-alt"), h("span", {}, placeWords(grids, [lon, lat]), " ", _("精度约 {n} 米,WGS-84。", { n: number(Math.round(accuracy || 0)) }))));
    },
    (why) => fill(said, h("p", { class: "notice amber" }, icon("exclamation-triangle"), why)),
  );
}

function legend() {
  const entry = (name, words) => h("span", { class: `phone-key ${name}` }, words);
  return h("p", { class: "phone-legend" }, entry("late", _("有超期的(数字后 !)")), entry("due", _("有要做的(数字后 ·)")), entry("house", _("没有要做的")));
}
