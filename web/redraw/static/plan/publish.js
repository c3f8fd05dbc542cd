// The last look before publishing: what is warned of, why it is done all the same, and from when it holds.

import { dateField } from "../../../static/js/datefield.js";
import { fill, h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";
import { closeButton } from "../dialog.js";
import { said, withNames } from "./plan.js";
import { hasNewCells, state, wrongNow } from "../state.js";

const A_DAY_MS = 86_400_000;
const kept = { plan: null, reason: "", day: "" };

/** Ask for reason and day, and publish by `send(body)`; gives the answer, or nothing where it was left. */
export function askPublish(dialog, send) {
  const { id, edits } = state.plan;
  if (kept.plan !== id) Object.assign(kept, { plan: id, reason: "", day: "" });
  return new Promise((resolve) => {
    const failed = h("p", { class: "notice bad", role: "alert", hidden: true });
    const made = h(
      "form",
      { method: "dialog" },
      h("div", { class: "panel-head" }, h("h2", { id: "publish-title" }, _("发布 {name}", { name: state.plan.name })), closeButton(() => dialog.close())),
      h("p", {}, _("{steps} 步改动,涉及 {grids} 个网格。发布后网格员、案件和走访按新的划分算。", { steps: edits.length, grids: state.impact.grids.length })),
      warnings(),
      reasonField(),
      dayField(),
      failed,
      h(
        "div",
        { class: "row buttons" },
        h("button", { class: "button primary" }, icon("check-circle"), _("确定发布")),
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, _("先不发布")),
      ),
    );
    made.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await sent(send, event.submitter, failed);
      if (!answer) return;
      resolve({ ...answer, id });
      dialog.close();
    });
    dialog.addEventListener("close", () => resolve(null), { once: true });
    fill(dialog, made);
    dialog.showModal();
    made.querySelector("textarea").focus();
  });
}

async function sent(send, button, failed) {
  button.disabled = true;
  try {
    return await send({ reason: kept.reason, ...(kept.day ? { effective: kept.day } : {}) });
  } catch (failure) {
    fill(failed, icon("exclamation-octagon"), h("span", {}, said(failure)));
    failed.hidden = false;
    return null;
  } finally {
    button.disabled = false;
  }
}

/** The plan's own warnings; what stood before is not its doing. */
function warnings() {
  const rows = wrongNow().filter(({ touched }) => touched !== false);
  if (!rows.length) return h("p", { class: "notice good" }, icon("check-circle"), _("没有需要提醒的问题。"));
  return [
    h("p", {}, _("下面的提醒不阻止发布;您写的理由会和它们一起留存:")),
    h("ul", { class: "plain findings" }, rows.map(({ message }) => h("li", { class: "notice amber" }, icon("exclamation-triangle"), h("span", {}, withNames(message))))),
  ];
}

function reasonField() {
  const field = h("textarea", { name: "reason", rows: 3, required: true, minlength: 2, maxlength: 500, oninput: () => (kept.reason = field.value) });
  field.value = kept.reason;
  return h("label", { class: "field wide" }, h("span", {}, _("发布理由(会留存)")), field);
}

function dayField() {
  if (hasNewCells()) return h("p", { class: "muted" }, _("方案切开了地块,发布后立即生效,不能定日期。"));
  const tomorrow = new Date(Date.parse(page.as_of) + A_DAY_MS).toISOString().slice(0, 10);
  const said = h("p", { class: "note" });
  const tell = () => (said.textContent = kept.day ? _("{day} 0 时生效;在那之前可以撤回。", { day: kept.day }) : _("不选日期,发布后立即生效。"));
  const field = dateField(h("input", {
    type: "date",
    name: "effective",
    min: tomorrow,
    value: kept.day,
    onchange: (event) => {
      kept.day = event.target.value;
      tell();
    },
  }));
  tell();
  return [h("label", { class: "field" }, h("span", {}, _("生效日期(可不选)")), field), said];
}
