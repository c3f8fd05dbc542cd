// Plans: choose, begin, submit, approve, give back, publish, throw away.

import { fill, h, icon } from "../../../static/js/dom.js";
import { number, time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { may } from "../../../static/js/page.js";
import { zoomWhenOpen } from "./changes.js";
import { discard, freeName, loadPlans, newPlan, openPlan, said, step } from "./plan.js";
import { planList, stateOf, stepsOf } from "./plans.js";
import { askPublish } from "./publish.js";
import { changed, isStopping, state } from "../state.js";
import { waitIn } from "../../../static/js/status.js";
import { authorOf, wordOf } from "../../../static/js/words.js";

const typed = { reason: "", text: "" };
const noteWord = wordOf("plan_notes");
let message = null;

/** Which plan is open, the others to choose, and a new one. */
export function showPlans(place) {
  const none = may("redraw:edit") ? _("现行网格(动手即开新方案)") : _("现行网格");
  const choice = h(
    "select",
    { id: "plan-choice", onchange: () => opened(choice.value || null) },
    h("option", { value: "", selected: !state.plan }, none),
    state.plans.map(planOption),
  );
  fill(
    place,
    h("label", { class: "field", for: "plan-choice" }, h("span", {}, _("方案"))),
    choice,
    message ? h("div", { class: "notice good", role: "status" }, icon("check-circle"), message) : null,
    state.plan ? aboutPlan(state.plan) : null,
    planList(opened),
    may("redraw:edit") && !state.plan ? newForm(place) : null,
  );
}

/** Open another plan; where that takes long, it shows. */
function opened(id) {
  message = null;
  zoomWhenOpen(id);
  return waitIn(document.getElementById("status"), () => openPlan(id));
}

function planOption(plan) {
  return h("option", { value: plan.id, selected: state.plan?.id === plan.id }, `${plan.name} · ${stateOf(plan)} · ${_("{n} 步", { n: number(stepsOf(plan)) })}`);
}

function aboutPlan(plan) {
  const row = state.plans.find(({ id }) => id === plan.id);
  const facts = [stateOf({ ...row, ...plan }), authorOf(row?.drafter), row ? time(row.created_at) : null].filter(Boolean);
  return [
    h("p", { class: "muted" }, facts.join(" · ")),
    plan.is_current === false && plan.state !== "published"
      ? h("p", { class: "notice amber" }, icon("exclamation-triangle"), _("网格在起草后已更新,发布时会核对。"))
      : null,
  ];
}

function newForm(place) {
  const name = h("input", { id: "plan-name", maxlength: 120, required: true, autocomplete: "off", value: freeName() });
  return h(
    "details",
    { class: "new-plan" },
    h("summary", {}, _("另起名新方案")),
    form(
      place,
      () => newPlan(name.value.trim()),
      h("label", { class: "field wide" }, h("span", {}, _("新方案名称")), name),
      h("button", { class: "button" }, icon("plus-lg"), _("新方案")),
    ),
  );
}

function form(place, work, ...parts) {
  const failed = h("p", { class: "notice bad", role: "alert", hidden: true });
  const made = h("form", { class: "row decision" }, parts, failed);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    tried(failed, work, event.submitter);
  });
  return made;
}

async function tried(place, work, button = null) {
  if (button) button.disabled = true;
  message = null;
  try {
    await work();
  } catch (failure) {
    if (button) {
      fill(place, icon("exclamation-octagon"), h("span", {}, said(failure)));
      place.hidden = false;
    } else {
      state.refused = said(failure);
      changed();
    }
  } finally {
    if (button) button.disabled = false;
  }
}

/** What may be decided about the open plan, each with what it needs. */
export function showDecisions(place) {
  const allowed = new Set(state.plan?.may || []);
  place.hidden = !state.plan;
  if (place.hidden) return;
  fill(
    place,
    h("h2", {}, _("意见与办理")),
    allowed.has("withdraw") ? withdrawForm(place) : null,
    allowed.has("recall") ? recallForm(place) : null,
    judgeForm(place, allowed),
    allowed.has("discard") ? discardButton() : null,
  );
}

/** The next step of the plan, at the foot of the panel wherever that is scrolled to. */
export function showStep(place) {
  const allowed = new Set(state.plan?.may || []);
  const steps = [
    allowed.has("submit") && state.plan.state !== "submitted" ? submitForm(place) : null,
    allowed.has("publish") ? publishPart() : null,
  ].filter(Boolean);
  place.hidden = !steps.length || !state.plan.edits.length;
  fill(place, place.hidden ? null : steps);
}

