// What the open plan changes, on the map: borders as they were, plots that change hands, grid by grid.

import { fill, h, icon } from "../../../static/js/dom.js";
import { getJson } from "../../../static/js/fetch.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { byPair, openPicture, zoomTo } from "../picture.js";
import { isComparing } from "./compare.js";
import { pathTo, said } from "./plan.js";
import { changed, nameOf, state } from "../state.js";
import { legendLine } from "../legend.js";

const shown = {
  stand: "",
  areas: [],
  plots: [],
  failed: "",
  said: null, // whether a person wants it drawn; nothing while nobody has said
  opened: null, // the plan that was opened to be looked at, not begun here
  chosen: null,
  turn: 0,
  zoomFor: null,
};

/** Show the changes of the open plan in a place of the panel and on the map; call what is given at every change. */
export function openChanges(place, map) {
  openPicture(map, "changes", picture);
  return () => {
    follow(map);
    render(place, map);
  };
}

/** The plan that is opened next is shown where it changes something. */
export function zoomWhenOpen(id) {
  Object.assign(shown, { zoomFor: id, opened: id });
}

/** Drawn for whoever looks at a plan; over one's own strokes only where it is wanted. */
function isOn() {
  return shown.said ?? (shown.opened === state.plan.id || !state.plan.may.includes("edit"));
}

function picture() {
  if (!state.plan || !isOn() || isComparing()) return null;
  return { plots: shown.plots, dashed: shown.areas, isChosen };
}

function isChosen({ from, to }) {
  return !shown.chosen || shown.chosen === keyOf([from, to]);
}

function keyOf(pair) {
  return pair.join(" → ");
}

function standOf() {
  return state.plan ? JSON.stringify([state.plan.id, state.plan.edits.map(({ position, at }) => [position, at])]) : "";
}

/** What is shown is of the plan as it is now: asked for anew after every edit. */
async function follow(map) {
  const stand = standOf();
  if (stand === shown.stand || state.busy) return;
  Object.assign(shown, { stand, chosen: null, failed: "" });
  shown.turn += 1;
  const { turn } = shown;
  const { plan } = state;
  if (!plan?.edits.length) {
    Object.assign(shown, { areas: [], plots: [] });
    return;
  }
  try {
    const { areas, plots } = await getJson(pathTo(plan.id, "changes"));
    if (turn !== shown.turn) return;
    Object.assign(shown, { areas: areas.features, plots: plots.features });
    if (shown.zoomFor === plan.id) zoomTo(map, shown.plots.length ? shown.plots : shown.areas);
    shown.zoomFor = null;
  } catch (failure) {
    if (turn !== shown.turn) return;
    Object.assign(shown, { areas: [], plots: [], failed: said(failure) });
  }
  changed();
}

function render(place, map) {
  place.hidden = !state.plan?.edits.length;
  if (place.hidden) return;
  fill(
    place,
    h("h2", {}, _("地图上的改动"), h("span", { class: "unit" }, _("{n} 处地块换网格", { n: number(shown.plots.length) }))),
    shown.failed ? h("p", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), shown.failed) : null,
    toggle(),
    isOn() ? legend() : null,
    shown.plots.length ? h("ul", { class: "plain pairs" }, byPair(shown.plots, ["from", "to"]).map((pair) => pairLine(pair, map))) : null,
  );
}

function toggle() {
  const box = h("input", {
    type: "checkbox",
    id: "show-changes",
    checked: isOn(),
    onchange: () => {
      shown.said = box.checked;
      changed();
    },
  });
  return h("label", { class: "check" }, box, h("span", {}, _("在地图上标出")));
}

function legend() {
  return h("ul", { class: "plain legend-lines" }, legendLine("dashed", _("原边界")), legendLine("hatch", _("换网格的地块")));
}

function pairLine({ key, features }, map) {
  const [from, to] = key.map((code) => (code ? nameOf(code) : _("社区以外")));
  const words = _("{from} → {to}:{n} 处", { from, to, n: number(features.length) });
  const look = () => {
    const isSame = shown.chosen === keyOf(key);
    Object.assign(shown, { chosen: isSame ? null : keyOf(key), said: true });
    zoomTo(map, isSame ? shown.plots : features);
    changed();
  };
  const isPressed = shown.chosen === keyOf(key);
  return h("li", {}, h("span", {}, words), h("button", { type: "button", class: "link", id: `look-${key.join("-")}`, "aria-pressed": String(isPressed), "aria-label": _("在图上看 {what}", { what: words }), onclick: look }, isPressed ? _("看全部") : _("在图上看")));
}
