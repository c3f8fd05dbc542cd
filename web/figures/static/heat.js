// The heat surface: the density of cases, relative to the densest place in view of the zoom.

/* global L */

import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";

const METRES_PER_PIXEL_AT_0 = 156543.03392;

/** A heat layer: what is fetched is taken when it is to be shown, then shown or hidden, with a legend of its own. */
export function openHeat(view, spec) {
  const self = { layer: null, answer: null };
  view.map.on("zoomend", () => self.layer && scale(view.map, self, spec));
  return {
    load: ({ from, to, category, as_of }) => getJson(spec.urls.data, { from, to, category, as_of }),
    take(answer) {
      self.answer = answer;
    },
    show(isShown) {
      if (self.layer) self.layer.remove();
      self.layer = null;
      if (!isShown || !self.answer) return;
      const points = self.answer.points.map(([lon, lat, weight]) => [lat, lon, weight]);
      const options = { pane: "heat", gradient: gradient(spec.style.colours), minOpacity: 0.15 };
      self.layer = L.heatLayer(points, options).addTo(view.map);
      scale(view.map, self, spec);
    },
    legend: () => heatLegend(spec, self.answer),
  };
}

function gradient(colours) {
  return Object.fromEntries(colours.map((colour, index) => [(index + 1) / colours.length, colour]));
}

function scale(map, self, spec) {
  const zoom = map.getZoom();
  const metres = (METRES_PER_PIXEL_AT_0 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** zoom;
  const reach = Math.max(spec.style.radius_m, self.answer.bin_m || 0);
  const radius = Math.min(70, Math.max(10, reach / metres));
  const size = radius / 2;
  const sums = new Map();
  for (const [lon, lat, weight] of self.answer.points) {
    const at = map.project([lat, lon], zoom).divideBy(size).floor();
    const key = `${at.x}:${at.y}`;
    sums.set(key, (sums.get(key) || 0) + (weight || 1));
  }
  const max = Math.max(1, ...sums.values());
  self.layer.setOptions({
    radius,
    blur: radius * 0.7,
    max,
    maxZoom: zoom,
    gradient: gradient(spec.style.colours),
    minOpacity: 0.15,
  });
}

function heatLegend(spec, answer) {
  const words = [_("少"), "", "", "", _("多")];
  const binned =
    answer && answer.binned ? _("按 {n} 米方格汇总,不显示具体位置。", { n: answer.bin_m }) : null;
  return {
    title: spec.legend.title,
    unit: _("相对密度"),
    meta: answer ? answer.meta : {},
    classes: spec.style.colours.map((colour, index) => ({ colour, label: words[index] })),
    notes: [...spec.legend.notes, _("颜色与当前比例下最密集处相比。"), binned],
  };
}
