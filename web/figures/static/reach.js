// How many elders a station reaches, summed over the grids whose figures the account may see.

import { h } from "../../static/js/dom.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { isWithheld, signOf } from "../../static/js/withheld.js";

/** A tile with the share of elders reached, of how many, and how many grids are not in it. */
export function reachTile(rows) {
  const hidden = rows.filter((row) => isWithheld(row, "elders") || isWithheld(row, "reached"));
  const known = rows.filter((row) => !hidden.includes(row));
  const sum = (key) => known.reduce((total, row) => total + (row[key] || 0), 0);
  const [elders, reached] = [sum("elders"), sum("reached")];
  const share = elders ? `${number((100 * reached) / elders)}%` : hidden.length ? signOf(hidden[0]) : "—";
  return h(
    "a",
    { class: "tile", href: "/maps/elderly" },
    h("span", {}, _("老人步行 500 米可达服务站")),
    h("strong", {}, share),
    known.length ? h("small", {}, _("老人 {n} 人,可达 {part} 人", { n: number(elders), part: number(reached) })) : null,
    hidden.length ? h("small", {}, _("另有 {n} 个网格不显示人数,未计入", { n: number(hidden.length) })) : null,
  );
}
