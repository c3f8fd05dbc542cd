// The neutral ground: streets, water, green and buildings of our own data, on a canvas of its own.

/* global L */

import { getJson } from "./fetch.js";
import { groundOf, within } from "./ground.js";
import { may, page } from "./page.js";
import { lineMiddle } from "./shapes.js";

const BUILDINGS_FROM_ZOOM = 15;
const STREET_WIDTH = {
  main: 6,
  road: 4,
  lane: 2.5,
  dead_end: 2,
  primary: 6,
  secondary: 5,
  tertiary: 4,
  residential: 2.5,
  footway: 1,
};

function styleOf(feature) {
  const { kind } = feature.properties;
  if (kind === "water") return { color: "#b8d3e6", fillColor: "#cfe2f0", fillOpacity: 1, weight: 1 };
  if (kind === "green") return { color: "#cfe0c8", fillColor: "#e2eedd", fillOpacity: 1, weight: 1 };
  if (kind === "building") return { color: "#c4c9d0", fillColor: "#dfe3e8", fillOpacity: 1, weight: 0.8 };
  return { color: "#ffffff", weight: STREET_WIDTH[feature.properties.class] || 2.5, fill: false };
}

/** Draw the ground and keep it in step with the view; names of streets go to the labels. */
export function drawBasemap(map, labels, dataUrl) {
  const renderer = L.canvas({ pane: "base", padding: 0.3 });
  const options = { style: styleOf, renderer, interactive: false, pane: "base", filter: isDrawn };
  const ground = L.geoJSON(null, options).addTo(map);
  const buildings = L.geoJSON(null, options);
  const loads = [
    follow(map, dataUrl, 0, (features) => {
      refill(ground, features);
      labels.set("streets", streetLabels(features));
    }),
  ];
  if (may("buildings")) {
    loads.push(
      follow(map, "/api/v1/buildings", BUILDINGS_FROM_ZOOM, (features) => {
        refill(buildings, features.map(asBuilding));
      }),
    );
  }
  map.on("moveend", () => {
    loads.forEach((load) => load());
    if (map.getZoom() >= BUILDINGS_FROM_ZOOM) buildings.addTo(map);
    else buildings.remove();
  });
  map.fire("moveend");
}

function isDrawn(feature) {
  return feature.geometry && feature.geometry.type !== "Point";
}

function asBuilding(feature) {
  return { ...feature, properties: { kind: "building" } };
}

function refill(layer, features) {
  layer.clearLayers();
  layer.addData({ type: "FeatureCollection", features });
}

/**
 * Fetch for a box larger than the view, but no farther than the community's ground, and again only when the view
 * leaves it. A failure leaves the ground bare.
 */
function follow(map, dataUrl, minZoom, show) {
  const ground = groundOf(page.community.bounds);
  let loaded = null;
  return async () => {
    const seen = within(map.getBounds(), ground);
    if (map.getZoom() < minZoom || !seen || (loaded && loaded.contains(seen))) return;
    const wanted = within(map.getBounds().pad(0.5), ground);
    loaded = wanted;
    try {
      const answer = await getJson(dataUrl, { bbox: wanted.toBBoxString() });
      if (loaded === wanted) show(answer.features || []);
    } catch (failure) {
      if (loaded === wanted) loaded = null;
      console.warn(`ground not loaded: ${failure.message}`);
    }
  };
}

function streetLabels(features) {
  const longest = new Map();
  for (const feature of features) {
    const { name, kind } = feature.properties;
    if (kind !== "street" || !name || feature.geometry.type !== "LineString") continue;
    const { coordinates } = feature.geometry;
    const [first, last] = [coordinates[0], coordinates[coordinates.length - 1]];
    const length = Math.hypot(last[0] - first[0], last[1] - first[1]);
    if (!longest.has(name) || longest.get(name).length < length) longest.set(name, { length, coordinates });
  }
  return [...longest].map(([text, { coordinates }]) => ({
    text,
    ...lineMiddle(coordinates, coordinates[0][1]),
    priority: 90,
    size: 12,
    colour: "#6b7280",
    minZoom: 15,
  }));
}
