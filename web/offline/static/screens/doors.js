// The board of a building: unit by floor, each door with its state and who lives there.

import { fill, h, icon } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { emptyNote } from "../../../static/js/status.js";
import { buildings, doorsOf } from "../data/territory.js";
import { STATES, stateSign } from "./doorstates.js";

const byText = new Intl.Collator("zh", { numeric: true }).compare;

/** The doors of a building that this phone holds. */
export async function show(place, { id }) {
  const house = (await buildings()).find((building) => building.id === id);
  if (!house) return void fill(place, emptyNote(_("这栋楼不在这台手机里。"), h("a", { class: "button", href: "#/find" }, _("查找"))));
  const doors = await doorsOf(id);
  fill(
    place,
    h("header", { class: "page-head" }, h("h1", {}, house.address, " ", h("span", { class: "unit" }, _("{n} 户", { n: number(doors.length) }))), h("a", { class: "button", href: `#/map?b=${encodeURIComponent(id)}` }, icon("map"), _("在地图上"))),
    doors.length ? [counts(doors), units(doors)] : emptyNote(_("这栋楼还没有住户地址。")),
  );
}

function counts(doors) {
  const count = (state) => doors.filter((door) => door.state === state).length;
  return h("p", { class: "door-legend" }, STATES.filter(count).map((state) => h("span", { class: "phone-count" }, stateSign(state), " ", h("strong", {}, number(count(state))))));
}

function units(doors) {
  const names = [...new Set(doors.map(({ unit }) => unit || ""))].sort(byText);
  return h("div", { class: "door-units" }, names.map((name) => h("section", { class: "box door-unit" }, h("h2", {}, name ? _("{n} 单元", { n: name }) : _("不分单元")), floors(doors.filter(({ unit }) => (unit || "") === name)))));
}

function floors(doors) {
  const levels = [...new Set(doors.map(({ floor }) => floor ?? null))].sort((a, b) => (b ?? -1) - (a ?? -1));
  return h("ol", { class: "door-floors" }, levels.map((level) => h("li", {}, h("span", { class: "floor" }, level ? _("{n} 层", { n: level }) : _("其他")), h("ul", { class: "doors" }, doors.filter(({ floor }) => (floor ?? null) === level).sort((a, b) => byText(a.room || "", b.room || "")).map(plate)))));
}

function plate(door) {
  const names = (door.persons || []).map(({ name }) => name || _("未登记姓名"));
  return h("li", { class: `door ${door.state}` }, h("a", { href: `#/households/${encodeURIComponent(door.id)}` }, h("strong", {}, door.room || door.address), stateSign(door.state), names.length ? h("small", {}, names.join("、")) : null));
}
