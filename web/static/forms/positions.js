// A position of a question: taken once, by a press, and never without one.

import { fill, h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { positionWords } from "./words.js";

const PATIENCE_MS = 20_000;
const DEGREES = 1e6;

/** The control of a question for a position (WGS 84, accuracy in metres). */
export function positionControl(at) {
  const said = h("p", { class: "position", "aria-live": "polite" });
  const take = h("button", { type: "button", class: "button" });
  const remove = h("button", { type: "button", class: "button" }, icon("trash"), _("删去位置"));
  const node = h(
    "div",
    { role: "group", "aria-labelledby": at.labelledBy, "aria-describedby": at.describedBy },
    said,
    h("div", { class: "answers" }, take, remove),
    h("p", { class: "note" }, _("点了才取,只取这一次,用来在地图上标出这条记录的地点;与记录一同保存,不跟踪行走。")),
  );
  const draw = () => {
    const place = at.value();
    said.textContent = place ? positionWords(place) : "";
    said.hidden = !place;
    remove.hidden = !place;
    fill(take, icon("geo-alt"), place ? _("重新取位置") : _("取当前位置"));
  };
  take.addEventListener("click", async () => {
    take.disabled = true;
    said.hidden = false;
    said.textContent = _("正在取位置…");
    try {
      at.set(await currentPosition());
      draw();
    } catch (failure) {
      draw();
      said.hidden = false;
      said.textContent = failure.message;
    } finally {
      take.disabled = false;
    }
  });
  remove.addEventListener("click", () => {
    at.set(null);
    draw();
    take.focus();
  });
  draw();
  return { node, refresh: draw, focus: () => take.focus(), invalid: node };
}

function currentPosition() {
  if (!globalThis.isSecureContext || !navigator.geolocation) {
    return Promise.reject(new Error(_("这个网址不是 https,浏览器不给位置。请在备注里写明地点。")));
  }
  return new Promise((resolve, reject) => {
    const take = ({ coords }) => resolve({ lon: rounded(coords.longitude), lat: rounded(coords.latitude), accuracy: Math.round(coords.accuracy) });
    const fail = ({ code }) => reject(new Error(code === 1 ? _("浏览器没有得到允许,取不到位置。") : _("没有取到位置,请到空旷处再试,或在备注里写明地点。")));
    navigator.geolocation.getCurrentPosition(take, fail, { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 });
  });
}

const rounded = (degrees) => Math.round(degrees * DEGREES) / DEGREES;
