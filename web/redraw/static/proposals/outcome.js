// What a helper found: figures before and after, and households by grid.

import { h } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { percent } from "./curve.js";
import { nameOf, newName, state } from "../state.js";
import { levelWord } from "../../../static/js/words.js";

/** The division as it is and as it is proposed. */
export function figures({ kind, result }) {
  const { before, after } = result;
  const row = (word, old, now) => h("tr", {}, h("th", { scope: "row" }, word), h("td", {}, old), h("td", {}, now));
  const word = kind === "micro_grids" ? _("微网格数") : _("网格数");
  return h(
    "table",
    { class: "impact-table", id: "helpers-figures", "aria-label": _("建议前后对比") },
    h("thead", {}, h("tr", {}, [_("项目"), _("原来"), _("建议")].map((title) => h("th", { scope: "col" }, title)))),
    h(
      "tbody",
      {},
      row(word, number(before.grids), number(after.grids)),
      row(_("最大偏差"), percent(before.max_off), percent(after.max_off)),
      row(_("平均紧凑度"), number(before.compactness, 2), number(after.compactness, 2)),
      row(_("内部边界(米)"), number(before.border_m), number(after.border_m)),
      row(_("跨小区的网格"), number(before.crossing), number(after.crossing)),
      row(_("换网格的户数"), "", number(result.moved_households)),
      row(_("换网格的地块"), "", number(result.moved_cells)),
    ),
  );
}

/** Households of each grid, folded away. */
export function gridTable(result) {
  const rows = result.grids.map(({ code, name, is_new: isNew, households_before: before, households, off }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, isNew ? newName(code) : state.grids.has(code) ? nameOf(code) : name),
      h("td", {}, number(before)),
      h("td", {}, number(households)),
      h("td", {}, signedPercent(off)),
    ),
  );
  return h(
    "details",
    {},
    h("summary", {}, _("各网格户数")),
    h(
      "table",
      { class: "impact-table", "aria-label": _("各网格户数") },
      h("thead", {}, h("tr", {}, [levelWord("grid"), _("原来"), _("建议"), _("偏差")].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, rows),
    ),
  );
}

function signedPercent(share) {
  return `${share > 0 ? "+" : ""}${percent(share)}`;
}
