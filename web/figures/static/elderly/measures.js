// What the map of elders can be coloured by: each a part of a whole, both counts of people in the rows.

import { _ } from "../../../static/js/i18n.js";
import { isWithheld } from "../../../static/js/withheld.js";

const VISIT_DAYS = 30; // as the server counts who was visited

/** The whole that each part is a share of. */
export const WHOLES = {
  reached: "elders",
  with_member: "elders",
  with_visitor: "elders",
  without_visitor: "elders",
  agreed: "elders",
  visited: "agreed",
  unseen: "agreed",
  overdue: "agreed",
  double_gap: "agreed",
};

const TITLES = {
  elders: () => _("老人"),
  elders_80: () => _("80 岁以上"),
  reached: () => _("步行可达"),
  with_member: () => _("有网格员"),
  with_visitor: () => _("有探访人"),
  without_visitor: () => _("无探访人"),
  agreed: () => _("同意探访"),
  visited: () => _("{n} 天内见到", { n: VISIT_DAYS }),
  unseen: () => _("{n} 天未见", { n: VISIT_DAYS }),
  overdue: () => _("探访逾期"),
  double_gap: () => _("逾期且不可达"),
  unregistered: () => _("未登记户"),
};

const UNITS = {
  reached: () => _("可达老人占老人的百分比"),
  visited: () => _("{n} 天内见到的占同意探访老人的百分比", { n: VISIT_DAYS }),
  unseen: () => _("{n} 天未见的占同意探访老人的百分比", { n: VISIT_DAYS }),
  overdue: () => _("探访逾期的占同意探访老人的百分比"),
  double_gap: () => _("逾期且步行不可达的占同意探访老人的百分比"),
};

const BARS = {
  reached: () => _("横条:老人,深色是步行可达"),
  visited: () => _("横条:同意探访的老人,深色是 {n} 天内见到", { n: VISIT_DAYS }),
  unseen: () => _("横条:同意探访的老人,深色是 {n} 天未见", { n: VISIT_DAYS }),
  overdue: () => _("横条:同意探访的老人,深色是探访逾期"),
  double_gap: () => _("横条:同意探访的老人,深色是逾期且步行不可达"),
};

/** What a column of the rows is called. */
export function titleOf(key) {
  return TITLES[key]();
}

/** What the colour of a measure is a share of, in words. */
export function unitOf(measure) {
  return UNITS[measure]();
}

/** What the bars of a measure stand for. */
export function barWords(measure) {
  return BARS[measure]();
}

/** What areas without anybody to count are called. */
export function emptyWords(measure) {
  return WHOLES[measure] === "agreed" ? _("没有人同意探访") : _("没有老人");
}

/** The share of a part in its whole, in per cent; null where one of both isn't shown or the whole is nobody. */
export function shareOf(row, part) {
  const whole = row?.[WHOLES[part]];
  if (!whole || row[part] === null || row[part] === undefined) return null;
  return (100 * row[part]) / whole;
}

/** Whether the share of a part hangs on a figure that isn't shown. */
export function isHidden(row, part) {
  return isWithheld(row, WHOLES[part]) || isWithheld(row, part);
}

/** Whether a measure hangs on how far people walk. */
export function hangsOnReach(measure) {
  return measure === "reached" || measure === "double_gap";
}
