// Draws a layer whose data came with it, on any Leaflet map: shapes with styles of their own, names and a legend.
// Every text is set as text. `drawing` is what layers/sketch.py makes.

/* global L */

window.gisgridDraw = window.gisgridDraw || (() => {
  const LINE = "#8a9099";
  const METRES_PER_PIXEL_AT_0 = 156543.03392;
  const canvases = new WeakMap();
  let hatched = null;

  /** One canvas of a map for all our layers, so that each shape hears the mouse. */
  function canvasOf(map) {
    if (!canvases.has(map)) canvases.set(map, L.canvas({ padding: 0.3 }));
    return canvases.get(map);
  }

  function element(tag, style, text, parts = []) {
    const made = document.createElement(tag);
    Object.assign(made.style, style);
    if (text) made.textContent = text;
    made.append(...parts);
    return made;
  }

  function hatch() {
    if (hatched) return hatched;
    const tile = document.createElement("canvas");
    [tile.width, tile.height] = [8, 8];
    const context = tile.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, 8, 8);
    context.strokeStyle = LINE;
    context.beginPath();
    for (const shift of [-8, 0, 8]) {
      context.moveTo(shift, 8);
      context.lineTo(shift + 8, 0);
    }
    context.stroke();
    hatched = context.createPattern(tile, "repeat");
    return hatched;
  }

  const Square = L.CircleMarker.extend({
    _updatePath() {
      const { _ctx: context } = this._renderer;
      const { x, y } = this._point;
      const half = this._radius;
      context.beginPath();
      context.rect(x - half, y - half, half + half, half + half);
      this._renderer._fillStroke(context, this);
    },
  });

  function pointOf(place, style) {
    if (style.metres !== undefined) return L.circle(place, { ...style, radius: style.metres });
    return style.square ? new Square(place, style) : L.circleMarker(place, style);
  }

  function shapeOf(feature, styles, renderer) {
    const look = styles[feature.style];
    const style = { ...look, renderer, ...(look.hatch ? { fillColor: hatch() } : {}) };
    const shape = L.geoJSON(feature.shape, { style: () => style, pointToLayer: (_one, place) => pointOf(place, style), interactive: look.interactive !== false });
    if (feature.tip) shape.bindTooltip(() => element("span", {}, feature.tip), { sticky: true });
    return shape;
  }

  function nameOf({ at: [lon, lat], lines, colour }) {
    const box = element("div", { position: "absolute", transform: "translate(-50%, -50%)", textAlign: "center", whiteSpace: "nowrap", font: "12px sans-serif", color: colour, textShadow: "0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff" });
    box.append(...lines.map((line, index) => element("div", { fontWeight: index ? "normal" : "bold" }, line)));
    return L.marker([lat, lon], { icon: L.divIcon({ html: box, className: "gisgrid-name", iconSize: [0, 0] }), interactive: false, keyboard: false });
  }

  /** Never one name over another: what finds no room is hidden. */
  function placeNames(map) {
    const taken = [];
    for (const icon of map.getContainer().querySelectorAll(".gisgrid-name")) {
      const box = icon.firstChild.getBoundingClientRect();
      const isFree = !taken.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      icon.style.visibility = isFree ? "" : "hidden";
      if (isFree) taken.push(box);
    }
  }

  function swatch({ colour, opacity, hatch: isHatched, shape }) {
    const colours = isHatched ? `repeating-linear-gradient(135deg, ${LINE} 0 1px, #fff 1px 5px)` : colour;
    const box = element("span", { width: "20px", height: "14px", boxSizing: "border-box", border: `1px solid ${LINE}`, background: colours, opacity: String(opacity) });
    if (shape === "area") return box;
    Object.assign(box.style, { width: shape === "square" ? "10px" : "14px", borderRadius: shape === "square" ? "0" : "50%", margin: "0 3px", borderColor: "#fff" });
    if (shape === "ring" || shape === "mark") Object.assign(box.style, { background: "#fff", border: `2px ${shape === "ring" ? "dashed" : "solid"} ${colour}` });
    return box;
  }

  function classLine(entry) {
    const count = entry.count === null ? [] : [element("span", { marginLeft: "auto", paddingLeft: "8px" }, entry.count.toLocaleString("en-US"))];
    return element("div", { display: "flex", alignItems: "center", gap: "6px" }, "", [swatch(entry), element("span", {}, entry.label), ...count]);
  }

  function legendOf({ title, unit, notes }, classes) {
    const head = element("div", { fontWeight: "bold" }, [title, unit].filter(Boolean).join(" · "));
    const below = notes.map((note) => element("div", { maxWidth: "220px", color: "#57606a" }, note));
    const box = element("div", { background: "rgba(255, 255, 255, 0.94)", padding: "8px 10px", font: "12px/1.5 sans-serif", color: "#1f2328" }, "", [head, ...classes.map(classLine), ...below]);
    box.className = "gisgrid-legend";
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => box;
    return control;
  }

  /** The heat surface reaches so many metres at every zoom, and is measured by the densest place. */
  function scaleHeat(map, heat, { points, radius_m: reach }) {
    const zoom = map.getZoom();
    const metres = (METRES_PER_PIXEL_AT_0 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** zoom;
    const radius = Math.min(70, Math.max(10, reach / metres));
    const sums = new Map();
    for (const [lat, lon, weight] of points) {
      const at = map.project([lat, lon], zoom).divideBy(radius / 2).floor();
      sums.set(`${at.x}:${at.y}`, (sums.get(`${at.x}:${at.y}`) || 0) + weight);
    }
    heat.setOptions({ radius, blur: radius * 0.7, max: Math.max(1, ...sums.values()), maxZoom: zoom });
  }

  function heatOf(map, heat) {
    if (!map.getPane("gisgrid-heat")) {
      const pane = map.createPane("gisgrid-heat");
      Object.assign(pane.style, { zIndex: "390", pointerEvents: "none" });
    }
    const gradient = Object.fromEntries(heat.colours.map((colour, index) => [(index + 1) / heat.colours.length, colour]));
    return L.heatLayer(heat.points, { pane: "gisgrid-heat", gradient, minOpacity: 0.15 });
  }

  const Drawn = L.FeatureGroup.extend({
    initialize(drawing) {
      L.FeatureGroup.prototype.initialize.call(this, []);
      this.drawing = drawing;
      this.legend = drawing.legend && legendOf(drawing.legend, drawing.classes);
    },

    onAdd(map) {
      if (!this.getLayers().length) this.fill(map);
      L.FeatureGroup.prototype.onAdd.call(this, map);
      this.follow = () => {
        if (this.heat) scaleHeat(map, this.heat, this.drawing.heat);
        placeNames(map);
      };
      map.on("zoomend moveend", this.follow);
      map.whenReady(this.follow);
      if (this.legend) this.legend.addTo(map);
    },

    onRemove(map) {
      map.off("zoomend moveend", this.follow);
      if (this.legend) this.legend.remove();
      L.FeatureGroup.prototype.onRemove.call(this, map);
    },

    fill(map) {
      const { features, styles, names, heat } = this.drawing;
      for (const feature of features) this.addLayer(shapeOf(feature, styles, canvasOf(map)));
      for (const name of names) this.addLayer(nameOf(name));
      if (!heat) return;
      this.heat = heatOf(map, heat);
      this.addLayer(this.heat);
    },
  });

  return (parent, drawing) => new Drawn(drawing).addTo(parent);
})();
