// Slanting lines over a shape on the map, the same width at every zoom.

const STEP_PX = 8;
const tiles = new Map();

/** Fill a path with slanting lines of a colour; the context is in flat units, `scale` pixels each. */
export function hatch(context, scale, path, colour) {
  const pattern = context.createPattern(tileOf(colour), "repeat");
  pattern.setTransform(new DOMMatrix([1 / scale, 0, 0, 1 / scale, 0, 0]));
  context.fillStyle = pattern;
  context.fill(path, "evenodd");
}

function tileOf(colour) {
  if (!tiles.has(colour)) tiles.set(colour, tile(colour));
  return tiles.get(colour);
}

function tile(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = STEP_PX;
  canvas.height = STEP_PX;
  const context = canvas.getContext("2d");
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  for (const shift of [-STEP_PX, 0, STEP_PX]) {
    context.moveTo(shift - 1, STEP_PX + 1);
    context.lineTo(shift + STEP_PX + 1, -1);
  }
  context.stroke();
  return canvas;
}
