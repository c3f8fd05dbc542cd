// What came of a record, and the way on: to the next thing to do, or back to where one came from.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { may } from "../../static/js/page.js";
import { textIn } from "../../static/forms/state.js";
import { doorOf, fillHref, recordAddress } from "./addresses.js";

/** Show what the server answered in the place of the form. */
export async function showOutcome(place, answer, subject) {
  const ways = h("div", { class: "answers" }, h("a", { class: "button primary", href: cameFrom() }, _("返回")), may("records:view") ? h("a", { class: "button", href: recordAddress(answer.id) }, _("看这条记录")) : null);
  fill(place, outcomeNode(answer), ways);
  ways.querySelector("a").focus();
  const task = new URLSearchParams(location.search).get("task");
  const next = task && may("tasks:view") ? await nextTask(task, subject) : null;
  if (next) ways.append(h("a", { class: "button", href: fillHref(next) }, _("下一项:{where} · {form}", { where: doorOf(next.subject), form: textIn(next.title, document.documentElement.lang.slice(0, 2)) })));
}

function outcomeNode({ is_attempt: isAttempt, became, not_met: notMet, follows }) {
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
    h("p", { class: "notice good", role: "status" }, icon("check-circle"), h("span", {}, first)),
    follows ? h("p", { class: "notice", id: "fill-follows" }, icon("pencil-square"), h("span", {}, _("断线前送出的那一次已经收到;之后的改动已作为对它的更正保存。"))) : null,
    words.length ? h("ul", {}, words.map(([n, word]) => h("li", {}, word(n)))) : null,
    notMet > 1 ? h("p", { class: "notice amber" }, icon("exclamation-triangle"), h("span", {}, _("连续 {n} 次没见到,请与邻居或民警同去。", { n: notMet }))) : null,
  );
}

/** What waits at the same building, else the same form elsewhere; the way on is a kindness, and its failure no fault. */
async function nextTask(task, subject) {
  try {
    const { rows } = await getJson("/api/v1/work");
    const done = rows.find(({ key }) => key === task);
    const others = rows.filter((row) => row.key !== task && row.subject.id !== subject.id && row.form !== "elder_visit");
    return others.find((row) => isNear(row, subject, done)) ?? others[0];
  } catch {
    return null;
  }
}

function isNear(row, subject, done) {
  if (done?.subject.building) return row.subject.building === done.subject.building;
  return Boolean(subject.address) && row.subject.address.split(" ").slice(0, 2).join(" ") === subject.address.split(" ").slice(0, 2).join(" ");
}

/** The page of ours that led here, else today's work. */
function cameFrom() {
  const before = document.referrer ? new URL(document.referrer) : null;
  const isOurs = before && before.origin === location.origin && !before.pathname.endsWith("/fill");
  return isOurs ? before.pathname + before.search : "/work";
}