function keep(name, attributes) {
  const field = h("textarea", { name, ...attributes, oninput: () => (typed[name] = field.value) });
  field.value = typed[name];
  return field;
}

async function done(name, body, sentence) {
  const answer = await step(name, body);
  await settled(() => sentence(answer), state.plan.id);
}

/** What was decided is told, and the plan shown as it is now; a published one gives way to the grids in force. */
async function settled(sentence, id) {
  Object.assign(typed, { reason: "", text: "" });
  message = sentence();
  await loadPlans();
  await openPlan(state.plans.some((plan) => plan.id === id) ? id : null);
  document.querySelector("#plan [role=status]")?.scrollIntoView({ block: "nearest" });
}

function submitForm(place) {
  return form(
    place,
    () => done("submit", {}, () => _("已提交,等社区负责人审核。")),
    h("button", { class: "button primary wide", id: "submit-plan" }, icon("send"), _("提交审核")),
  );
}

function publishPart() {
  const blocked = state.findings.some(isStopping);
  const ask = async () => {
    const answer = await askPublish(document.getElementById("publish"), (body) => step("publish", body));
    if (answer) await settled(() => publishedWord(answer), answer.id);
  };
  return h(
    "div",
    { class: "decision" },
    blocked ? h("p", { class: "muted" }, _("红色问题改好后才能发布。")) : null,
    h("button", { type: "button", class: "button primary wide", id: "publish-plan", disabled: blocked, onclick: ask }, icon("check-circle"), _("发布…")),
  );
}

function publishedWord({ revision, effective_at: at, waits, id }) {
  const values = { revision, at: time(at) };
  const word = waits ? _("已发布,第 {revision} 版,将于 {at} 生效;在那之前可以撤回。", values) : _("已发布,第 {revision} 版,{at} 生效。", values);
  const handover = `/redraw/plans/${encodeURIComponent(id)}/handover`;
  const links = [h("a", { href: handover }, _("交接单")), " · ", h("a", { href: "/history" }, _("历次划分"))];
  return h("div", {}, h("p", {}, word), h("p", {}, links));
}

function withdrawForm(place) {
  const reason = keep("reason", { rows: 2, required: true, maxlength: 500 });
  return form(
    place,
    () => done("withdraw", { reason: typed.reason }, () => _("已撤回,网格不变;方案还在,可以重新发布。")),
    h("p", { class: "muted" }, stateOf({ ...state.plans.find(({ id }) => id === state.plan.id), ...state.plan })),
    h("label", { class: "field wide" }, h("span", {}, _("撤回理由(会留存)")), reason),
    h("button", { class: "button" }, icon("arrow-counterclockwise"), noteWord("withdraw")),
  );
}

/** Whoever drew a plan that waits for a decision may go on with it. */
function recallForm(place) {
  return form(
    place,
    () => done("recall", {}, () => _("已收回,可以接着改;改好再提交。")),
    h("p", { class: "muted" }, _("还没审核,可以收回再改;已通知的人会收到收回的消息。")),
    h("button", { class: "button", id: "recall-plan" }, icon("arrow-counterclockwise"), _("收回方案")),
  );
}

const SAID = {
  approve: () => _("已同意。"),
  return: () => _("已退回。"),
  comments: () => _("留言已保存。"),
};

function judgeForm(place, allowed) {
  const text = keep("text", { rows: 2, maxlength: 500 });
  const button = (name, word) => (allowed.has(name) || name === "comments" ? h("button", { class: "button", name: "step", value: name }, word) : null);
  const made = form(
    place,
    () => {
      const name = made.dataset.step;
      return done(name, { text: typed.text }, SAID[name]);
    },
    h("label", { class: "field wide" }, h("span", {}, allowed.has("return") ? _("意见(退回必填)") : _("意见")), text),
    button("comments", noteWord("comment")),
    button("approve", noteWord("approve")),
    button("return", noteWord("return")),
  );
  made.addEventListener("click", ({ target }) => {
    const chosen = target.closest("[name=step]");
    if (!chosen) return;
    made.dataset.step = chosen.value;
    text.required = chosen.value !== "approve";
  });
  return made;
}

function discardButton() {
  const box = h("details", { class: "discard" }, h("summary", {}, _("放弃方案")));
  const throwAway = async () => {
    await discard();
    message = _("方案已放弃,网格没有变。");
    await loadPlans();
    await openPlan(null);
  };
  box.append(
    h("p", { class: "muted" }, _("方案里的 {n} 步改动都不再采用;现行网格不变。", { n: state.plan.edits.length })),
    h("button", { type: "button", class: "button", onclick: () => tried(box, throwAway) }, _("确定放弃")),
  );
  return box;
}
