// A pin set by hand: where it lies, which grid and member it falls to, and whether a border is near.

/* global L */

import { membersList } from "../js/card.js";
import { fill, h, icon } from "../js/dom.js";
import { getJson, sentences } from "../js/fetch.js";
import { number } from "../js/format.js";
import { _ } from "../js/i18n.js";
import { may } from "../js/page.js";

const NEAR_BORDER_M = 15;
const STEP = 4; // pixels of one press of an arrow key

/**
 * Let a person set one pin, drag it, or move it by the arrow keys. `answer` is where the place is said;
 * `onPlace` gets lon, lat; `lookUp(lon, lat)` gives what is said of it.
 */
export function openPin(view, answer, onPlace, lookUp = gridAt) {
  const self = { marker: null, turn: 0 };
  const set = (lon, lat, accuracy = null) => {
    drop(view, self, [lon, lat], set);
    onPlace({ lon, lat, accuracy });
    ask(self, answer, () => lookUp(lon, lat));
  };
  view.map.on("click", (event) => set(event.latlng.lng, event.latlng.lat));
  return { set };
}

function drop(view, self, [lon, lat], set) {
  if (self.marker) {
    self.marker.setLatLng([lat, lon]);
    return;
  }
  const html = h("span", {}, icon("geo-alt"));
  const shape = L.divIcon({ className: "pin", html, iconSize: [48, 48], iconAnchor: [24, 46] });
  self.marker = L.marker([lat, lon], {
    icon: shape,
    draggable: true,
    keyboard: true,
    title: _("图钉:可拖动,也可用方向键移动"),
  });
  self.marker.addTo(view.map).on("dragend", () => {
    const at = self.marker.getLatLng();
    set(at.lng, at.lat);
  });
  self.marker.getElement().addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = view.map.layerPointToLatLng(view.map.latLngToLayerPoint(self.marker.getLatLng()).add(step));
    set(at.lng, at.lat);
  });
}

const ARROWS = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0] };

/** The grid and member of a place; a known building decides the grid, so that no border makes it doubtful. */
export async function gridAt(lon, lat, isBuilding = false) {
  try {
    const answer = await getJson("/api/v1/locate", { lon, lat });
    return answer.areas ? answerLines(answer, isBuilding) : null;
  } catch (failure) {
    if (failure.status === 404) return outside();
    throw failure;
  }
}

async function ask(self, answer, lookUp) {
  self.turn += 1;
  const turn = self.turn;
  try {
    const said = await lookUp();
    if (turn === self.turn) fill(answer, said);
  } catch (failure) {
    if (turn !== self.turn) return;
    fill(answer, h("p", { class: "notice bad" }, icon("exclamation-octagon"), h("span", {}, sentences(failure).at(-1))));
  }
}

function answerLines(answer, isBuilding) {
  const shown = answer.areas.filter((area) => !["micro_grid", "subdistrict"].includes(area.level));
  const names = shown.map((area) => area.name || area.code);
  return [
    h(
      "p",
      { class: "notice good" },
      icon("check-circle"),
      h("span", {}, _("位置在"), " ", h("strong", {}, names.join(" › "))),
    ),
    isBuilding ? null : nearBorder(answer),
    membersList(answer.members || []),
  ];
}

/** A warning where a place lies on a border or near one. */
export function nearBorder({ on_border: isOnBorder, near_border_m: metres }) {
  if (!isOnBorder && (metres === null || metres === undefined || metres >= NEAR_BORDER_M)) return null;
  const text = isOnBorder
    ? _("这个位置正好在网格边界上,请把图钉放准。")
    : _("离网格边界只有 {n} 米,请把图钉放准。", { n: number(Math.round(metres)) });
  return h("p", { class: "notice amber" }, icon("exclamation-triangle"), text);
}

function outside() {
  return h(
    "p",
    { class: "notice amber" },
    icon("exclamation-triangle"),
    _("这个位置不在任何网格内。仍可上报,由社区人工分派。"),
  );
}

const REASONS = {
  1: () => _("没有允许定位。"),
  2: () => _("暂时定不了位。"),
  3: () => _("定位超时。"),
};

/** The second way to a place, for those who may search and for those who may not. */
export function otherWay() {
  return may("households:find") ? _("请在图上点选位置,或搜索门牌。") : _("请在图上点选位置。");
}

/** Where the device is; a refusal is said in plain words, and the page adds its second way. */
export function locateMe(onFound, onFailed) {
  if (!window.isSecureContext || !navigator.geolocation) {
    onFailed(_("这个网址不是 https,浏览器不允许定位。"));
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => onFound(coords.longitude, coords.latitude, coords.accuracy),
    (failure) => onFailed((REASONS[failure.code] || REASONS[2])()),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
  );
}
