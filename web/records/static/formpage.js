// A form's versions, what changed in each, and the questions themselves to be tried: nothing of it is sent.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, removeJson, sendJson } from "../../static/js/fetch.js";
import { day } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { emptyNote, sayMissing, showFailure, waitIn } from "../../static/js/status.js";
import { wordOf } from "../../static/js/words.js";
import { openForm } from "../../static/forms/form.js";
import { textIn, walkItems } from "../../static/forms/state.js";

const stateWord = wordOf("version_states");
const stepWord = wordOf("version_steps");
const partWord = wordOf("item_parts");
const settingWord = wordOf("form_parts");
const fieldWord = wordOf("register_fields");
const language = document.documentElement.lang.slice(0, 2);
const base = `/api/v1/forms/${encodeURIComponent(page.form)}`;
const versions = document.getElementById("versions");
const preview = document.getElementById("preview");
const opened = new Map();

startFrame();
if (versions) showVersions();
else showPreview(null);

async function showVersions() {
  const answer = await waitIn(versions.querySelector(".status"), () => getJson(`${base}/versions`));
  if (!answer) return;
  fill(versions.querySelector(".content"), answer.rows.map(versionBox));
  await showPreview(answer.rows[0]?.number ?? null);
}

/** The tree of a version, fetched once: none of its versions ever changes. */
async function treeOf(number) {
  if (!opened.has(number)) opened.set(number, (await getJson(base, { version: number })).tree);
  return opened.get(number);
}

async function showPreview(number) {
  const tree = await waitIn(preview.querySelector(".status"), () => treeOf(number));
  if (!tree) return;
  const which = number && versions ? h("p", { class: "note" }, _("第 {n} 版", { n: number })) : null;
  const { element } = openForm({ tree, language, today: page.today });
  fill(preview.querySelector(".content"), which, tree.items.length ? element : emptyNote(_("这张表单没有题目。")));
}

function versionBox(row) {
  const place = h("div", { class: "beside", "aria-live": "polite" });
  const when = { draft: row.uploaded_at, published: row.published_at, retired: row.retired_at }[row.state];
  return h(
    "section",
    { class: "version", "data-version": row.number },
    h("h3", {}, _("第 {n} 版", { n: row.number }), " · ", stateWord(row.state), " ", h("small", {}, day(when))),
    changesList(row.changes),
    row.needs_another ? h("p", { class: "note" }, _("含个人信息的表单,由另一位负责人发布。")) : null,
    h(
      "div",
      { class: "answers" },
      h("button", { type: "button", class: "button", onclick: () => showPreview(row.number).then(() => preview.scrollIntoView()) }, icon("search"), _("试填这一版")),
      h("a", { class: "button", href: `${base}/versions/${row.number}/workbook`, download: true }, icon("download"), _("下载工作簿")),
      row.steps.map((step) => h("button", { type: "button", class: "button", onclick: () => confirmStep(place, row, step) }, stepWord(step))),
    ),
    place,
  );
}

function changesList(changes) {
  if (!changes) return null;
  const named = (row) => textIn(row.label, language) || row.name;
  const lines = [
    changes.added.map((row) => _("新增:{name}", { name: named(row) })),
    changes.taken.map((row) => _("去掉:{name}", { name: named(row) })),
    changes.changed.map((row) => _("改动:{name}({parts})", { name: named(row), parts: row.parts.map(partWord).join(_("、")) })),
    changes.settings.map((part) => _("改动:{name}", { name: settingWord(part) })),
  ].flat();
  return h("ul", { class: "changes" }, lines.length ? lines.map((line) => h("li", {}, line)) : h("li", {}, _("与上一版相同")));
}

const WHAT = {
  publish: () => _("发布后全社区都用这一版填写,内容不能再改,上一版随即停止填写。"),
  retire: () => _("停止后不能再填新的记录,已有记录保留。"),
  discard: () => _("草稿删去后不能恢复。"),
};

/** Asked once more, with what follows; answers that reach the register are confirmed before a version is published. */
async function confirmStep(place, row, step) {
  const tree = step === "publish" ? await waitIn(place, () => treeOf(row.number)) : null;
  if (step === "publish" && !tree) return;
  const bound = tree ? boundQuestions(tree) : [];
  const check = bound.length ? h("input", { type: "checkbox" }) : null;
  const said = h("div", { class: "beside", "aria-live": "polite" });
  const go = h("button", { type: "button", class: "button primary" }, _("确定{step}", { step: stepWord(step) }));
  go.addEventListener("click", async () => {
    if (check && !check.checked) return sayMissing(said, _("请先核对并勾选与登记相连的题目"));
    go.disabled = true;
    await take(said, row, step);
    go.disabled = false;
    return undefined;
  });
  place.hidden = false;
  fill(
    place,
    h(
      "div",
      { class: "notice amber", role: "alertdialog", "aria-label": stepWord(step) },
      h("div", {}, h("p", {}, WHAT[step]()), step === "publish" ? changesList(row.changes) : null, check ? boundList(bound, check) : null, h("div", { class: "answers" }, go, h("button", { type: "button", class: "button", onclick: () => fill(place) }, _("取消"))), said),
    ),
  );
  (check ?? go).focus();
}

/** Questions whose answers stand for a field of the register. */
function boundQuestions(tree) {
  return walkItems(tree.items).filter(({ kind, register }) => kind === "question" && register);
}

function boundList(bound, check) {
  const rows = bound.map((item) => h("li", {}, _("{question} → 登记项 {field}", { question: textIn(item.label, language) || item.name, field: fieldWord(item.register) })));
  return h("div", {}, h("p", {}, _("下列题目的答案会写入居民登记:")), h("ul", {}, rows), h("label", { class: "check" }, check, _("已逐项核对")));
}

async function take(said, row, step) {
  const path = `${base}/versions/${row.number}`;
  try {
    await (step === "discard" ? removeJson(path) : sendJson(`${path}/${step}`, {}));
    if (step === "discard" && row.number === 1) location.assign("/forms");
    else await showVersions();
  } catch (failure) {
    showFailure(said, failure);
  }
}
