// Measuring on a map: points by mouse, finger or keyboard give a length, three of them an area as well.

/* global L */

import { h, icon } from "../js/dom.js";
import { number } from "../js/format.js";
import { areaOf, lengthOf } from "../js/geodesy.js";
import { _ } from "../js/i18n.js";

const COLOUR = "#a3003c";
const SAME_PX = 4; // the second press of a double one sets no point
const M2_PER_MU = 10000 / 15;
const M2_PER_HECTARE = 10000;
const KM_FROM_M = 1000;

let isOn = false;

/** Whether somebody measures now: presses and keys belong to the measuring then. */
export function isMeasuring() {
  return isOn;
}

/** A length as people say it. */
function lengthWords(metres) {
  return metres < KM_FROM_M ? _("{n} 米", { n: number(metres, 1) }) : _("{n} 公里", { n: number(metres / KM_FROM_M, 2) });
}

/** An area in square metres, mu and hectares. */
function areaWords(squareMetres) {
  const words = [_("{n} 平方米", { n: number(squareMetres) }), _("{n} 亩", { n: number(squareMetres / M2_PER_MU, 2) }), _("{n} 公顷", { n: number(squareMetres / M2_PER_HECTARE, 3) })];
  return words.join(" · ");
}

/** The measuring of a map: `open()` and `close()`, and the `box` that says the figures. */
export function openMeasuring(map) {
  const self = { points: [], drawn: L.layerGroup(), renderer: null };
  const said = h("div", { class: "measured", "aria-live": "polite" });
  const show = () => {
    draw(map, self);
    tell(said, self.points);
  };
  const add = (latlng) => {
    self.points.push([latlng.lng, latlng.lat]);
    show();
  };
  const takeBack = () => {
    self.points.pop();
    show();
  };
  const clear = () => {
    self.points = [];
    show();
  };
  const frame = map.getContainer();
  const cross = h("div", { class: "measure-cross", "aria-hidden": "true" });
  const press = (event) => onPress(map, self, { event, add });
  const key = (event) => onKey(map, event, { add, takeBack });
  return {
    box: h("div", {}, said, h("div", { class: "answers" }, button("arrow-counterclockwise", _("撤回一点"), takeBack), button("trash", _("清除"), clear))),
    open() {
      isOn = true;
      self.drawn.addTo(map);
      frame.append(cross);
      frame.addEventListener("click", press, { capture: true });
      frame.addEventListener("dblclick", stop, { capture: true });
      frame.addEventListener("keydown", key, { capture: true });
      map.fire("measuring");
      frame.focus({ preventScroll: true });
      show();
    },
    close() {
      isOn = false;
      self.points = [];
      self.drawn.remove();
      cross.remove();
      frame.removeEventListener("click", press, { capture: true });
      frame.removeEventListener("dblclick", stop, { capture: true });
      frame.removeEventListener("keydown", key, { capture: true });
      map.fire("measuring");
    },
  };
}

function button(symbol, word, onclick) {
  return h("button", { type: "button", class: "button", onclick }, icon(symbol), word);
}

function isControl(event) {
  return Boolean(event.target.closest(".leaflet-control"));
}

function stop(event) {
  if (!isControl(event)) event.stopPropagation();
}

/** A press sets a point and reaches nothing else on the map; the end of a drag is none. */
function onPress(map, self, { event, add }) {
  if (isControl(event)) return;
  event.stopPropagation();
  if (map.dragging.moved()) return;
  const last = self.points.at(-1);
  const at = map.mouseEventToContainerPoint(event);
  if (last && at.distanceTo(map.latLngToContainerPoint([last[1], last[0]])) < SAME_PX) return;
  add(map.containerPointToLatLng(at));
}

/** Arrows move the map below the cross; the space bar or Enter sets a point there. */
function onKey(map, event, { add, takeBack }) {
  if (isControl(event)) return;
  const work = { Enter: () => add(map.getCenter()), " ": () => add(map.getCenter()), Backspace: takeBack }[event.key];
  if (!work) return;
  event.preventDefault();
  event.stopPropagation();
  work();
}

function draw(map, self) {
  self.drawn.clearLayers();
  self.renderer = self.renderer || L.canvas({ pane: "marks" });
  const latlngs = self.points.map(([lon, lat]) => [lat, lon]);
  const look = { renderer: self.renderer, pane: "marks", interactive: false, color: COLOUR };
  if (latlngs.length > 2) L.polygon(latlngs, { ...look, weight: 1, dashArray: "4 4", fillOpacity: 0.15 }).addTo(self.drawn);
  L.polyline(latlngs, { ...look, weight: 3 }).addTo(self.drawn);
  for (const latlng of latlngs) L.circleMarker(latlng, { ...look, radius: 5, weight: 2, fillColor: "#ffffff", fillOpacity: 1 }).addTo(self.drawn);
}

function tell(place, points) {
  const hint = _("在图上点出各点;用键盘时,方向键移动地图,空格键在十字处落点。");
  const lines = points.length < 2 ? [hint] : [_("长度 {length}", { length: lengthWords(lengthOf(points)) })];
  if (points.length > 2) lines.push(_("面积 {area}", { area: areaWords(areaOf(points)) }));
  place.replaceChildren(...lines.map((text) => h("p", {}, text)));
}
