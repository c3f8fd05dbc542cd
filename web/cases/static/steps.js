// The steps that can be taken with a case now: the next ones as buttons, what they need asked for in a dialog.

import { keepDraft, readDraft } from "./draft.js";
import { personPicker } from "./people.js";
import { channelWord, kindWord, stepWord } from "./words.js";
import { dateField } from "../../static/js/datefield.js";
import { askIn } from "../../redraw/static/dialog.js";
import { h } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { beside, showFailure } from "../../static/js/status.js";
import { wordsOf } from "../../static/js/words.js";

const FORWARD = ["accept", "claim", "receipt", "start", "finish", "feedback", "check", "resume", "co_receipt", "co_sign", "rate"];
/** What comes next in a state where it isn't the first of `FORWARD`. */
const NEXT = { accepted: "file", verifying: "file", filed: "dispatch", returned: "dispatch" };
const GIVEN = ["on_spot", "phone", "wechat", "message", "letter", "page", "anonymous"];
const STARS = [5, 4, 3, 2, 1];

/** The section of steps; `act(action, body, button)` takes one and tells whether it was sent or kept. */
export function stepsOf(row, act) {
  const allowed = (row.steps || []).map((step) => step.action);
  if (!allowed.length) return null;
  const [first, ...later] = [NEXT[row.state], ...FORWARD].filter((action) => allowed.includes(action));
  const others = allowed.filter((action) => ![first, ...later, "close"].includes(action));
  const button = (action, isFirst) => stepButton(row, action, act, isFirst);
  return h(
    "section",
    { class: "steps", "aria-label": _("下一步") },
    first ? h("div", { class: "buttons" }, button(first, true), later.map((action) => button(action, false))) : null,
    allowed.includes("close") ? closeForm(row, act) : null,
    others.length
      ? h(
          "details",
          { class: "more-steps" },
          h("summary", {}, _("其他操作")),
          h("div", { class: "buttons" }, others.map((action) => button(action, false))),
        )
      : null,
  );
}

function stepButton(row, action, act, isFirst) {
  const { needs } = row.steps.find((step) => step.action === action);
  const take = ({ currentTarget: pressed }) => (needs.length ? ask(row, action, { act, pressed, needs }) : once(pressed, () => act(action, {}, pressed)));
  const look = isFirst ? "button primary" : "button";
  return h("button", { type: "button", class: look, "data-step": action, onclick: take }, stepWord(action));
}

/** No second press while the first is on its way. */
async function once(button, work) {
  button.disabled = true;
  try {
    return await work();
  } finally {
    button.disabled = false;
  }
}

function closeForm(row, act) {
  const draft = readDraft();
  const result = h("textarea", { id: "result", rows: 3, required: !row.result, maxlength: 2000 }, draft.result ?? row.result ?? "");
  const channel = row.feedback ? null : choice("close-feedback", GIVEN, channelWord, draft.feedback);
  const form = h(
    "form",
    {},
    h("label", { for: "result" }, _("办理结果")),
    result,
    channel ? [h("label", { for: "close-feedback" }, _("怎样告知当事人")), channel] : null,
    h("button", { class: "button", "data-step": "close" }, stepWord("close")),
  );
  form.addEventListener("input", () => keepDraft({ result: result.value, feedback: channel?.value }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("[data-step]");
    once(button, () => act("close", { result: result.value, ...(channel ? { feedback: channel.value } : {}) }, button));
  });
  return form;
}

/** Ask for what a step needs; the dialog stays, with what was typed, until it was sent or is kept. */
async function ask(row, action, { act, pressed, needs }) {
  const asked = Object.keys(FIELDS).filter((need) => needs.includes(need));
  const people = asked.some((need) => OF_PEOPLE.includes(need)) ? await peopleFor(row, pressed) : [];
  if (!people) return null;
  const fields = asked.map((need) => FIELDS[need](row, people));
  const parts = (answer) => {
    const form = h(
      "form",
      { class: "asked" },
      fields.map(([label, input, search]) => [
        search ? h("label", { class: "field" }, h("span", {}, _("查找人员")), search) : null,
        h("label", { class: "field" }, h("span", {}, label), input),
      ]),
      h("div", { class: "buttons" }, h("button", { class: "button primary" }, stepWord(action))),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      const body = Object.fromEntries(fields.map(([, input]) => [input.name, valueOf(input)]));
      if (await once(button, () => act(action, body, button))) answer(body);
    });
    return form;
  };
  return askIn("step-dialog", { title: stepWord(action), parts, focus: "form [name]", after: () => null });
}

function valueOf(input) {
  if (input.dataset.dated === "datetime-local") return input.value ? `${input.value.replace(" ", "T")}:00+08:00` : null;
  return input.dataset.number ? Number(input.value) : input.value || null;
}

async function peopleFor(row, pressed) {
  try {
    return (await getJson(`/api/v1/cases/${encodeURIComponent(row.id)}/people`)).rows;
  } catch (failure) {
    showFailure(beside(pressed), failure);
    return null;
  }
}

const OF_PEOPLE = ["handler", "worker"];
/** A field for each thing that a step may need, in the order in which they are asked. */
const FIELDS = {
  due: () => [_("新的期限"), dateField(h("input", { name: "due", type: "datetime-local", required: true }))],
  reason: () => [_("原因"), h("textarea", { name: "reason", rows: 3, required: true, maxlength: 2000 })],
  result: () => [_("办理结果"), h("textarea", { name: "result", rows: 3, required: true, maxlength: 2000 })],
  feedback: () => [_("怎样告知当事人"), named("feedback", choice(null, GIVEN, channelWord))],
  handler: (row, people) => [_("主办人"), ...chosen("handler", people, _("按网格和专长自动选择"))],
  worker: (row, people) => [_("协办人"), ...chosen("worker", people.filter((person) => person.signs_off), null)],
  helper: (row) => [_("协办人"), named("worker", helper(row))],
  duplicate_of: () => [_("另一件案件的编号"), h("input", { name: "duplicate_of", required: true, maxlength: 36, placeholder: "20261124-004711" })],
  kind: () => [_("督办原因"), named("kind", choice(null, Object.keys(wordsOf("supervision")), kindWord))],
  speed: () => [_("办理速度"), named("speed", stars())],
  effect: () => [_("办理效果"), named("effect", stars())],
};

function chosen(name, people, none) {
  const { input, search } = personPicker(name, people, none);
  return [input, search];
}

function named(name, input) {
  input.name = name;
  return input;
}

/** What is chosen is a statement: nothing is chosen before somebody does. */
function choice(id, codes, word, chosen = null) {
  const options = codes.map((code) => h("option", { value: code, selected: code === chosen }, word(code)));
  return h("select", { id, required: true }, nothing(), options);
}

function nothing() {
  return h("option", { value: "" }, _("请选择"));
}

function stars() {
  const options = STARS.map((count) => h("option", { value: count }, `${"★".repeat(count)}${"☆".repeat(5 - count)}`));
  return h("select", { "data-number": "1", required: true }, nothing(), options);
}

function helper(row) {
  return h("select", { required: true }, nothing(), row.co_handlers.map((person) => h("option", { value: person.worker }, person.name)));
}

