// Other places people are served at, as small squares beside the home-care stations.

/* global L */

import { h } from "../js/dom.js";
import { getJson } from "../js/fetch.js";
import { _ } from "../js/i18n.js";
import { isShown, onLayers } from "./layers.js";
import { addToLegend } from "./legend.js";
import { stationWord } from "../js/words.js";

const HALF = 5;
const COLOUR = "#5b4a8a";

/** Facilities on a map whose subject is another one: fetched and drawn when their layer is switched on. */
export function followFacilities(view) {
  const self = { layer: null, count: 0 };
  onLayers(async () => {
    const isWanted = isShown("facilities");
    if (isWanted && !self.layer) {
      try {
        const { features } = await getJson("/api/v1/facilities");
        if (!self.layer) Object.assign(self, drawFacilities(view, features, { kind: null, colour: COLOUR }));
      } catch (failure) {
        console.warn(`facilities not loaded: ${failure.message}`); // the page's own subject stands without them
        return;
      }
    }
    if (!self.layer) return;
    if (isShown("facilities")) self.layer.addTo(view.map);
    else self.layer.remove();
    addToLegend("facilities", isShown("facilities") ? { colour: COLOUR, label: _("服务设施"), count: self.count } : null);
  });
}

/** Draw the facilities of another kind than `kind`, above the areas; gives their layer and how many there are. */
export function drawFacilities(view, features, { kind, colour }) {
  const others = features.filter(({ properties }) => properties.type !== kind);
  const squares = L.layerGroup().addTo(view.map);
  const Square = squareMarker();
  for (const { geometry, properties } of others) {
    const [lon, lat] = geometry.coordinates;
    const square = new Square([lat, lon], { renderer: view.data, radius: HALF, ...lookOf(colour) });
    square.bindTooltip(() => h("span", {}, `${properties.name} · ${stationWord(properties.type)}`));
    square.addTo(squares);
  }
  return { layer: squares, count: others.length };
}

function lookOf(colour) {
  return { color: "#ffffff", weight: 1, fillColor: colour, fillOpacity: 1 };
}

/** A circle marker drawn as a square, told from a station by its shape and not by its colour alone. */
function squareMarker() {
  return L.CircleMarker.extend({
    _updatePath() {
      const { _ctx: context } = this._renderer;
      const { x, y } = this._point;
      context.beginPath();
      context.rect(x - HALF, y - HALF, 2 * HALF, 2 * HALF);
      this._renderer._fillStroke(context, this);
    },
  });
}
