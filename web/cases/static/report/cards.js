// What became of a report, as a card: taken down, or counted on a known case.

import { membersList } from "../../../static/js/card.js";
import { fill, h, icon } from "../../../static/js/dom.js";
import { photoNotes } from "./photos.js";
import { number, time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { may } from "../../../static/js/page.js";

const NEAR_M = 15;

/** What was taken down: number, receipt code, grid and deadline, and whom to call. */
export function receiptCard(answer) {
  const metres = answer.near_border_m;
  const isNear = metres !== null && metres !== undefined && metres < NEAR_M;
  return h(
    "section",
    { class: "receipt", tabindex: "-1" },
    h("h2", {}, icon("check-circle"), _("已上报")),
    photoNotes(answer.photos_refused || []),
    h(
      "dl",
      { class: "facts" },
      pair(_("案件编号"), answer.number),
      codeOf(answer.receipt),
      pair(_("网格"), answer.grid_name || answer.grid || _("由社区人工分派")),
      pair(_("办理期限"), time(answer.deadline)),
    ),
    isNear ? h("p", { class: "note" }, _("离网格边界 {n} 米,网格员会核对位置。", { n: number(metres) })) : null,
    h("p", { class: "note" }, _("请记下受理码(可截屏),可凭它查询进度、评价。")),
    h("p", { class: "row" }, links(answer)),
    fill(h("div", {}), membersList(answer.members || [])),
  );
}

/** What was said to be the same as a known case: how many say so, and the code for following it. */
export function sameCard({ said_by: count, receipt: code, kept_photos: kept, photos_refused: refused = [] }, sent = 0) {
  const left = sent - refused.length - kept;
  return h(
    "section",
    { class: "receipt", tabindex: "-1" },
    h("h2", {}, icon("check-circle"), _("已记下")),
    photoNotes(refused),
    left > 0
      ? h("p", { class: "notice amber", role: "alert" }, icon("exclamation-triangle"), _("这件事的照片已满,有 {n} 张没有收下。", { n: number(left) }))
      : null,
    kept ? h("p", {}, _("{n} 张照片已随这件事交给办理人。", { n: number(kept) })) : null,
    h("p", {}, _("这件事已有 {n} 人反映。如果还有别的情况,请另报一件。", { n: number(count) })),
    h("dl", { class: "facts" }, codeOf(code)),
    h("p", { class: "note" }, _("请记下受理码(可截屏),可凭它查询进度。")),
    h("p", { class: "row" }, follow(code, true)),
  );
}

function codeOf(code) {
  return h("div", {}, h("dt", {}, _("受理码")), h("dd", { class: "code" }, code));
}

function follow(code, isFirst) {
  return h("a", { class: isFirst ? "button primary" : "button", href: `/receipt#${code}` }, icon("search"), _("查询进度"));
}

/** Who may see cases opens it; everybody may follow it by its code. */
function links({ id, receipt: code }) {
  if (!may("cases:view")) return [follow(code, true)];
  return [h("a", { class: "button primary", href: `/cases/${encodeURIComponent(id)}` }, _("打开案件")), follow(code, false)];
}

function pair(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value || "—"));
}
