// Public facilities as small squares with the letter of their kind, on every map; a click tells what they serve.

/* global L */

import { h, icon } from "../js/dom.js";
import { getJson } from "../js/fetch.js";
import { number } from "../js/format.js";
import { _ } from "../js/i18n.js";
import { page } from "../js/page.js";
import { writeText } from "./labels.js";
import { isShown, onLayers } from "./layers.js";
import { addToLegend } from "./legend.js";
import { POPUP } from "./maptools.js";

const HALF = 8;
const HALF_UNLETTERED = 5;
const AFTER_NAMES = 9; // a name of an area goes before a letter: its square is seen all the same

/** The specification that `layers/facilities.py` left, or nothing where the account sees none. */
function facilitiesSpec() {
  return window.gisgrid.layers.find(({ kind }) => kind === "facilities");
}

/** Facilities on a map whose subject is another one: fetched and drawn when their layer is switched on. */
export function followFacilities(view) {
  const self = { layer: null, places: [] };
  onLayers(async () => {
    if (isShown("facilities") && !self.layer) {
      try {
        const { features } = await getJson(facilitiesSpec().urls.data, { as_of: page.as_of });
        if (!self.layer) Object.assign(self, drawFacilities(view, features, { kind: null }));
      } catch (failure) {
        console.warn(`facilities not loaded: ${failure.message}`); // the page's own subject stands without them
        return;
      }
    }
    if (self.layer) showThem(view, self, isShown("facilities"));
  });
}

function showThem(view, { layer, places }, isWanted) {
  if (isWanted) layer.addTo(view.map);
  else layer.remove();
  view.labels.set("facilities", isWanted ? places.map(letterOf) : []);
  for (const [name, entry] of Object.entries(legendOf(places))) addToLegend(`facilities-${name}`, isWanted ? entry : null);
}

/** A line for each kind there is; one that says so where there are none, and one for squares that bear a number. */
function legendOf(places) {
  const { colour, kinds } = facilitiesSpec().style;
  const all = places.flatMap((place) => place.facilities);
  const lines = { none: all.length ? null : { colour, label: _("没有登记公共设施") } };
  for (const { code, sign, name } of kinds) {
    const count = all.filter(({ type }) => type === code).length;
    lines[code] = count ? { colour, sign, label: name, count } : null;
  }
  const shares = places.some(({ facilities }) => facilities.length > 1);
  lines.several = shares ? { colour, sign: "2", label: _("数字:同一处有几个") } : null;
  return lines;
}

/**
 * Draw the facilities of another kind than `kind`, above all areas; gives their layer, their places and how many there
 * are. Beside a kind that is the map's own subject the others are small and bear no letters. What is seen lies above
 * every canvas of the page, what is clicked on the one that hears clicks.
 */
export function drawFacilities(view, features, { kind }) {
  const { colour } = facilitiesSpec().style;
  const others = features.filter(({ properties }) => properties.type !== kind);
  const places = placesOf(others);
  const Square = squareMarker();
  const layer = L.layerGroup().addTo(view.map);
  const radius = kind === null ? HALF : HALF_UNLETTERED;
  const pane = kind === null ? "marks" : "circles"; // below the kind that is the map's own subject
  const seen = { renderer: L.canvas({ pane }), pane, interactive: false, radius, color: "#ffffff", weight: 1, fillColor: colour, fillOpacity: 1 };
  for (const { lon, lat, facilities } of places) {
    new Square([lat, lon], seen).addTo(layer);
    const square = new Square([lat, lon], { renderer: view.data, radius, opacity: 0, fillOpacity: 0 }).addTo(layer);
    square.bindTooltip(() => h("span", {}, facilities.map(({ name, type }) => h("div", {}, `${name} · ${kindOf(type).name}`))));
    square.bindPopup(() => h("div", { class: "facility" }, facilities.map(card)), POPUP).on("popupopen", () => square.closeTooltip());
  }
  keepOnTop(view.map, layer, Square);
  return { layer, places, count: others.length };
}

/** Facilities by the place they stand at: of two squares one on the other, the lower could never be clicked. */
function placesOf(features) {
  const places = new Map();
  for (const { geometry, properties } of features) {
    const [lon, lat] = geometry.coordinates;
    const key = `${lon} ${lat}`;
    if (!places.has(key)) places.set(key, { lon, lat, facilities: [] });
    places.get(key).facilities.push(properties);
  }
  return [...places.values()];
}

function kindOf(code) {
  return facilitiesSpec().style.kinds.find((kind) => kind.code === code);
}

/** Areas that come later would take the clicks. */
function keepOnTop(map, layer, Square) {
  let isAsked = false;
  const raise = () => {
    isAsked = false;
    if (map.hasLayer(layer)) layer.eachLayer((square) => square.options.interactive && square.bringToFront());
  };
  map.on("layeradd", ({ layer: added }) => {
    if (isAsked || added instanceof Square || !(added instanceof L.Path)) return;
    isAsked = true;
    requestAnimationFrame(raise);
  });
}

/** The letter of a place, or how many facilities stand there. */
function letterOf({ lon, lat, facilities }) {
  const { colour } = facilitiesSpec().style;
  const text = facilities.length > 1 ? String(facilities.length) : kindOf(facilities[0].type).sign;
  const draw = (context) => {
    context.fillStyle = colour;
    context.fillRect(-HALF, -HALF, 2 * HALF, 2 * HALF);
    writeText(context, { text, size: 12, bold: true, colour: "#ffffff", halo: colour }, 0.5);
  };
  return { lon, lat, text, draw, box: [2 * HALF, 2 * HALF], priority: AFTER_NAMES };
}

/** What a facility is, whom it serves, and how it is reached. */
function card({ name, type, address, phone, capacity, floor_area_m2: floor }) {
  const { name: kind, serves } = kindOf(type);
  const facts = [
    [_("类型"), kind],
    [_("服务对象"), serves],
    [_("地址"), address],
    [_("电话"), phone && h("a", { class: "phone", href: `tel:${phone}` }, icon("telephone"), phone)],
    [_("可容纳人数"), capacity && number(capacity)],
    [_("建筑面积"), floor && _("{n} 平方米", { n: number(Math.round(floor)) })],
  ];
  const lines = facts.filter(([, value]) => value).map(([fact, value]) => h("div", {}, h("dt", {}, fact), h("dd", {}, value)));
  return h("section", {}, h("strong", {}, name), h("dl", { class: "facts" }, lines));
}

/** A marker drawn as a square, told from others by its shape and not by its colour alone. */
function squareMarker() {
  return L.CircleMarker.extend({
    _updatePath() {
      const { _ctx: context } = this._renderer;
      const { x, y } = this._point;
      context.beginPath();
      context.rect(x - this._radius, y - this._radius, 2 * this._radius, 2 * this._radius);
      this._renderer._fillStroke(context, this);
    },
  });
}
