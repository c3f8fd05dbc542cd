// The households with elders whom no station or no member serves, for roles that may know households.

/* global L */

import { fill, h } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { getJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { addToLegend } from "../../../static/map/legend.js";
import { flyTo, markPlace } from "../../../static/map/map.js";
import { emptyNote, showFailure } from "../../../static/js/status.js";
import { rowNumber } from "../../../static/js/withheld.js";
import { reasonWord } from "../../../static/js/words.js";

const COLOUR = "#7f1d1d";

/**
 * List and draw those left out: `show(distance, isDrawn)` asks the server for that distance. `isDrawn` says
 * whether they belong on the map too, where the colour is about reach.
 */
export function leftOutList(view, { url, asOf }) {
  const list = document.getElementById("uncovered");
  const points = L.layerGroup().addTo(view.map);
  let wanted = null;
  async function show(distance, isDrawn) {
    if (!list) return;
    wanted = { distance, isDrawn };
    try {
      const { rows } = await getJson(url, { distance, as_of: asOf });
      if (distance !== wanted.distance) return; // another reach is asked for since
      drawHouseholds(view, points, wanted.isDrawn ? rows : []);
      listHouseholds(view, list, rows);
    } catch (failure) {
      if (failure.status === 403) fill(list, h("p", { class: "note" }, _("您的账号只看人数,不看住户名单。")));
      else showFailure(list, failure, () => show(distance, isDrawn));
    }
  }
  return { show };
}

function drawHouseholds(view, points, rows) {
  points.clearLayers();
  const placed = rows.filter(({ lon }) => lon !== null && lon !== undefined);
  placed.forEach((row) => drawHousehold(view, points, row));
  const entry = { colour: COLOUR, shape: "mark", label: _("步行不可达的老人家庭"), count: placed.length };
  addToLegend("uncovered", placed.length ? entry : null);
}

function drawHousehold(view, points, row) {
  const ring = { radius: 3.5, renderer: view.data, color: COLOUR, weight: 1.2, fillColor: "#ffffff", fillOpacity: 1 };
  const marker = L.circleMarker([row.lat, row.lon], ring).addTo(points);
  marker.bindTooltip(() => h("span", {}, `${row.address} · ${reasonWord(row.reason)}`));
}

function listHouseholds(view, list, rows) {
  const lines = rows.map((row) => householdLine(view, row));
  fill(list, rows.length ? h("ol", { class: "plain" }, lines) : emptyNote(_("所有登记的老人都在步行范围内。")));
  document.getElementById("uncovered-count").textContent = number(rows.length);
}

function householdLine(view, row) {
  const fly = () => {
    flyTo(view.map, row.lon, row.lat);
    markPlace(view.map, row.lon, row.lat);
  };
  const words = [_("老人 {n} 人", { n: rowNumber(row, "elders") }), " · ", reasonWord(row.reason)];
  return h("li", {}, h("button", { type: "button", class: "link", onclick: fly }, row.address), h("span", { class: "muted" }, words));
}
