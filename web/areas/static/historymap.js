// The maps of the history page: one, or two that move together.

/* global L */

import { areaLabels, drawAreas } from "../../static/map/areas.js";
import { drawBackground } from "../../static/map/backgrounds.js";
import { drawBasemap } from "../../static/map/basemap.js";
import { addLabels } from "../../static/map/labels.js";
import { PANES, specOf } from "../../static/map/map.js";
import { page } from "../../static/js/page.js";

/** Draws the grids of one revision. `hoverOf(area)` is said under the mouse, `onSelect(code)` told of a click. */
export function pastGrids(view, { style, hoverOf, onSelect }) {
  const self = { changed: new Set() };
  const areas = drawAreas(view, {
    fillOf: ({ code }) => (self.changed.has(code) ? style.changed : style.same),
    hoverOf,
    onSelect,
    opacity: style.fill_opacity,
  });
  return {
    show(features, changed) {
      self.changed = changed;
      areas.show(features);
      const nameOf = ({ name, code }) => (changed.has(code) ? `△ ${name || code}` : name || code);
      view.labels.set("areas", areaLabels(features, { nameOf }));
    },
    select: areas.select,
  };
}

/** A second map beside the first; it follows the first and leads it. */
export function secondMap(first, place) {
  const map = L.map(place, {
    zoomControl: false,
    attributionControl: false,
    preferCanvas: true,
    zoomSnap: first.map.options.zoomSnap,
    maxZoom: first.map.options.maxZoom,
  });
  map.setView(first.map.getCenter(), first.map.getZoom(), { animate: false });
  for (const [name, level] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(level);
    pane.style.pointerEvents = "none";
  }
  drawBackground(map);
  const labels = addLabels(map);
  const spec = specOf("basemap");
  if (spec && page.community) drawBasemap(map, labels, spec.urls.data);
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(place);
  moveTogether(first.map, map);
  return { map, labels, data: L.canvas({ padding: 0.3 }) };
}

function moveTogether(first, second) {
  let isFollowing = false;
  const follow = (leader, follower) => () => {
    if (isFollowing) return;
    isFollowing = true;
    follower.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    isFollowing = false;
  };
  first.on("move", follow(first, second));
  second.on("move", follow(second, first));
}
