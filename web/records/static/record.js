// One record: whom it is about, its answers in the form's words, what corrections changed, and what may be done with it.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { showFailure, waitIn } from "../../static/js/status.js";
import { openForm } from "../../static/forms/form.js";
import { reasonForm } from "../../people/static/register/reason.js";
import { correctAddress, reportAddress } from "./addresses.js";
import { chainOf } from "./chain.js";
import { photosOf } from "./photos.js";
import { caseLinks, signs, titleOf } from "./recordlines.js";
import { stepsOf, waitingNote, wayOn } from "./visitsteps.js";

startFrame();
const section = document.getElementById("record");
const language = document.documentElement.lang.slice(0, 2);
const path = `/api/v1/records/${encodeURIComponent(page.record)}`;
const state = { reason: "" };
if (page.refused) fill(section.querySelector(".content"), refusedFirst());
else load();

/** Who has said no since is told to heads alone, after a reason. */
function refusedFirst() {
  return h("div", { class: "box" }, h("p", { class: "notice amber" }, icon("eye-slash"), h("span", {}, _("对象已不同意。写明事由后可查看。"))), askReason());
}

const askReason = () => reasonForm(openWith, _("查看填写的内容要写明事由,并会留下记录。"));

function openWith(reason) {
  state.reason = reason;
  load();
}

async function load() {
  const answer = await waitIn(section.querySelector(".status"), async () => {
    const record = await (state.reason ? sendJson(path, { reason: state.reason }) : getJson(path));
    return { record, photoUrl: await photosOf(path, record.photos, state.reason) };
  });
  if (answer) fill(section.querySelector(".content"), parts(answer));
}

function parts({ record, photoUrl }) {
  return [h("section", { class: "box" }, facts(record)), course(record), content(record, photoUrl), chainOf(record, page.record), doing(record)];
}

function facts({ line, version, cases, filled_at: filledAt, received_at: receivedAt, place }) {
  const fact = (word, ...value) => h("div", {}, h("dt", {}, word), h("dd", {}, ...value));
  const { label, address } = line.subject;
  return h(
    "dl",
    { class: "facts" },
    fact(_("对象"), subjectNode(line.subject)),
    label === address ? null : fact(_("地址"), address),
    fact(_("日期"), line.day, " ", signs(line)),
    line.by ? fact(_("填写人"), line.by) : null,
    fact(_("填写时间"), time(filledAt)),
    fact(_("收到时间"), time(receivedAt)),
    place ? fact(_("当时所在"), placeWords(place)) : null,
    cases.length ? fact(_("关联案件"), caseLinks(cases)) : null,
    fact(_("表单"), _("{form},第 {n} 版", { form: titleOf(line), n: version })),
  );
}

const placeWords = ({ cell, grid_name: grid }) => (grid ? _("{grid} · 地块 {n}", { grid, n: cell }) : _("地块 {n}", { n: cell }));

/** The five steps of a visit, what it waits for and the way on. */
function course({ line, visit }) {
  if (!visit) return null;
  const end = line.met ? _("五步都已办完。") : _("这次没见到人,后来又去走访过。");
  return h("section", { class: "box", id: "visit-course" }, h("h2", {}, _("五步走访")), stepsOf(visit), waitingNote(visit) ?? h("p", { class: "load good" }, icon("check-circle"), end), h("div", { class: "answers screen-only" }, wayOn(visit, line)));
}

function subjectNode({ label, household, building }) {
  if (household && may("consent:record")) return h("a", { href: `/households/${encodeURIComponent(household)}` }, label);
  if (building && may("doors:view")) return h("a", { href: `/buildings/${encodeURIComponent(building)}/doors` }, label);
  return label;
}

function content({ line, is_shown: isShown, answers, tree }, photoUrl) {
  if (!isShown) return h("section", { class: "box", id: "why" }, h("h2", {}, _("填写的内容")), askReason());
  if (answers === null) return h("section", { class: "box" }, h("h2", {}, _("填写的内容")), h("p", { class: "notice" }, icon("eye-slash"), h("span", {}, _("内容已删去,不能恢复。"))));
  const form = openForm({ tree, answers, readOnly: true, language, today: line.day, photoUrl });
  return h("section", { class: "box", id: "answers" }, h("h2", {}, _("填写的内容")), form.element);
}

function doing(record) {
  const buttons = [
    record.may_report && may("cases:view") ? h("a", { class: "button", href: reportAddress(record.line) }, icon("megaphone"), _("上报案件")) : null,
    record.may_correct ? h("a", { class: "button", href: correctAddress(record.line) }, icon("pencil-square"), _("更正")) : null,
    record.may_redact && record.is_shown ? redactPart() : null,
  ].filter(Boolean);
  return buttons.length ? h("section", { class: "box screen-only" }, h("h2", {}, _("办理")), buttons) : null;
}

/** Taking out is for good: it stands folded, needs a reason, and says what goes. */
function redactPart() {
  const input = h("input", { required: true, minlength: 2, maxlength: 200, autocomplete: "off" });
  const status = h("div", { "aria-live": "polite" });
  const form = h("form", { class: "register-form" }, h("label", { class: "field" }, h("span", {}, _("删去的原因")), input), h("div", { class: "answers" }, h("button", { class: "button danger" }, icon("trash"), _("删去内容"))), status);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await sendJson(`${path}/redact`, { reason: input.value.trim() });
      await load();
    } catch (failure) {
      showFailure(status, failure);
    }
  });
  return h("details", { id: "redact" }, h("summary", {}, _("删去这条记录的内容")), h("p", { class: "note" }, _("填写的内容和照片连同更正一并删去,不能恢复;只留下日期和表单。")), form);
}
