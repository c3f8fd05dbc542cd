// The cases behind a number: as many as it says, page by page.

import { stateWord } from "../../cases/static/words.js";
import { categoryWord } from "../../cases/static/categories.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number, time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { countWord, labelOf } from "./view.js";
import { waitIn } from "../../static/js/status.js";
import { levelWord } from "../../static/js/words.js";

const box = document.getElementById("behind");
const place = h("div", { class: "status", "aria-live": "polite" });

export function closeBehind() {
  box.hidden = true;
}

export async function openBehind(query, { count, row }, at = 1) {
  box.hidden = false;
  fill(box, place);
  const answer = await waitIn(place, () => getJson("/api/v1/indicators/cases", { ...query, page: at }));
  if (!answer) return;
  const title = [row ? labelOf(row) : _("合计"), countWord(count)].join(" · ");
  const turn = (to) => openBehind(query, { count, row }, to);
  const head = h(
    "header",
    {},
    h("h2", {}, title, " ", h("span", { class: "unit" }, _("共 {n} 件", { n: number(answer.total) }))),
    h("button", { type: "button", class: "icon-button", "aria-label": _("收起"), onclick: closeBehind }, icon("x-lg")),
  );
  fill(box, head, table(answer.rows), pager(answer, turn));
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest" });
}

function table(rows) {
  const names = [_("编号"), _("类别"), levelWord("grid"), _("状态"), _("期限"), _("结案时间")];
  const line = (row) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("a", { href: `/cases/${encodeURIComponent(row.id)}` }, row.number)),
      h("td", {}, categoryWord(row.category_name)),
      h("td", {}, row.grid_name || row.grid || _("未归入网格")),
      h("td", {}, stateWord(row.state)),
      h("td", {}, time(row.due_at)),
      h("td", {}, time(row.closed_at)),
    );
  return h(
    "table",
    { class: "cards-on-phone" },
    h("caption", { class: "visually-hidden" }, _("案件列表")),
    h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map(line)),
  );
}

function pager({ page: at, pages }, turn) {
  if (pages <= 1) return null;
  const step = (to, word) =>
    h("button", { type: "button", class: "button", disabled: to < 1 || to > pages, onclick: () => turn(to) }, word);
  return h(
    "nav",
    { class: "pager", "aria-label": _("翻页") },
    step(at - 1, _("上一页")),
    h("span", {}, _("第 {at} 页,共 {last} 页", { at, last: pages })),
    step(at + 1, _("下一页")),
  );
}
