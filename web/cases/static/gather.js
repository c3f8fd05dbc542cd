// Points that lie close on the screen, gathered: which belong together at a zoom, and how they are drawn.

/* global L */

const REACH = 46; // pixels within which points are gathered
const APART_FROM = 19; // from this zoom on only what lies on one spot

/** Groups of rows at the map's zoom: the same rows and zoom always give the same groups. */
export function gathered(map, rows) {
  const zoom = map.getZoom();
  const reach = zoom >= APART_FROM ? 12 : REACH;
  const cells = new Map();
  for (const row of rows) {
    const at = map.project([row.lat, row.lon], zoom);
    const key = `${Math.floor(at.x / reach)}:${Math.floor(at.y / reach)}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(row);
  }
  return [...cells.values()].map((inside) => ({
    rows: inside,
    lon: mean(inside.map((row) => row.lon)),
    lat: mean(inside.map((row) => row.lat)),
    late: inside.filter((row) => row.overdue).length,
  }));
}

function mean(numbers) {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** Whether nothing more is gained by coming nearer: all lie on one spot, or the map is at its nearest. */
export function isOneSpot(map, group) {
  const spots = new Set(group.rows.map((row) => `${row.lon.toFixed(5)}:${row.lat.toFixed(5)}`));
  return spots.size === 1 || map.getZoom() >= map.getMaxZoom() - 0.5;
}

/** A layer of groups: `draw(groups)` puts them on the map's canvas in place of those before. */
export function groupLayer(view, { styleOf, tipOf, onClick }) {
  const layer = L.layerGroup().addTo(view.map);
  return {
    draw(groups) {
      layer.clearLayers();
      for (const group of groups) {
        L.circleMarker([group.lat, group.lon], { renderer: view.data, ...styleOf(group) })
          .bindTooltip(() => tipOf(group))
          .on("click", () => onClick(group))
          .addTo(layer);
      }
    },
  };
}
