// Elements without markup strings: whatever stands in a text stays text.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("../vendor/icons.svg", import.meta.url).pathname;

/** An element with properties ("class", "aria-…", "onclick"), and children that are nodes or texts. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replace everything in an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** An icon of the sprite; words stand beside it, so it is hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

/** A small square of a colour, drawn so that no inline style is needed and as pale as on the map; `sign` is its letter. */
export function swatch(colour, { hatch = false, shape = "square", sign = "", opacity = 1 } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("viewBox", "0 0 20 14");
  svg.setAttribute("aria-hidden", "true");
  svg.append(...swatchParts(colour, { hatch, shape, opacity }));
  if (sign) {
    const letter = svgPart("text", { x: 10, y: 11, fill: "#fff", "font-size": 11, "font-weight": "bold", "text-anchor": "middle" });
    letter.textContent = sign;
    svg.append(letter);
  }
  return svg;
}

/** Signs that are lines: a road on the ground, a border, and one that is broken. */
const LINES = {
  road: (colour) => [
    { stroke: "#8a9099", "stroke-width": 8 },
    { stroke: colour, "stroke-width": 6 },
  ],
  line: (colour) => [{ stroke: colour, "stroke-width": 3 }],
  dash: (colour) => [{ stroke: colour, "stroke-width": 3, "stroke-dasharray": "7 4" }],
};

function swatchParts(colour, { hatch, shape, opacity }) {
  if (LINES[shape]) return LINES[shape](colour).map((line) => svgPart("line", { x1: 0, x2: 20, y1: 7, y2: 7, ...line }));
  if (shape === "mark") return [svgPart("circle", { cx: 10, cy: 7, r: 5, fill: "#fff", stroke: colour, "stroke-width": 2.5 })];
  if (shape === "circle") return [svgPart("circle", { cx: 10, cy: 7, r: 6, fill: colour, "fill-opacity": opacity, stroke: "#fff" })];
  if (shape === "ring") {
    return [
      svgPart("circle", {
        cx: 10,
        cy: 7,
        r: 6,
        fill: "none",
        stroke: colour,
        "stroke-width": 2,
        "stroke-dasharray": "3 2",
      }),
    ];
  }
  const parts = [
    svgPart("rect", {
      x: 0.5,
      y: 0.5,
      width: 19,
      height: 13,
      fill: colour,
      "fill-opacity": opacity,
      stroke: "#8a9099",
    }),
  ];
  if (hatch)
    parts.push(svgPart("path", { d: "M0 14L14 0M6 14L20 0M-6 14L8 0M12 14L26 0", stroke: "#8a9099" }));
  return parts;
}

/** One part of a drawing. */
export function svgPart(tag, attributes) {
  const part = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, String(value));
  return part;
}

/** A share from 0 to 1 as a bar. */
export function bar(share) {
  const svg = svgPart("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(svgPart("rect", { x: 0, y: 0, width: 100, height: 10, fill: "#eceff3" }));
  svg.append(svgPart("rect", { x: 0, y: 0, width: 100 * Math.min(1, share), height: 10, fill: "#1e5aa8" }));
  return svg;
}
