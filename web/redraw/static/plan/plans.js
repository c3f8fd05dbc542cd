// The plans of the community side by side: who drew what, and in which state.

import { h } from "../../../static/js/dom.js";
import { number, time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { choose, compareBox, isTicked } from "./compare.js";
import { isWaiting } from "./plan.js";
import { state } from "../state.js";
import { authorOf, wordOf } from "../../../static/js/words.js";

const planWord = wordOf("plan_states");
let isListOpen = false;

/** What state a plan is in, in words; one that waits says for when. */
export function stateOf(plan) {
  if (isWaiting(plan) && plan.effective_at) return _("将于 {at} 生效", { at: time(plan.effective_at) });
  return planWord(plan.state);
}

/** How many edits a plan has now. */
export function stepsOf({ id, edits }) {
  return state.plan?.id === id ? state.plan.edits.length : edits;
}

/** All plans as a table; two that are ticked are compared. */
export function planList(open) {
  const title = h("summary", {}, _("所有方案"), h("span", { class: "unit" }, _("{n} 个", { n: state.plans.length })));
  const box = h("details", { class: "plan-list", open: isListOpen }, title);
  box.addEventListener("toggle", () => (isListOpen = box.open));
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
    checked: isTicked(plan.id),
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
