// A case against its time limit: the rule's name and what is left, with icon and word, never by colour alone.

import { categoryWord } from "./categories.js";
import { h, icon } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { severityWord, wordOf, wordsOf } from "../../static/js/words.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MINUTES_OF_DAY = DAY / MINUTE;

/** A limit as people say it: 24 小时, 4 工作时, 2 工作日, 次日 06:00; without one the deadline came along. */
function limitText(rule) {
  if (!rule) return _("来件时限");
  if (rule.at) return untilText(rule);
  if (rule.unit === "work_day") return _("{n} 工作日", { n: rule.amount });
  const hours = String(Math.round((rule.amount / 60) * 100) / 100);
  if (rule.unit === "work_hour") return _("{n} 工作时", { n: hours });
  if (rule.amount < 60) return _("{n} 分钟", { n: rule.amount });
  if (rule.amount > MINUTES_OF_DAY && rule.amount % MINUTES_OF_DAY === 0)
    return _("{n} 天", { n: rule.amount / MINUTES_OF_DAY });
  return _("{n} 小时", { n: hours });
}

function untilText({ days, at }) {
  if (days === 0) return _("当天 {clock}", { clock: at });
  if (days === 1) return at === "00:00" ? _("当天 {clock}", { clock: "24:00" }) : _("次日 {clock}", { clock: at });
  return _("{n} 天后 {clock}", { n: days, clock: at });
}

/** So many seconds in the unit a limit is counted in, rounded down, at least one minute. */
function amountText(seconds, left) {
  if (left.unit !== "continuous_hour") {
    if (left.unit === "work_day" && seconds >= left.day_seconds)
      return _("{n} 工作日", { n: Math.floor(seconds / left.day_seconds) });
    if (seconds >= HOUR) return _("{n} 工作时", { n: Math.floor(seconds / HOUR) });
  } else {
    if (seconds >= 3 * DAY) return _("{n} 天", { n: Math.floor(seconds / DAY) });
    if (seconds >= HOUR) return _("{n} 小时", { n: Math.floor(seconds / HOUR) });
  }
  return _("{n} 分钟", { n: Math.max(1, Math.floor(seconds / MINUTE)) });
}

/** What is left of the time of a case, or by how much it is late. */
export function leftText(row) {
  const { seconds } = row.left;
  const text = amountText(Math.abs(seconds), row.left);
  return seconds < 0 || row.overdue ? _("超期 {time}", { time: text }) : _("剩 {time}", { time: text });
}

/** The class of the hotline that a case has, if it has one: it stands also beside a deadline that came along. */
export const classText = wordOf("hotline_classes");

function ruleName(row) {
  if (row.limit.hotline) return classText(row.limit.hotline);
  return row.limit.by === "category" ? categoryWord(row.category_name || row.category) : severityWord(row.severity);
}

/** The name of the rule a case falls under: 大事 · 24 小时, 水电气热 · 24 小时. */
function ruleText(row) {
  const name = ruleName(row);
  const extended = row.limit.extended ? ` · ${_("已延期")}` : "";
  return `${name} · ${limitText(row.limit.rule)}${extended}`;
}

const LIGHTS = {
  green: ["good", "clock"],
  amber: ["amber", "exclamation-triangle"],
  red: ["bad", "exclamation-octagon"],
};

const LEVELS = wordsOf("warning_levels");
const levelText = (of, percent) => `${percent}% ${LEVELS[of]}`;

/** The level of its time that a case has reached, by its own rules: 100% 告知社区; nothing before the first. */
export function reachedText(row) {
  return row.level ? levelText(row.level.of, row.level.percent) : null;
}

/** All levels of a case: 75% 提醒责任人 · 100% 告知社区 · 150% 上报街道, none of them broken between lines. */
export function levels(row) {
  if (!row.limit) return null;
  return Object.keys(LEVELS).map((of, at) => [
    at ? " · " : null,
    h("span", { class: "load" }, levelText(of, row.limit.levels[of])),
  ]);
}

function reached(row) {
  const text = reachedText(row);
  return text ? h("small", {}, text) : null;
}

/** The countdown of an open case: colour, icon, rule, what is left and its level; nothing without a time limit. */
export function countdown(row) {
  if (!row.limit || !row.left) return null;
  const [tone, symbol] = LIGHTS[row.light];
  const stands = row.paused ? ` · ${_("挂账停表")}` : "";
  return h(
    "span",
    { class: `load ${tone} countdown` },
    icon(symbol),
    `${ruleText(row)} · ${leftText(row)}${stands}`,
    reached(row),
  );
}

/** The countdown without the rule, for narrow columns. */
export function remains(row) {
  if (!row.limit || !row.left) return null;
  const [tone, symbol] = LIGHTS[row.light];
  return h("span", { class: `load ${tone}` }, icon(symbol), leftText(row), reached(row));
}

/** A note where the holidays of a year that the limit runs through aren't known yet. */
export function yearsNote(row) {
  const years = row.limit?.unknown_years || [];
  if (!years.length) return null;
  return h(
    "p",
    { class: "notice amber" },
    icon("exclamation-triangle"),
    _("{years} 年的放假安排还不知道,期限按周一至周五算。", { years: years.join("、") }),
  );
}
