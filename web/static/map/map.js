// The map of a page: Folium made it, this file gives it ground, labels, controls and a memory.

/* global L */

import { drawBackground } from "./backgrounds.js";
import { drawBasemap } from "./basemap.js";
import { followFacilities } from "./facilities.js";
import { _ } from "../js/i18n.js";
import { addLabels } from "./labels.js";
import { LAYERS, standsHere } from "./layers.js";
import { addToLegend } from "./legend.js";
import { addMapTools } from "./maptools.js";
import { page } from "../js/page.js";
import { keepCentre, read, write } from "../js/state.js";

export const PANES = { base: 200, heat: 390, circles: 430, marks: 450, labels: 600 };

const SHEET_SHARE = 0.62; // the height a sheet may take, as in map.css
const PRINT_ZOOM = 0.5; // the sheet is narrower than the screen the view was made on

/** The specification a layer left for us, or null when the page has no such layer. */
export function specOf(kind) {
  return window.gisgrid.layers.find((spec) => spec.kind === kind) || null;
}

/** Take over the page's map: panes, controls, ground, labels, and the view of the address. */
export function openMap() {
  const { map, bounds } = window.gisgrid;
  for (const [name, level] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(level);
    pane.style.pointerEvents = "none"; // clicks belong to the one data canvas
  }
  L.control.zoom({ zoomInTitle: _("放大"), zoomOutTitle: _("缩小"), position: "topleft" }).addTo(map);
  const isPhone = window.matchMedia("(max-width: 768px)").matches;
  L.control.scale({ imperial: false, position: isPhone ? "topright" : "bottomright" }).addTo(map);
  showStart(map, bounds);
  drawBackground(map);
  const labels = addLabels(map);
  const spec = specOf("basemap");
  const hasGround = Boolean(spec && page.community);
  if (specOf("stations")) standsHere("facilities");
  if (hasGround) drawBasemap(map, labels, spec.urls.data);
  const data = L.canvas({ padding: 0.3 });
  const hasFacilities = Boolean(specOf("facilities"));
  if (hasGround && hasFacilities && !specOf("stations")) followFacilities({ map, data, labels });
  const offered = LAYERS.filter((layer) => layer !== "facilities" || hasFacilities);
  addMapTools(map, offered, isPhone ? "topright" : "topleft");
  map.on("moveend", () => remember(map));
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
  printWhole(map);
  return { map, labels, data, home: () => fitHome(map, bounds) };
}

const SHEET_PX = 702; // 186 mm, the width of the sheet inside its margins

/**
 * Whoever prints the page as it stands gets the whole map: what is on the screen, made to fit the sheet. The print view
 * has the size of the sheet already.
 */
function printWhole(map) {
  const root = document.documentElement;
  window.addEventListener("beforeprint", () => {
    if (root.classList.contains("printing")) return;
    const { clientWidth: width, clientHeight: height } = map.getContainer();
    const scale = Math.min(1, SHEET_PX / width);
    const sizes = { width: `${width}px`, height: `${height}px`, scale, "sheet-width": `${width * scale}px`, "sheet-height": `${height * scale}px` };
    for (const [name, value] of Object.entries(sizes)) root.style.setProperty(`--map-${name}`, String(value));
    root.classList.add("print-screen");
  });
  window.addEventListener("afterprint", () => root.classList.remove("print-screen"));
}

function fitHome(map, [west, south, east, north]) {
  map.fitBounds(
    [
      [south, west],
      [north, east],
    ],
    { padding: [12, 12], animate: false },
  );
}

function showStart(map, bounds) {
  const [zoom, lon, lat] = ["z", "lon", "lat"].map((name) => Number.parseFloat(read(name, "x")));
  const smaller = document.documentElement.classList.contains("printing") ? PRINT_ZOOM : 0;
  if ([zoom, lon, lat].every(Number.isFinite)) map.setView([lat, lon], zoom - smaller, { animate: false });
  else fitHome(map, bounds);
}

function remember(map) {
  const centre = map.getCenter();
  const [lon, lat] = [centre.lng.toFixed(5), centre.lat.toFixed(5)];
  write({ z: map.getZoom(), lon, lat });
  keepCentre(lon, lat);
}

/** Pixels at the map's foot that an open sheet covers; none where the panel stands beside the map. */
export function coveredAtFoot() {
  const isSheet = window.matchMedia("(max-width: 768px)").matches && document.querySelector(".map-page");
  return isSheet ? SHEET_SHARE * window.innerHeight : 0;
}

/** Move the map so that a place can be seen, above a sheet, near enough to recognise it. */
export function flyTo(map, lon, lat, zoom = 18) {
  const near = Math.max(map.getZoom(), zoom);
  const middle = map.project([lat, lon], near).add([0, coveredAtFoot() / 2]);
  map.setView(map.unproject(middle, near), near);
}

const MARK_COLOUR = "#c62828";
let mark = null;
let markRenderer = null;

/** Mark one place with a ring, instead of the place marked before. */
export function markPlace(map, lon, lat) {
  if (mark) mark.remove();
  addToLegend("mark", { colour: MARK_COLOUR, shape: "mark", label: _("选中的位置") });
  markRenderer = markRenderer || L.canvas({ pane: "marks" });
  mark = L.circleMarker([lat, lon], {
    radius: 12,
    color: MARK_COLOUR,
    weight: 4,
    fill: false,
    pane: "marks",
    interactive: false,
    renderer: markRenderer,
  }).addTo(map);
  return mark;
}
