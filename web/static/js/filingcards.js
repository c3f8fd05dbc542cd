// What became of a report, as a card: taken down, waiting for the network, or waiting for who wrote it.

import { membersList } from "./card.js";
import { fill, h, icon } from "./dom.js";
import { photoNotes } from "./filingphotos.js";
import { number, time } from "./format.js";
import { _ } from "./i18n.js";
import { may, page } from "./page.js";

const NEAR_M = 15;

/** A report that has not gone out; `again`, `adopt` and `forget` are what its buttons do. */
export function waitingCard(entry, { isForeign, isTooMany, again, adopt, forget }) {
  const why = isForeign ? foreignText(entry) : waitingText(isTooMany);
  const card = h(
    "section",
    { class: "waiting-report", tabindex: "-1", "data-entry": entry.key },
    h("h2", {}, icon("clock"), _("还没有发出")),
    h("p", {}, `${entry.label} · ${time(new Date(entry.at).toISOString())}`),
    h("p", {}, why),
    entry.lostPhone ? h("p", { class: "notice amber" }, _("反映人电话不会留在这台设备上,发出时不带,请另行记下。")) : null,
    entry.refused ? h("p", { class: "notice bad" }, _("服务器没有接收:{why}", { why: entry.refused })) : null,
    h(
      "p",
      { class: "row" },
      isForeign ? foreignWays(entry, adopt) : button("arrow-clockwise", _("现在再试"), again),
      button("trash", _("不报了,删除"), () => askForget(card, entry, { isForeign, forget })),
    ),
    h("div", { class: "ask" }),
  );
  return card;
}

function waitingText(isTooMany) {
  return isTooMany ? _("现在上报的人太多,内容已存在这台设备里,过一会儿自动发出。") : _("内容已存在这台设备里,连上网后自动发出,不会重复。");
}

/** Whose it is, and what sends it. */
function foreignText({ by }) {
  return by
    ? _("这份上报是 {name} 写的,存在这台设备里,等 {name} 登录后打开本页才会发出。", { name: by })
    : _("这份上报是没有登录时写的,存在这台设备里,退出登录后打开本页就会发出。");
}

function foreignWays({ by }, adopt) {
  if (by === page.account) return h("a", { class: "button", href: window.location.pathname }, icon("arrow-clockwise"), _("刷新本页")); // the login has changed since
  if (!page.account) {
    const back = `/login?next=${encodeURIComponent(window.location.pathname)}`;
    return h("a", { class: "button", href: back }, icon("person-circle"), _("登录"));
  }
  return by ? null : button("send", _("用我的账号 {name} 发出", { name: page.account }), adopt);
}

/** Nothing goes by one press: what is deleted is named first. */
function askForget(card, { by, label }, { isForeign, forget }) {
  const place = card.querySelector(".ask");
  const words = isForeign && by ? _("删除 {name} 写的“{label}”?删除后不能恢复。", { name: by, label }) : _("删除“{label}”?删除后不能恢复。", { label });
  const yes = button("trash", _("确定删除"), forget);
  const no = button("arrow-counterclockwise", _("留着"), () => fill(place));
  fill(place, h("div", { class: "notice amber", role: "alert" }, h("div", {}, h("p", {}, words), h("p", { class: "row" }, no, yes))));
  no.focus();
}

function button(name, words, onclick) {
  return h("button", { type: "button", class: "button", onclick }, icon(name), words);
}

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
export function sameCard({ said_by: count, receipt: code }) {
  return h(
    "section",
    { class: "receipt", tabindex: "-1" },
    h("h2", {}, icon("check-circle"), _("已记下")),
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
  if (!may("cases")) return [follow(code, true)];
  return [h("a", { class: "button primary", href: `/cases/${encodeURIComponent(id)}` }, _("打开案件")), follow(code, false)];
}

function pair(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value || "—"));
}
