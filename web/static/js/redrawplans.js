// The plans of the community side by side: who drew what, in which state, and what two of them would do.

import { fill, h, icon } from "./dom.js";
import { getJson } from "./fetch.js";
import { number, time } from "./format.js";
import { _ } from "./i18n.js";
import { isWaiting, pathTo, said } from "./redrawplan.js";
import { changed, nameOf, state } from "./redrawstate.js";
import { rowNumber } from "./withheld.js";
import { authorOf, levelWord } from "./words.js";

const STATES = {
  open: () => _("起草中"),
  submitted: () => _("待审"),
  approved: () => _("已同意"),
  returned: () => _("已退回"),
  published: () => _("已发布"),
  discarded: () => _("已放弃"),
};
const compared = { ids: [], table: null, failed: "", isOpen: false };

/** What state a plan is in, in words; one that waits says for when. */
export function stateOf(plan) {
  if (isWaiting(plan) && plan.effective_at) return _("将于 {at} 生效", { at: time(plan.effective_at) });
  return Object.hasOwn(STATES, plan.state) ? STATES[plan.state]() : plan.state;
}

/** How many edits a plan has now. */
export function stepsOf({ id, edits }) {
  return state.plan?.id === id ? state.plan.edits.length : edits;
}

/** All plans as a table; two that are ticked are compared. */
export function planList(open) {
  const title = h("summary", {}, _("所有方案"), h("span", { class: "unit" }, _("{n} 个", { n: state.plans.length })));
  const box = h("details", { class: "plan-list", open: compared.isOpen }, title);
  box.addEventListener("toggle", () => (compared.isOpen = box.open));
  if (!state.plans.length) {
    box.append(h("p", { class: "muted" }, _("还没有方案。在图上动手划一笔,就会自动开一个;发布之前现行网格不变。")));
    return box;
  }
  box.append(h("ul", { class: "plain plans" }, state.plans.map((plan) => planRow(plan, open))), compareBox());
  return box;
}

function planRow(plan, open) {
  const tick = h("input", {
    type: "checkbox",
    id: `compare-${plan.id}`,
    "aria-label": _("对比 {name}", { name: plan.name }),
    checked: compared.ids.includes(plan.id),
    onchange: () => choose(plan.id),
  });
  const facts = [stateOf(plan), authorOf(plan.drafter), time(plan.created_at), _("{n} 步", { n: number(stepsOf(plan)) })].filter(Boolean);
  const isOpen = state.plan?.id === plan.id;
  return h(
    "li",
    {},
    h("label", { class: "check" }, tick, h("span", {}, h("strong", {}, plan.name), h("br"), h("span", { class: "muted" }, facts.join(" · ")))),
    isOpen ? h("span", { class: "muted" }, _("正在看")) : h("button", { type: "button", class: "link", onclick: () => open(plan.id) }, _("打开")),
  );
}

async function choose(id) {
  const ids = compared.ids.includes(id) ? compared.ids.filter((one) => one !== id) : [...compared.ids, id].slice(-2);
  Object.assign(compared, { ids, table: null, failed: "" });
  changed();
  if (ids.length < 2) return;
  try {
    compared.table = await getJson(pathTo("compare"), { a: ids[0], b: ids[1] });
  } catch (failure) {
    compared.failed = said(failure);
  }
  changed();
}

function compareBox() {
  const place = h("div", { class: "compare" });
  if (compared.failed) return fill(place, h("p", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), compared.failed));
  if (!compared.table) return fill(place, h("p", { class: "muted" }, _("勾选两个方案,可以对比。")));
  const { plans, grids, cells } = compared.table;
  const rows = grids.filter(({ a, b }) => FIGURES.some(([key]) => a?.[key] !== b?.[key]));
  return fill(place, h("p", {}, _("{n} 处地块归属不同。", { n: number(cells.length) })), h("ul", { class: "plain" }, plans.map(aboutOne)), rows.length ? compareTable(rows) : null);
}

const FIGURES = [
  ["households", () => _("户数")],
  ["elders", () => _("老人")],
  ["open_cases", () => _("在办案件")],
];

function aboutOne({ name, edits, findings: { block, warn } }, index) {
  return h("li", {}, h("strong", {}, "AB"[index]), ` ${name}`, h("span", { class: "muted" }, ` · ${_("{n} 步", { n: edits })} · ${_("须改 {block},注意 {warn}", { block, warn })}`));
}

function compareTable(rows) {
  const titles = FIGURES.flatMap(([, word]) => ["A", "B"].map((plan) => `${word()} ${plan}`));
  const line = ({ code, name, a, b }) => {
    const cells = FIGURES.flatMap(([key]) => [a, b].map((side) => (side ? rowNumber(side, key) : number(null))));
    return h("tr", {}, h("th", { scope: "row" }, state.grids.has(code) ? nameOf(code) : name), cells.map((cell) => h("td", {}, cell)));
  };
  return h(
    "table",
    { class: "impact-table", "aria-label": _("两个方案对比") },
    h("thead", {}, h("tr", {}, [levelWord("grid"), ...titles].map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", {}, rows.map(line)),
  );
}
