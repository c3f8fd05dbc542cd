// A form's versions, what changed in each, and the questions themselves to be tried: nothing of it is sent.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, removeJson, sendJson } from "../../static/js/fetch.js";
import { day } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { emptyNote, showFailure, waitIn } from "../../static/js/status.js";
import { wordOf } from "../../static/js/words.js";
import { openForm } from "../../static/forms/form.js";
import { textIn } from "../../static/forms/state.js";

const stateWord = wordOf("version_states");
const stepWord = wordOf("version_steps");
const partWord = wordOf("item_parts");
const settingWord = wordOf("form_parts");
const language = document.documentElement.lang.slice(0, 2);
const base = `/api/v1/forms/${encodeURIComponent(page.form)}`;
const versions = document.getElementById("versions");
const preview = document.getElementById("preview");

startFrame();
if (versions) showVersions();
else showPreview(null);

async function showVersions() {
  const answer = await waitIn(versions.querySelector(".status"), () => getJson(`${base}/versions`));
  if (!answer) return;
  fill(versions.querySelector(".content"), answer.rows.map(versionBox));
  showPreview(answer.rows[0]?.number ?? null);
}

async function showPreview(number) {
  const form = await waitIn(preview.querySelector(".status"), () => getJson(base, { version: number }));
  if (!form) return;
  const { element } = openForm({ tree: form.tree, language, today: page.today });
  fill(preview.querySelector(".content"), form.tree.items.length ? element : emptyNote(_("这张表单没有题目。")));
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
      h("button", { type: "button", class: "button", onclick: () => (showPreview(row.number), preview.scrollIntoView()) }, icon("search"), _("试填这一版")),
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

function confirmStep(place, row, step) {
  const path = `${base}/versions/${row.number}`;
  const go = async () => {
    try {
      await (step === "discard" ? removeJson(path) : sendJson(`${path}/${step}`, {}));
      if (step === "discard" && row.number === 1) location.assign("/forms");
      else showVersions();
    } catch (failure) {
      showFailure(place, failure);
    }
  };
  fill(
    place,
    h("div", { class: "notice amber", role: "alertdialog", "aria-label": stepWord(step) }, h("p", {}, WHAT[step]()), h("div", { class: "answers" }, h("button", { type: "button", class: "button primary", onclick: go }, _("确定{step}", { step: stepWord(step) })), h("button", { type: "button", class: "button", onclick: () => fill(place) }, _("取消")))),
  );
  place.querySelector("button").focus();
}
