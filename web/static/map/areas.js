// Areas on the map: coloured, named, chosen with mouse or from the table.

/* global L */

import { h } from "../js/dom.js";
import { coveredAtFoot } from "./map.js";
import { boundsOf, labelPoint } from "../js/shapes.js";

let hatched = null;

/** A hatch for what must not look like a small number: withheld, missing, or held by nobody. */
export function hatch() {
  if (hatched) return hatched;
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [8, 8];
  const context = tile.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = "#8a9099";
  context.beginPath();
  for (const shift of [-8, 0, 8]) {
    context.moveTo(shift, 8);
    context.lineTo(shift + 8, 0);
  }
  context.stroke();
  hatched = context.createPattern(tile, "repeat");
  return hatched;
}

/**
 * Draw areas. `fillOf(properties)` gives a colour, pattern or null; `hoverOf(properties)` the word and number
 * under the mouse; `onSelect(code)` is told of a click.
 */
export function drawAreas(view, { fillOf, hoverOf, onSelect, opacity = 0.65 }) {
  let chosen = null;
  const styleOf = (feature) =>
    areaStyle(fillOf(feature.properties), opacity, feature.properties.code === chosen);
  const layer = L.geoJSON(null, {
    style: styleOf,
    renderer: view.data,
    onEachFeature(feature, drawn) {
      drawn.bindTooltip(() => h("span", {}, hoverOf(feature.properties)), { sticky: true });
      drawn.on("click", () => onSelect(feature.properties.code));
    },
  }).addTo(view.map);
  return {
    show(features) {
      layer.clearLayers();
      layer.addData({ type: "FeatureCollection", features });
    },
    restyle: () => layer.setStyle(styleOf),
    select(code) {
      chosen = code;
      layer.setStyle(styleOf);
      layer.eachLayer((area) => area.feature.properties.code === code && area.bringToFront());
    },
    toBack: () => layer.bringToBack(),
  };
}

function areaStyle(fill, opacity, isChosen) {
  return {
    color: isChosen ? "#1f2328" : "#5c6570",
    weight: isChosen ? 3.5 : 1.2,
    fill: true,
    fillColor: fill || "#ffffff",
    fillOpacity: fill ? opacity : 0.05,
  };
}

/** Labels of areas: the name, and under it a number where there is room. */
export function areaLabels(features, { nameOf, numberOf = () => null }) {
  return features.flatMap((feature) => {
    const at = labelPoint(feature.geometry);
    if (!at) return [];
    const [lon, lat] = at;
    const name = { lon, lat, key: feature.properties.code, text: nameOf(feature.properties), priority: 1, bold: true, size: 13 };
    const value = numberOf(feature.properties);
    if (value === null) return [name];
    name.dy = -10;
    return [name, { lon, lat, text: value, priority: 5, size: 12, dy: 10, after: name }];
  });
}

/** Bring an area into view, above a sheet, without leaving the zoom more than needed. */
export function showArea(map, feature) {
  if (!feature) return;
  const bounds = latLngBounds([feature]);
  const covered = coveredAtFoot();
  if (!covered && map.getBounds().contains(bounds)) return;
  const margin = covered ? 16 : 40;
  map.fitBounds(bounds, {
    paddingTopLeft: [margin, margin],
    paddingBottomRight: [margin, margin + covered],
    maxZoom: 17,
  });
}

/** Fit the view to several areas. */
export function showAreas(map, features) {
  map.fitBounds(latLngBounds(features), { padding: [24, 24], maxZoom: 17.5 });
}

function latLngBounds(features) {
  const bounds = L.latLngBounds([]);
  for (const { geometry } of features) {
    const [west, south, east, north] = boundsOf(geometry);
    bounds.extend([
      [south, west],
      [north, east],
    ]);
  }
  return bounds;
}
