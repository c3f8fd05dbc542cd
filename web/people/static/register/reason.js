// Heads say why they open and change what is registered: one press for the common reasons.

import { h } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";

/** A form that gives the reason that was typed or chosen, under words that say what it opens. */
export function reasonForm(take, words = _("查看和修改登记资料要写明事由,并会留下记录。")) {
  const input = h("input", { id: "edit-reason", required: true, minlength: 2, maxlength: 200, autocomplete: "off" });
  const common = [_("核对登记信息"), _("办理该户案件"), _("老人探访"), _("救助申请")];
  const form = h(
    "form",
    { class: "register-form" },
    h("label", { for: "edit-reason" }, words),
    h("div", { class: "answers" }, common.map((text) => h("button", { type: "button", class: "button", onclick: () => take(text) }, text))),
    input,
    h("div", { class: "answers" }, h("button", { class: "button primary" }, _("查看"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(input.value.trim());
  });
  return form;
}

/** A field for the reason in another form: heads fill it in, others have none. */
export function reasonField() {
  if (page.role !== "head") return { node: null, sent: () => ({}) };
  const input = h("input", { required: true, minlength: 2, maxlength: 200, autocomplete: "off" });
  return { node: h("label", { class: "field" }, h("span", {}, _("事由")), input), sent: () => ({ reason: input.value.trim() }) };
}
