// Giving out many cases of the list at once: choosing them, then whom they go to.

import { personPicker } from "./people.js";
import { stepWord } from "./words.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { askIn } from "../../redraw/static/dialog.js";
import { showFailure, showSuccess } from "../../static/js/status.js";

const GIVING = ["head", "staff"];

/**
 * What the list needs for it: `box(row)` is the cell with a tick, `head()` the one above; both are nothing for
 * those who give nothing out. `reset()` when other rows are shown.
 */
export function bulkDispatch({ bar, list, place, reload }) {
  const states = (list.dataset.dispatchable || "").split(" ");
  const isGiving = may("cases:handle") && GIVING.includes(page.role);
  const chosen = new Map();
  const boxes = () => [...list.querySelectorAll("input[data-case]")];

  function show() {
    bar.hidden = !chosen.size;
    const all = boxes();
    const ticked = list.querySelector("input[data-all]");
    if (ticked) ticked.checked = all.length > 0 && all.every((input) => input.checked);
    fill(
      bar,
      h("strong", {}, _("已选 {n} 件", { n: chosen.size })),
      h("button", { type: "button", class: "button primary", onclick: give }, icon("send"), stepWord("dispatch")),
      h("button", { type: "button", class: "button", onclick: reset }, _("取消选择")),
    );
  }

  function tick(input, row) {
    if (input.checked) chosen.set(row.id, row);
    else chosen.delete(row.id);
    show();
  }

  function box(row) {
    if (!isGiving) return null;
    if (!states.includes(row.state)) return h("td", { class: "tick" });
    const input = h("input", { type: "checkbox", "data-case": row.id, "aria-label": _("选中 {name}", { name: row.number }) });
    input.addEventListener("change", () => tick(input, row));
    return h("td", { class: "tick" }, h("label", {}, input));
  }

  function head() {
    if (!isGiving) return null;
    const input = h("input", { type: "checkbox", "data-all": "", "aria-label": _("选中本页全部") });
    input.addEventListener("change", () => {
      for (const other of boxes()) if (other.checked !== input.checked) other.click();
    });
    return h("th", { scope: "col", class: "tick" }, h("label", {}, input));
  }

  function reset() {
    chosen.clear();
    for (const input of boxes()) input.checked = false;
    show();
  }

  async function give() {
    const ids = [...chosen.keys()];
    try {
      const handler = await askWhom(ids[0], ids.length);
      if (!handler) return;
      const answer = await sendJson("/api/v1/cases/dispatch", { ids, handler: handler.value || null });
      chosen.clear();
      await reload();
      showSuccess(place, _("已派遣 {n} 件。", { n: answer.rows.length }));
    } catch (failure) {
      showFailure(place, failure);
      place.scrollIntoView({ block: "center" });
    }
  }

  show();
  return { box, head, reset };
}

/** Who can open every case: grid leaders and stewards see only some of them. */
async function askWhom(id, count) {
  const { rows } = await getJson(`/api/v1/cases/${encodeURIComponent(id)}/people`);
  const people = rows.filter((person) => person.signs_off);
  const parts = (answer) => {
    const { input, search } = personPicker("handler", people, _("按网格和专长自动选择"));
    const form = h(
      "form",
      { class: "asked" },
      search ? h("label", { class: "field" }, h("span", {}, _("查找人员")), search) : null,
      h("label", { class: "field" }, h("span", {}, _("主办人")), input),
      h("div", { class: "buttons" }, h("button", { class: "button primary" }, stepWord("dispatch"))),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer({ value: input.value });
    });
    return form;
  };
  return askIn("step-dialog", { title: _("派遣 {n} 件", { n: count }), parts, focus: "form [name]", after: () => null });
}
