// What differs between two divisions, drawn over the plan: borders before and after, and the plots that change hands.

import { addOverlay } from "../../static/map/overlay.js";
import { pathOf } from "./cells.js";
import { hatch } from "./hatch.js";
import { onChange, state } from "./state.js";
import { frameOf } from "./view.js";
import { boundsOf } from "../../static/js/shapes.js";

export const COLOURS = { before: "#b3261e", after: "#00695c", plots: "#5b2a86" };
const MARGIN_PX = 50;
const CLOSEST = 18;
const DASH_PX = [9, 9];

/** Put a picture on the map; `source()` gives `{plots, solid, dashed, isChosen}` of GeoJSON features, or nothing. */
export function openPicture(map, name, source) {
  const pane = map.createPane(name);
  pane.style.zIndex = "425";
  pane.style.pointerEvents = "none";
  const overlay = addOverlay(map, name, (context) => {
    const shown = source();
    if (shown) draw(context, frameOf(map), shown);
  });
  onChange((what) => what !== "stroke" && overlay.redraw());
  return overlay;
}

function draw(context, { scale, dx, dy }, { plots, solid = [], dashed = [], isChosen = () => true }) {
  context.save();
  context.translate(dx, dy);
  context.scale(scale, scale);
  context.lineJoin = "round";
  for (const plot of plots) {
    const path = drawn(plot);
    context.globalAlpha = isChosen(plot.properties) ? 1 : 0.25;
    hatch(context, scale, path, COLOURS.plots);
    stroke(context, path, COLOURS.plots, 1.5 / scale);
  }
  context.globalAlpha = 1;
  for (const feature of [...solid, ...dashed]) stroke(context, drawn(feature), "#ffffff", 6 / scale);
  for (const feature of solid) stroke(context, drawn(feature), COLOURS.after, 3.5 / scale);
  context.setLineDash(DASH_PX.map((length) => length / scale)); // over the solid ones: where both run both are seen
  for (const feature of dashed) stroke(context, drawn(feature), COLOURS.before, 3.5 / scale);
  context.restore();
}

function stroke(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

/** A feature's drawing, made once for the ground it lies on. */
function drawn(feature) {
  if (feature.origin !== state.store.origin) Object.assign(feature, { origin: state.store.origin, path: pathOf(feature.geometry, state.store.origin) });
  return feature.path;
}

/** Bring features to the middle of the map, as near as they fit. */
export function zoomTo(map, features) {
  const boxes = features.map(({ geometry }) => boundsOf(geometry)).filter(([west]) => Number.isFinite(west));
  if (!boxes.length) return;
  const edge = (at, pick) => pick(...boxes.map((box) => box[at]));
  const corners = [[edge(1, Math.min), edge(0, Math.min)], [edge(3, Math.max), edge(2, Math.max)]];
  map.fitBounds(corners, { padding: [MARGIN_PX, MARGIN_PX], maxZoom: CLOSEST, animate: false });
}

/** Features by a pair of properties: each pair with its features, those with most first. */
export function byPair(features, [first, second]) {
  const pairs = new Map();
  for (const feature of features) {
    const key = [feature.properties[first], feature.properties[second]];
    const name = key.join(" → ");
    if (!pairs.has(name)) pairs.set(name, { key, features: [] });
    pairs.get(name).features.push(feature);
  }
  return [...pairs.values()].sort((a, b) => b.features.length - a.features.length);
}
