// The stations that serve elders, with the circle each reaches on foot.

/* global L */

import { h } from "../../../static/js/dom.js";
import { stationWord } from "../../../static/js/words.js";

/** Draw stations on a map; `show(features, metres)` draws these instead, with circles that wide. */
export function stationLayer(view, colour) {
  const circles = L.layerGroup().addTo(view.map);
  const canvas = L.canvas({ pane: "circles", padding: 0.3 });
  const around = { renderer: canvas, pane: "circles", color: colour, weight: 2, dashArray: "6 5", fill: false, interactive: false };
  const point = { radius: 8, renderer: view.data, color: "#ffffff", weight: 2, fillColor: colour, fillOpacity: 1 };
  return {
    show(features, metres) {
      circles.clearLayers();
      for (const { geometry, properties } of features) {
        const [lon, lat] = geometry.coordinates;
        L.circle([lat, lon], { ...around, radius: metres }).addTo(circles);
        const marker = L.circleMarker([lat, lon], point).addTo(circles);
        marker.bindTooltip(() => h("span", {}, `${properties.name} · ${stationWord(properties.type)}`));
      }
      view.labels.set("stations", features.map((feature) => labelOf(feature, colour)));
    },
  };
}

function labelOf({ geometry, properties }, colour) {
  const [lon, lat] = geometry.coordinates;
  return { lon, lat, key: properties.id, text: properties.name, priority: 0, dy: -18, size: 12, colour, bold: true, minZoom: 15 };
}
