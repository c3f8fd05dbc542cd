// A small still map on a canvas, for pages that only point to the large one.

import { boundsOf, outerRings } from "../js/shapes.js";

/** Draw areas in colours; `colourOf(properties)` gives a colour or pattern. */
export function drawMiniMap(canvas, features, colourOf) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const project = projection(features, width, height);
  for (const { geometry, properties } of features) {
    context.beginPath();
    for (const ring of outerRings(geometry)) trace(context, ring.map(project));
    context.fillStyle = colourOf(properties);
    context.fill();
    context.strokeStyle = "#b4bbc5";
    context.stroke();
  }
}

function trace(context, points) {
  points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

function projection(features, width, height) {
  const boxes = features.map((feature) => boundsOf(feature.geometry));
  const [west, south] = [0, 1].map((at) => Math.min(...boxes.map((box) => box[at])));
  const [east, north] = [2, 3].map((at) => Math.max(...boxes.map((box) => box[at])));
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = 0.94 * Math.min(width / ((east - west) * shrink || 1), height / (north - south || 1));
  const [left, top] = [(width - (east - west) * shrink * scale) / 2, (height - (north - south) * scale) / 2];
  return ([lon, lat]) => [left + (lon - west) * shrink * scale, top + (north - lat) * scale];
}
