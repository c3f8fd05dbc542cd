// What happened with a case so far, as a line of time: when, who, what, to whom, and what was said.

import { channelWord, kindWord, stateWord, stepWord } from "./words.js";
import { h } from "../../static/js/dom.js";
import { time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { levelWord } from "../../static/js/words.js";

/** The log of a case, the newest first. */
export function logOf(entries) {
  if (!entries.length) return null;
  return h(
    "section",
    {},
    h("h2", {}, _("办理记录")),
    h("ol", { class: "log timeline" }, [...entries].reverse().map(line)),
  );
}

function line(entry) {
  const moved = entry.from !== entry.to && entry.to;
  return h(
    "li",
    {},
    h("time", { datetime: entry.at }, time(entry.at)),
    h("span", { class: "what" }, h("strong", {}, stepWord(entry.action)), entry.who ? ` · ${entry.who}` : ""),
    moved ? h("small", {}, ` → ${stateWord(entry.to)}`) : null,
    linesOf(entry.details || {}).map((text) => h("p", { class: "muted" }, text)),
    entry.text ? h("p", {}, entry.text) : null,
  );
}

function linesOf(details) {
  return [
    details.handler ? _("主办人:{name}", { name: details.handler }) : null,
    details.worker ? _("协办人:{name}", { name: details.worker }) : null,
    details.route ? _("办理层级:{name}", { name: levelWord(details.route) }) : null,
    details.due ? _("期限:{at}", { at: time(details.due) }) : null,
    details.channel ? _("反馈:{how},{at}", { how: channelWord(details.channel), at: time(details.told_at) }) : null,
    details.level ? _("已用去百分之 {n} 的办理时间", { n: details.level }) : null,
    details.kind ? _("督办原因:{name}", { name: kindWord(details.kind) }) : null,
    details.speed ? _("速度 {speed} 星,效果 {effect} 星", { speed: details.speed, effect: details.result }) : null,
  ].filter(Boolean);
}
