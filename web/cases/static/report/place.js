// Where it is: by the device, by an address, by the map; near a border a person says which building is meant.

import { fill, h, icon } from "../../../static/js/dom.js";
import { getJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { flyTo } from "../../../static/map/map.js";
import { page } from "../../../static/js/page.js";
import { gridAt, locateMe, openPin } from "../../../static/map/pin.js";
import { number } from "../../../static/js/format.js";
import { sayMissing } from "../../../static/js/status.js";

const WAIT_MS = 300;
const where = document.getElementById("where");
const choice = document.getElementById("choice");
const address = document.getElementById("address");
const list = document.getElementById("addresses");
const button = document.getElementById("locate");

/** Open the ways to a place; `onPlace` gets `{lon, lat, accuracy, building, address}` at each change. */
export function openPlace(view, onPlace) {
  const self = { building: null, isBuilding: false, shown: "", turn: 0 };
  const placed = (place) => {
    const { building } = self;
    self.building = null;
    self.isBuilding = Boolean(building);
    if (!building && address.value === self.shown) address.value = ""; // the pin has left that building
    onPlace({ ...place, building: building ? building.id : null, address: building ? building.address : null });
    if (building) markChosen(building);
    else askWhich(self, place);
  };
  const pin = openPin(view, where, placed, (lon, lat) => gridAt(lon, lat, self.isBuilding));
  const settle = (building, accuracy = null) => {
    self.building = building;
    self.shown = building.address;
    address.value = building.address;
    flyTo(view.map, building.lon, building.lat);
    pin.set(building.lon, building.lat, accuracy);
  };
  self.settle = settle;
  openLocate(view, pin);
  openAddress(settle);
  if (page.building) settle(page.building);
  return {
    set: (place) => {
      flyTo(view.map, place.lon, place.lat);
      if (place.building) self.building = { id: place.building, address: place.address, lon: place.lon, lat: place.lat };
      pin.set(place.lon, place.lat, place.accuracy);
    },
    missing: () => sayMissing(where, _("请先定位、输入地址,或在图上点出位置。")),
  };
}

function openLocate(view, pin) {
  if (!window.isSecureContext || !navigator.geolocation) {
    button.hidden = true; // over plain http no browser tells where it is: map and address remain
    return;
  }
  const locate = () => {
    fill(where, h("p", { class: "waiting" }, _("正在定位…")));
    locateMe(
      (lon, lat, accuracy) => {
        flyTo(view.map, lon, lat);
        pin.set(lon, lat, accuracy);
      },
      (text) => fill(where, note("amber", "exclamation-triangle", text + _("请在图上点出位置,或输入地址。"))),
    );
  };
  button.addEventListener("click", locate);
}

function openAddress(settle) {
  let timer = 0;
  let turn = 0;
  const ask = async () => {
    turn += 1;
    const mine = turn;
    const text = address.value.trim();
    if (!text) return showList([]);
    try {
      const { rows } = await getJson("/api/v1/report/addresses", { q: text });
      if (mine === turn) showList(rows);
    } catch {
      if (mine === turn) showList([]); // the map is still there
    }
    return null;
  };
  const showList = (rows) => {
    list.hidden = !rows.length;
    fill(list, rows.map((row) => h("li", {}, h("button", { type: "button", onclick: () => take(row) }, icon("building"), row.address))));
  };
  const take = (row) => {
    showList([]);
    settle(row);
  };
  address.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  address.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.querySelector("button")?.click();
  });
}

async function askWhich(self, place) {
  self.turn += 1;
  const turn = self.turn;
  fill(choice);
  try {
    const { lon, lat, accuracy } = place;
    const answer = await getJson("/api/v1/report/buildings", { lon, lat, accuracy_m: accuracy });
    if (turn === self.turn && answer.is_doubtful && answer.rows.length) showChoice(self, place, answer.rows);
  } catch {
    // the place itself is known; which building is asked only where it can be
  }
}

function showChoice(self, place, rows) {
  const take = (row) => {
    self.turn += 1;
    self.settle(row, place.accuracy);
  };
  const stay = () => fill(choice);
  fill(
    choice,
    h(
      "div",
      { class: "choose", role: "group", "aria-label": _("是哪一栋楼?") },
      h("p", {}, h("strong", {}, _("这里靠近网格边界,是哪一栋楼?"))),
      rows.map((row) =>
        h(
          "button",
          { type: "button", class: "button", onclick: () => take(row) },
          icon("building"),
          h("span", {}, row.address),
          h("span", { class: "muted" }, [row.grid_name, _("{n} 米", { n: number(Math.round(row.distance_m)) })].filter(Boolean).join(" · ")),
        ),
      ),
      h("button", { type: "button", class: "button", onclick: stay }, icon("geo-alt"), _("都不是,就在图钉的位置")),
    ),
  );
  choice.scrollIntoView({ block: "center" });
}

function markChosen(building) {
  fill(choice, note("good", "building", _("位置:{address}", { address: building.address })));
}

function note(kind, name, text) {
  return h("p", { class: `notice ${kind}` }, icon(name), text);
}
