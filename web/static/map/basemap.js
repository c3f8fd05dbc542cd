// The neutral ground: streets, water, green and buildings of our own data, on a canvas of its own.

/* global L */

import { onBackground, shownBackground } from "./backgrounds.js";
import { getJson } from "../js/fetch.js";
import { groundOf, within } from "./ground.js";
import { coloursOfGround, groundEntry } from "./groundkinds.js";
import { isShown, onLayers } from "./layers.js";
import { addToLegend } from "./legend.js";
import { may, page } from "../js/page.js";
import { labelPoint, lineMiddle } from "../js/shapes.js";

const BUILDINGS_FROM_ZOOM = 15;
const NUMBERS_FROM_ZOOM = 17;
const NUMBER = /([0-9]+(?:[-—][0-9]+)?[A-Za-z]?)\s*(?:号楼|号院|栋|幢|座|楼|号)?$/u;
const LONGEST_NAME = 6; // of a building that has no number: a longer one would hide its neighbours
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
  const { line, fill: inside } = coloursOfGround(kind);
  if (inside && shownBackground()) return { color: line, fillOpacity: 0, weight: 1.5 };
  if (inside) return { color: line, fillColor: inside, fillOpacity: 1, weight: kind === "building" ? 0.8 : 1 };
  return { color: line, weight: STREET_WIDTH[feature.properties.class] || 2.5, fill: false };
}

/** Draw the ground and keep it in step with the view; names of streets go to the labels. */
export function drawBasemap(map, labels, dataUrl) {
  const renderer = L.canvas({ pane: "base", padding: 0.3 });
  const options = { style: styleOf, renderer, interactive: false, pane: "base", filter: isDrawn };
  const ground = L.geoJSON(null, options).addTo(map);
  const streets = L.geoJSON(null, options);
  const buildings = L.geoJSON(null, options);
  const self = { features: [], numbers: [] };
  const show = () => {
    const hasStreets = isShown("streets");
    put(map, streets, hasStreets);
    labels.set("streets", hasStreets ? streetLabels(self.features) : []);
    explain(self.features);
  };
  const showBuildings = () => {
    const isDrawnNow = map.getZoom() >= BUILDINGS_FROM_ZOOM && isShown("buildings");
    put(map, buildings, isDrawnNow);
    addToLegend("building", isDrawnNow ? entryOf("building") : null);
    labels.set("building-numbers", isDrawnNow ? self.numbers : []);
  };
  const loads = [
    follow(map, [dataUrl], 0, (features) => {
      refill(ground, features.filter(({ properties }) => properties.kind !== "street"));
      refill(streets, features.filter(({ properties }) => properties.kind === "street"));
      self.features = features;
      show();
    }),
  ];
  loads.push(
    follow(map, buildingsOf(dataUrl), BUILDINGS_FROM_ZOOM, (features) => {
      const houses = features.filter(({ properties }) => !properties.kind || properties.kind === "building");
      refill(buildings, houses.map(asBuilding));
      self.numbers = houses.flatMap(numberLabel);
      showBuildings();
    }),
  );
  map.on("moveend", () => {
    loads.forEach((load) => load());
    showBuildings();
  });
  onLayers(show);
  onLayers(showBuildings);
  onBackground(() => {
    for (const layer of [ground, buildings]) layer.setStyle(styleOf); // surfaces would hide an image below them
    show();
    showBuildings();
  });
  map.fire("moveend");
}

/** Where the buildings come from: all that is known of them, or walls and addresses for who sees no more. */
function buildingsOf(dataUrl) {
  return may("buildings:view") ? ["/api/v1/buildings"] : [dataUrl, { buildings: true }];
}

/** The legend says what the ground here is made of. */
function explain(features) {
  const kinds = new Set(features.map(({ properties }) => properties.kind));
  if (!isShown("streets")) kinds.delete("street");
  for (const kind of ["street", "water", "green"]) addToLegend(kind, kinds.has(kind) ? entryOf(kind) : null);
}

/** Over an image surfaces are outlines, on the map as in the legend. */
function entryOf(kind) {
  return shownBackground() ? { ...groundEntry(kind), opacity: 0 } : groundEntry(kind);
}

function put(map, layer, isWanted) {
  if (isWanted) layer.addTo(map);
  else layer.remove();
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
function follow(map, [dataUrl, asked = {}], minZoom, show) {
  const ground = groundOf(page.community.bounds);
  let loaded = null;
  return async () => {
    const seen = within(map.getBounds(), ground);
    if (map.getZoom() < minZoom || !seen || (loaded && loaded.contains(seen))) return;
    const wanted = within(map.getBounds().pad(0.5), ground);
    loaded = wanted;
    try {
      const answer = await getJson(dataUrl, { ...asked, bbox: wanted.toBBoxString() });
      if (loaded === wanted) show(answer.features || []);
    } catch (failure) {
      if (loaded === wanted) loaded = null;
      console.warn(`ground not loaded: ${failure.message}`);
    }
  };
}

/** The number on a building, placed behind the names and figures of areas. */
function numberLabel({ geometry, properties }) {
  const [at, text] = [labelPoint(geometry), buildingNumber(properties)];
  if (!at || !text) return [];
  return [{ lon: at[0], lat: at[1], text, priority: 60, size: 11, colour: "#3b434d", minZoom: NUMBERS_FROM_ZOOM }];
}

/** The number of a building as it stands on its wall, or its name where that is short. */
export function buildingNumber({ name, address }) {
  for (const text of [name, address]) {
    const match = NUMBER.exec((text || "").trim());
    if (match) return match[1];
  }
  return name && name.length <= LONGEST_NAME ? name : null;
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
