// A canvas over the map that is drawn anew after each move: labels and bars.

/* global L */

/** Made on demand: pages without a map import this file too, and have no Leaflet. */
function overlayClass() {
  return L.Layer.extend({
    initialize(draw, pane) {
      this.drawOn = draw;
      this.options = { pane };
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide overlay-canvas", this.getPane());
      this.redraw(map);
    },

    onRemove() {
      this.canvas.remove();
    },

    getEvents() {
      return { moveend: this.redraw, resize: this.redraw, viewreset: this.redraw };
    },

    redraw() {
      const map = this._map;
      if (!map) return;
      const size = map.getSize();
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      this.canvas.width = size.x * ratio;
      this.canvas.height = size.y * ratio;
      this.canvas.style.width = `${size.x}px`;
      this.canvas.style.height = `${size.y}px`;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      const context = this.canvas.getContext("2d");
      context.scale(ratio, ratio);
      this.drawOn(context, (lon, lat) => map.latLngToContainerPoint([lat, lon]), map);
    },
  });
}

/** Add a canvas whose `draw(context, project, map)` gets positions as lon, lat. */
export function addOverlay(map, pane, draw) {
  return new (overlayClass())(draw, pane).addTo(map);
}
