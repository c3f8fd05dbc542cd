// Public facilities as small squares with the letter of their kind, on every map; a click tells what they serve.

/* global L */

import { h } from "../js/dom.js";
import { getJson } from "../js/fetch.js";
import { number } from "../js/format.js";
import { _ } from "../js/i18n.js";
import { isShown, onLayers } from "./layers.js";
import { addToLegend } from "./legend.js";
import { POPUP } from "./maptools.js";

const HALF = 8;
const HALF_UNLETTERED = 5;

/** The specification that `layers/facilities.py` left, or nothing where the account sees none. */
function facilitiesSpec() {
  return window.gisgrid.layers.find(({ kind }) => kind === "facilities");
}

/** Facilities on a map whose subject is another one: fetched and drawn when their layer is switched on. */
export function followFacilities(view) {
  const spec = facilitiesSpec();
  const self = { layer: null, counts: new Map() };
  onLayers(async () => {
    const isWanted = isShown("facilities");
    if (isWanted && !self.layer) {
      try {
        const { features } = await getJson(spec.urls.data);
        if (!self.layer) Object.assign(self, drawFacilities(view, features, { kind: null }));
      } catch (failure) {
        console.warn(`facilities not loaded: ${failure.message}`); // the page's own subject stands without them
        return;
      }
    }
    if (!self.layer) return;
    if (isShown("facilities")) self.layer.addTo(view.map);
    else self.layer.remove();
    for (const { code, sign, name } of spec.style.kinds) {
      const count = self.counts.get(code);
      const entry = { colour: spec.style.colour, label: `${sign} ${name}`, count };
      addToLegend(`facilities-${code}`, count && isShown("facilities") ? entry : null);
    }
  });
}

/**
 * Draw the facilities of another kind than `kind`, above the areas; gives their layer and how many there are. Beside
 * a kind that is the map's own subject the others are small and bear no letters.
 */
export function drawFacilities(view, features, { kind }) {
  const { colour, kinds } = facilitiesSpec().style;
  const byCode = new Map(kinds.map((one) => [one.code, one]));
  const others = features.filter(({ properties }) => properties.type !== kind);
  const squares = L.layerGroup().addTo(view.map);
  const counts = new Map();
  const Square = squareMarker();
  const size = kind === null ? HALF : HALF_UNLETTERED;
  for (const { geometry, properties } of others) {
    const [lon, lat] = geometry.coordinates;
    const ofKind = byCode.get(properties.type);
    counts.set(ofKind.code, (counts.get(ofKind.code) || 0) + 1);
    const style = { color: "#ffffff", weight: 1, fillColor: colour, fillOpacity: 1, sign: kind === null ? ofKind.sign : "" };
    const square = new Square([lat, lon], { renderer: view.data, radius: size, ...style });
    square.bindTooltip(() => h("span", {}, `${properties.name} · ${ofKind.name}`));
    square.bindPopup(() => card(properties, ofKind), POPUP).on("popupopen", () => square.closeTooltip());
    square.addTo(squares);
  }
  return { layer: squares, count: others.length, counts };
}

/** What a facility is, whom it serves, and how it is reached. */
function card({ name, address, phone, capacity, floor_area_m2: floor }, ofKind) {
  const facts = [
    [_("类型"), ofKind.name],
    [_("服务对象"), ofKind.serves],
    [_("地址"), address],
    [_("电话"), phone && h("a", { href: `tel:${phone}` }, phone)],
    [_("可容纳人数"), capacity && number(capacity)],
    [_("建筑面积"), floor && _("{n} 平方米", { n: number(Math.round(floor)) })],
  ];
  const lines = facts.filter(([, value]) => value).map(([fact, value]) => h("div", {}, h("dt", {}, fact), h("dd", {}, value)));
  return h("div", { class: "facility" }, h("strong", {}, name), h("dl", { class: "facts" }, lines));
}

/** A marker drawn as a square, with a letter where it has one: told from others by these and not by its colour alone. */
function squareMarker() {
  return L.CircleMarker.extend({
    _updatePath() {
      const { _ctx: context } = this._renderer;
      const { x, y } = this._point;
      context.beginPath();
      context.rect(x - this._radius, y - this._radius, 2 * this._radius, 2 * this._radius);
      this._renderer._fillStroke(context, this);
      if (!this.options.sign) return;
      context.globalAlpha = 1;
      context.fillStyle = "#ffffff";
      context.font = "bold 12px sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(this.options.sign, x, y + 1);
    },
  });
}
