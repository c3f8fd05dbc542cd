// Records by form, grid and days: lines with what came of each, page by page. Filters stand in the address.

import { startFrame } from "../../static/js/frame.js";
import { fill, h } from "../../static/js/dom.js";
import { bindFilters } from "../../static/js/filters.js";
import { address, getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { emptyNote, waitIn } from "../../static/js/status.js";
import { recordAddress } from "./addresses.js";
import { signs, titleOf } from "./recordlines.js";

const SIZE = 200;
startFrame();
const [status, place] = [document.getElementById("status"), document.getElementById("records")];
const values = bindFilters(document.getElementById("filters"), () => load(1));
load(1);

async function load(wanted) {
  document.getElementById("as-map").href = address("/records/map", values());
  const answer = await waitIn(status, () => getJson("/api/v1/records", { ...values(), page: wanted }));
  if (answer) show(answer);
}

function show({ rows, total, page: at, first, last }) {
  document.getElementById("total").textContent = _("{n} 条", { n: number(total) });
  document.getElementById("days").textContent = _("{first} 至 {last}", { first, last }) + (page.role === "head" ? _(",名字遮去;打开一条时写明事由") : "");
  fill(place, rows.length ? [h("ul", { class: "todo records-list" }, rows.map(line)), pager(at, total)] : emptyNote(_("这些日子没有记录。换一张表单或改日期看看。")));
}

function line(row) {
  const { label, address } = row.subject;
  return h(
    "li",
    {},
    h(
      "a",
      { href: recordAddress(row.id) },
      h("time", {}, row.day),
      h("strong", {}, titleOf(row)),
      h("span", {}, label, label === address ? null : h("span", { class: "muted" }, ` ${address}`)),
      h("span", { class: "muted" }, row.by || ""),
      h("span", { class: "signs" }, signs(row)),
    ),
  );
}

function pager(at, total) {
  const most = Math.ceil(total / SIZE);
  if (most < 2) return null;
  const turn = (to, word) => h("button", { type: "button", class: "button", disabled: to < 1 || to > most, onclick: () => load(to) }, word);
  return h("div", { class: "answers pager" }, turn(at - 1, _("上一页")), h("span", {}, _("第 {n} 页,共 {most} 页", { n: number(at), most: number(most) })), turn(at + 1, _("下一页")));
}
