// One file: waits for the work on it, and draws its shapes.

/* global L */

import { h } from "../../static/js/dom.js";
import { startFrame } from "../../static/js/frame.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { openMap, specOf } from "../../static/map/map.js";
import { page } from "../../static/js/page.js";

const PAUSE_MS = 700;
const SLOW_MS = 5000;

startFrame();
if (page.upload.runs && document.getElementById("running")) waitForEnd();
if (window.gisgrid) drawShapes();

/** Ask how far the work is, until it has ended; then the page is shown anew. */
async function waitForEnd() {
  const bar = document.getElementById("share");
  const percent = document.getElementById("percent");
  let pause = PAUSE_MS;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const { stage, share, turn } = await getJson(page.upload.url);
      pause = PAUSE_MS;
      bar.value = share;
      percent.textContent = `${Math.floor(100 * share)} %`;
      if (turn !== page.upload.turn || !["running", "stopping"].includes(stage)) {
        window.location.reload();
        return;
      }
    } catch (failure) {
      if ([401, 403, 404].includes(failure.status)) {
        window.location.reload();
        return;
      }
      pause = SLOW_MS; // the work goes on without this page
    }
  }
}

/** The shapes or points of the file over the ground of the community. */
async function drawShapes() {
  const spec = specOf("upload");
  const view = openMap();
  const { colour, fill_opacity: fillOpacity, after, moved } = spec.style;
  const style = { color: colour, weight: 1.5, fillColor: colour, fillOpacity };
  const styles = {
    after: { color: after, weight: 2, fill: false },
    moved: { color: moved, weight: 1, fillColor: moved, fillOpacity: 0.65 },
  };
  const { features } = await getJson(spec.urls.data);
  const draw = (wanted) =>
    L.geoJSON(wanted, {
      style: ({ properties }) => styles[properties.kind] || style,
      renderer: view.data,
      pointToLayer: (_feature, place) => L.circleMarker(place, { ...style, radius: 4, renderer: view.data }),
      onEachFeature: ({ properties }, layer) => properties.kind === "moved" && layer.bindTooltip(() => h("span", {}, handsOf(properties)), { sticky: true }),
    }).addTo(view.map);
  const isMoved = ({ properties }) => properties.kind === "moved";
  draw(features.filter((feature) => !isMoved(feature)));
  const pieces = draw(features.filter(isMoved)); // above all the rest
  if (pieces.getLayers().length) view.map.fitBounds(pieces.getBounds().pad(0.5), { animate: false, maxZoom: 18 });
}

/** Whose a moved piece was and whose it becomes. */
function handsOf({ of, to }) {
  return of ? _("{from} → {to}", { from: of, to }) : _("缝隙 → {to}", { to });
}
