// Other places people are served at, as small squares beside the home-care stations.

/* global L */

import { h } from "./dom.js";
import { stationWord } from "./words.js";

const HALF = 5;

/** Draw the facilities of another kind than `kind`, above the areas; gives how many there are. */
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
  return others.length;
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
