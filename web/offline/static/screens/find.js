// Find: a door by its numbers, pinyin, initials or a name; then the buildings of the territory.

import { fill, h, icon } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { emptyNote } from "../../../static/js/status.js";
import { findHomes, indexOf } from "../data/search.js";
import { buildings, homes } from "../data/territory.js";
import { stateSign } from "./doorstates.js";

const MOST = 40;

/** The search over everything this phone holds. */
export async function show(place, { query }) {
  const index = indexOf(await homes());
  const houses = await buildings();
  const results = h("div", { class: "phone-results", "aria-live": "polite" });
  const input = h("input", { id: "phone-search", type: "search", autocomplete: "off", spellcheck: "false", maxlength: 100, placeholder: _("例如 7-2-301、ydhy7 或姓名") });
  const look = () => fill(results, input.value.trim() ? hits(findHomes(index, input.value)) : houseList(houses));
  input.addEventListener("input", look);
  input.value = query.get("q") || "";
  fill(place, h("h1", { class: "visually-hidden" }, _("查找")), h("label", { class: "visually-hidden", for: "phone-search" }, _("查找地址、楼栋、姓名")), input, results);
  look();
}

function hits(rows) {
  if (!rows.length) return emptyNote(_("没有找到。可以输入 7-2-301、小区拼音首字母加楼号,或姓名。"));
  return [h("ul", { class: "todo phone-list" }, rows.slice(0, MOST).map(hit)), rows.length > MOST ? h("p", { class: "note" }, _("共 {n} 户,只列出前 {most} 户,请再输入几个字。", { n: number(rows.length), most: number(MOST) })) : null];
}

function hit({ door }) {
  const names = (door.persons || []).map(({ name }) => name || _("未登记姓名")).join("、");
  return h("li", {}, h("a", { href: `#/households/${encodeURIComponent(door.id)}` }, h("strong", {}, door.address), names ? h("span", {}, names) : null, stateSign(door.state)));
}

function houseList(houses) {
  if (!houses.length) return emptyNote(_("这台手机里还没有楼栋。"));
  return h("ul", { class: "todo phone-list" }, houses.map(({ id, address, floors }) => h("li", {}, h("a", { href: `#/buildings/${encodeURIComponent(id)}` }, h("strong", {}, icon("building"), " ", address), floors ? h("span", {}, _("{n} 层", { n: number(floors) })) : null))));
}
