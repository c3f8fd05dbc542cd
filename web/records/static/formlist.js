// The forms of the community by how they stand; a workbook is handed in, and its faults told by cell.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendFile } from "../../static/js/fetch.js";
import { day } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { emptyNote, showFailure, waitIn } from "../../static/js/status.js";
import { wordOf } from "../../static/js/words.js";
import { textIn } from "../../static/forms/state.js";

const stateWord = wordOf("version_states");
const subjectWord = wordOf("form_subjects");
const purposeWord = wordOf("purposes");
const language = document.documentElement.lang.slice(0, 2);

startFrame();
const section = document.getElementById("forms");
load();
const upload = document.querySelector("#hand-in form");
upload?.addEventListener("submit", (event) => {
  event.preventDefault();
  handIn(document.querySelector("#hand-in .result"));
});

async function load() {
  const answer = await waitIn(section.querySelector(".status"), () => getJson("/api/v1/forms"));
  if (!answer) return;
  const groups = ["draft", "published", "retired"].map((state) => [state, answer.rows.filter((row) => isIn(row, state))]);
  const shown = groups.filter(([, rows]) => rows.length);
  fill(section.querySelector(".content"), shown.length ? shown.map(([state, rows]) => group(state, rows)) : emptyNote(_("还没有表单。")));
}

function isIn(row, state) {
  if (state === "draft") return Boolean(row.draft);
  return state === "published" ? row.version !== null : row.version === null && !row.draft;
}

const HEADS = () => [_("表单"), _("对象"), _("收集的目的"), _("第几版"), ""];

function group(state, rows) {
  const head = h("thead", {}, h("tr", {}, HEADS().map((word) => h("th", { scope: "col" }, word))));
  const body = h("tbody", {}, rows.map((row) => line(state, row)));
  return h("section", { class: "box" }, h("h2", {}, stateWord(state)), h("div", { class: "table-box" }, h("table", { class: "data cards-on-phone form-list" }, head, body)));
}

function line(state, row) {
  const isPublished = state === "published";
  const number = isPublished ? row.version : row.draft;
  return h(
    "tr",
    { "data-code": row.code },
    h("th", { scope: "row" }, page.role === "admin" ? titleOf(row) : h("a", { href: `/forms/${encodeURIComponent(row.code)}` }, titleOf(row))),
    h("td", {}, subjectWord(row.subject)),
    h("td", {}, row.purpose ? purposeWord(row.purpose) : _("不含个人信息")),
    h("td", {}, number ? _("第 {n} 版", { n: number }) : "—", isPublished ? h("small", {}, " · ", day(row.published_at)) : null),
    h("td", {}, isPublished && row.may_fill && may("records:write") ? fillLink(row) : null),
  );
}

const fillLink = (row) => h("a", { class: "button", href: `/forms/${encodeURIComponent(row.code)}/fill`, "aria-label": _("填表:{title}", { title: titleOf(row) }) }, icon("clipboard-check"), _("填表"));

const titleOf = (row) => textIn(row.title, language) || row.code;

async function handIn(place) {
  const button = upload.querySelector("button");
  button.disabled = true;
  fill(place);
  try {
    fill(place, draftNote(await sendFile("/api/v1/forms", "POST", new FormData(upload))));
    upload.reset();
    await load();
  } catch (failure) {
    if (failure.faults?.length) fill(place, faultTable(failure.faults));
    else showFailure(place, failure);
  } finally {
    button.disabled = false;
  }
  place.scrollIntoView({ block: "nearest" });
}

/** What was kept, what of the workbook was left out, and the way on to try and publish it. */
function draftNote({ code, version, remarks }) {
  return h(
    "div",
    { role: "status" },
    h("p", { class: "notice good" }, icon("check-circle"), h("span", {}, _("第 {n} 版已存为草稿。", { n: version }))),
    remarks.length ? h("ul", {}, remarks.map((remark) => h("li", {}, remark))) : null,
    h("a", { class: "button primary", href: `/forms/${encodeURIComponent(code)}` }, icon("search"), _("试填,再发布")),
  );
}

function faultTable(faults) {
  const heads = [_("工作表"), _("行"), _("列"), _("问题")];
  const cells = ({ sheet, row, field, message }) => [sheet ?? "—", row ?? "—", field ?? "—", message];
  return h(
    "div",
    { role: "alert" },
    h("p", { class: "notice bad" }, _("没有保存,有 {n} 处要改:", { n: faults.length })),
    h("div", { class: "table-box" }, h("table", { class: "data" }, h("thead", {}, h("tr", {}, heads.map((word) => h("th", { scope: "col" }, word)))), h("tbody", {}, faults.map((fault) => h("tr", {}, cells(fault).map((cell) => h("td", {}, String(cell)))))))),
  );
}
