// Places people are served at, and who serves the own grids, with their phones.

import { fill, h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { emptyNote } from "../../../static/js/status.js";
import { dutyWord, stationWord } from "../../../static/js/words.js";
import { ground, stations } from "../data/territory.js";

/** The list of phones to call. */
export async function show(place) {
  const [rows, grids] = [await stations(), (await ground())?.grids || []];
  fill(
    place,
    h("h1", {}, _("站点与电话")),
    rows.length ? h("ul", { class: "todo phone-list" }, rows.map(({ name, type, address, phone }) => h("li", {}, h("p", {}, h("strong", {}, name), " ", h("span", { class: "muted" }, stationWord(type))), address ? h("p", { class: "note" }, address) : null, phone ? call(phone) : null))) : emptyNote(_("没有登记服务站点。")),
    grids.map(({ name, members }) => h("section", { class: "box" }, h("h2", {}, name), h("ul", { class: "plain record" }, (members || []).map((member) => h("li", {}, `${member.name} · ${dutyWord(member.duty)} `, member.phone ? call(member.phone) : null))))),
  );
}

function call(phone) {
  return h("a", { class: "button", href: `tel:${phone.replace(/[^0-9+]/g, "")}` }, icon("telephone"), phone);
}
