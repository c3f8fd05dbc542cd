// Where somebody stands, as a dot on the map: at once where the browser may tell, else by a press; never sent by itself.

/* global L */

import { fill, h, icon } from "../js/dom.js";
import { getJson, sentences } from "../js/fetch.js";
import { _ } from "../js/i18n.js";
import { flyTo } from "./map.js";
import { page } from "../js/page.js";
import { locateMe } from "./pin.js";

/** Add the button and the dot; with `asksGrid` a press also tells whether the place lies in one's own grid. */
export function showHere(view, { asksGrid = false } = {}) {
  const self = { dot: null, ring: null };
  const said = h("div", { class: "here-said", "aria-live": "polite" });
  const button = h("button", { type: "button", class: "button here-button", onclick: press }, icon("crosshair"), asksGrid ? _("我在哪个网格") : _("我的位置"));
  view.map.getContainer().append(h("div", { class: "here" }, said, button));
  L.DomEvent.disableClickPropagation(button.parentNode);
  follow();

  function put(lon, lat, accuracy) {
    self.dot?.remove();
    self.ring?.remove();
    const renderer = L.canvas({ pane: "marks" });
    const plain = { interactive: false, pane: "marks", renderer };
    self.ring = L.circle([lat, lon], { ...plain, radius: Math.min(accuracy || 0, 200), color: "#1e5aa8", weight: 1, fillOpacity: 0.12 }).addTo(view.map);
    self.dot = L.circleMarker([lat, lon], { ...plain, radius: 8, color: "#ffffff", weight: 3, fillColor: "#1e5aa8", fillOpacity: 1 }).addTo(view.map);
    view.map.getContainer().dataset.here = `${lon},${lat}`;
  }

  /** Only where it was allowed before: a page asks for nothing by being opened. */
  async function follow() {
    const allowed = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    if (allowed?.state === "granted") locateMe(put, () => null);
  }

  function press() {
    fill(said, note("amber", "clock", _("正在定位…")));
    locateMe(
      (lon, lat, accuracy) => {
        put(lon, lat, accuracy);
        flyTo(view.map, lon, lat);
        if (asksGrid) tellGrid(said, lon, lat);
        else fill(said);
      },
      (why) => fill(said, note("amber", "exclamation-triangle", why)),
    );
  }
}

/** Which grid a place lies in, and whether it is one's own. */
async function tellGrid(said, lon, lat) {
  try {
    const { areas, members } = await getJson("/api/v1/locate", { lon, lat });
    const grid = areas.find((area) => area.level === "grid");
    if (!grid) fill(said, note("amber", "exclamation-triangle", _("这里不在任何网格内。")));
    else if (page.grids.includes(grid.code)) fill(said, note("good", "check-circle", _("您在{grid},是您的网格。", { grid: grid.name || grid.code })));
    else fill(said, note("amber", "info-circle", othersWords(grid, members || [])));
  } catch (failure) {
    const text = failure.status === 404 ? _("这里不在任何网格内。") : sentences(failure)[0];
    fill(said, note("amber", "exclamation-triangle", text));
  }
}

function othersWords(grid, members) {
  const values = { grid: grid.name || grid.code, name: members[0]?.name };
  return values.name ? _("您在{grid},不是您的网格。网格员:{name}。", values) : _("您在{grid},不是您的网格。", values);
}

function note(tone, name, text) {
  return h("p", { class: `notice ${tone}` }, icon(name), h("span", {}, text));
}
