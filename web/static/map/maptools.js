// The tools of every map: layers to switch, measuring, full screen.

/* global L */

import { backgroundChoice } from "./backgrounds.js";
import { fill, h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { isShown, LAYERS, onLayers, switchLayer } from "./layers.js";
import { openMeasuring } from "./measure.js";
import { wordOf } from "../js/words.js";

/** How a popup leaves room for the tools on both sides, on a phone too. */
export const POPUP = { maxWidth: 190, maxHeight: 240, autoPanPadding: [62, 12] };

const layerWord = wordOf("map_layers");
const WITH_PANEL = ".map-page, .form-page";

/** Put the tools on a map; `offered` are the layers this account can see. */
export function addMapTools(map, offered, position) {
  const control = L.control({ position });
  control.onAdd = () => {
    const box = h("div", { class: "map-tools screen-only", role: "group", "aria-label": _("地图工具") });
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    fillTools(map, box, offered);
    return box;
  };
  control.addTo(map);
}

function fillTools(map, box, offered) {
  const measuring = openMeasuring(map);
  const popup = h("div", { class: "map-popup", hidden: true });
  const self = { open: null };
  const tools = {
    layers: { symbol: "layers", word: _("图层"), content: layerList(offered), open() {}, close() {} },
    measure: { symbol: "rulers", word: _("测量"), content: measuring.box, open: measuring.open, close: measuring.close },
  };
  const turn = (name) => {
    if (self.open) tools[self.open].close();
    self.open = self.open === name ? null : name;
    popup.hidden = !self.open;
    for (const [tool, button] of Object.entries(buttons)) button.setAttribute("aria-expanded", String(tool === self.open));
    if (!self.open) return;
    const { word, content, open } = tools[name];
    fill(popup, h("h2", {}, word), content);
    open();
  };
  const buttons = Object.fromEntries(
    Object.entries(tools).map(([name, { symbol, word }]) => [name, toolButton(symbol, word, () => turn(name), { "aria-expanded": "false", "data-map-tool": name })]),
  );
  map.getContainer().addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !self.open) return;
    const { open } = self;
    turn(open);
    buttons[open].focus();
  });
  fill(box, buttons.layers, buttons.measure, fullScreenButton(map), popup);
}

function toolButton(symbol, word, onclick, more = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": word, title: word, onclick, ...more }, icon(symbol));
}

function layerList(offered) {
  const boxes = LAYERS.filter((layer) => offered.includes(layer)).map((layer) => {
    const box = h("input", { type: "checkbox", name: layer, onchange: () => switchLayer(layer, box.checked) });
    onLayers(() => (box.checked = isShown(layer)));
    return h("label", { class: "check" }, box, h("span", {}, layerWord(layer)));
  });
  return h("div", {}, h("div", { role: "group", "aria-label": _("图层") }, boxes), backgroundChoice());
}

/** The whole screen for the map and the panel beside it, where the browser can do that. */
function fullScreenButton(map) {
  if (!document.fullscreenEnabled) return null;
  const frame = map.getContainer().closest(WITH_PANEL) || map.getContainer().closest(".map-box");
  const change = () => (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen());
  const button = toolButton("arrows-fullscreen", _("全屏"), change, { "data-map-tool": "full", "aria-pressed": "false" });
  document.addEventListener("fullscreenchange", () => {
    const isFull = document.fullscreenElement === frame;
    button.setAttribute("aria-pressed", String(isFull));
    button.title = isFull ? _("退出全屏") : _("全屏");
    button.setAttribute("aria-label", button.title);
  });
  return button;
}
