// Duties: a click on a grid opens who serves there, beside the map.

import { areaLabels, drawAreas, hatch, showArea } from "../../static/map/areas.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { showMarks } from "../../static/map/leftout.js";
import { showLegend } from "../../static/map/legend.js";
import { specOf } from "../../static/map/map.js";
import { openMapPage } from "../../static/map/mappage.js";
import { page } from "../../static/js/page.js";
import { hrefWith } from "../../static/js/state.js";
import { waitIn } from "../../static/js/status.js";

const { view, panel, place } = openMapPage();
const spec = specOf("duties");
const memberOf = ({ member }) => member || _("空缺");
const areas = drawAreas(view, {
  fillOf: ({ member }) => (member ? spec.style.served : hatch()),
  hoverOf: (area) => `${area.name} ${memberOf(area)}`,
  onSelect: (code) => window.location.assign(hrefWith({ area: code, as_of: null })),
  opacity: spec.style.fill_opacity,
});
const rows = document.getElementById("rows");
if (rows) view.labels.onLeftOut((marks) => showMarks(rows, marks));
const answer = await waitIn(place, () => getJson(spec.urls.data));
if (answer) {
  show(answer.features);
  showLegend(document.getElementById("legend"), legendOf(answer.features));
}
if (page.area) panel.open();

function legendOf(features) {
  const served = features.filter(({ properties }) => properties.member).length;
  const { served: colour, fill_opacity: opacity } = spec.style;
  return {
    title: _("职责分工"),
    unit: _("个网格"),
    classes: [
      { colour, opacity, label: _("有主责网格员"), count: served },
      { colour: "#ffffff", hatch: true, label: _("空缺"), count: features.length - served },
    ].filter(({ count }) => count),
  };
}

function show(features) {
  areas.show(features);
  view.labels.set("areas", areaLabels(features, { nameOf: ({ name }) => name, numberOf: memberOf }));
  if (!page.area) return;
  areas.select(page.area);
  showArea(view.map, features.find(({ properties }) => properties.code === page.area));
}
