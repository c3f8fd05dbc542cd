// Whom or what a form is about, searched for in place, within what the account may see.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { emptyNote, showFailure } from "../../static/js/status.js";

const PLACES = ["household", "building"];

/** A search for the kind of subject; each result opens the form about it. */
export function chooseSubject(kind) {
  const list = h("ul", { class: "todo", "aria-live": "polite" });
  const field = h("input", { type: "search", id: "fill-search", maxlength: 100, autocomplete: "off" });
  const form = h("form", { class: "stacked", role: "search" }, h("label", { for: "fill-search" }, _("填给谁:查小区、楼号、门牌")), field, h("div", { class: "answers" }, h("button", { class: "button primary" }, icon("search"), _("查找"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      fill(list, await rowsOf(kind, field.value.trim()));
    } catch (failure) {
      showFailure(list, failure);
    }
  });
  if (!PLACES.includes(kind) && kind !== "person") return emptyNote(_("请从任务或对象的卡片打开这张表单。"), h("a", { class: "button", href: "/work" }, _("今日工作")));
  return h("div", {}, form, list);
}

async function rowsOf(kind, text) {
  if (!text) return [];
  const { results } = await getJson("/api/v1/households", { q: text, limit: 20 });
  const wanted = kind === "building" ? "building" : "household";
  const rows = results.filter((row) => row.kind === wanted);
  if (!rows.length) return h("li", {}, _("没有找到。"));
  return rows.map((row) => h("li", {}, h("a", { href: kind === "person" ? `/households/${encodeURIComponent(row.id)}` : hrefOf(kind, row.id) }, h("strong", {}, row.title), h("span", {}, row.subtitle ?? ""))));
}

function hrefOf(kind, id) {
  const query = new URLSearchParams(location.search);
  query.set("subject", `${kind}:${id}`);
  return `${location.pathname}?${query}`;
}
