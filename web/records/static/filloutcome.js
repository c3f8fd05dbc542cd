// What came of a record: how many fields were confirmed, written, left to the staff or not taken.

import { h, icon } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";

/** The words for an answer of the server, and the way back to where one came from. */
export function outcomeNode({ is_attempt: isAttempt, became, not_met: notMet }) {
  const count = (kind) => became.filter((row) => row.became === kind).length;
  const words = [
    [count("confirmed"), (n) => _("{n} 项与登记一致,已确认", { n })],
    [count("written"), (n) => _("{n} 项已更新登记", { n })],
    [count("clash"), (n) => _("{n} 项与刚刚改过的登记不一致,由网管员核对", { n })],
    [count("refused"), (n) => _("{n} 项未获同意,没有保存", { n })],
  ].filter(([n]) => n);
  const first = isAttempt ? _("未同意:只记下今天来过。") : _("已保存。");
  return h(
    "div",
    { class: "fill-outcome" },
    h("p", { class: "notice good", role: "status" }, icon("check-circle"), first),
    words.length ? h("ul", {}, words.map(([n, word]) => h("li", {}, word(n)))) : null,
    notMet > 1 ? h("p", { class: "notice amber" }, icon("exclamation-triangle"), _("连续 {n} 次没见到,请与邻居或民警同去。", { n: notMet })) : null,
    h("div", { class: "answers" }, h("a", { class: "button primary", href: cameFrom() }, _("返回"))),
  );
}

/** The page of ours that led here, else today's work. */
function cameFrom() {
  const before = document.referrer ? new URL(document.referrer) : null;
  const isOurs = before && before.origin === location.origin && before.pathname !== location.pathname;
  return isOurs ? before.pathname + before.search : "/work";
}
