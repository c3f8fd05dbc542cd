// One case: where, what, who, by when; what happened so far, and the next step.

import { membersList } from "../../static/js/card.js";
import { openActs } from "./acts.js";
import { dropDraft } from "./draft.js";
import { flagsOf } from "./flags.js";
import { logOf } from "./log.js";
import { photosOf } from "./photos.js";
import { recordsOf } from "./records.js";
import { stepsOf } from "./steps.js";
import { channelWord, hasEnded, resolutionWord, stateWord, stepWord, taskWord } from "./words.js";
import { categoryWord } from "./categories.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number, time } from "../../static/js/format.js";
import { startFrame } from "../../static/js/frame.js";
import { showGrids } from "../../static/map/grids.js";
import { _ } from "../../static/js/i18n.js";
import { classText, countdown, levels, yearsNote } from "./limit.js";
import { flyTo, markPlace, openMap } from "../../static/map/map.js";
import { may, page } from "../../static/js/page.js";
import { tellThere } from "../../static/js/state.js";
import { showSuccess, waitIn } from "../../static/js/status.js";
import { levelWord, severityWord, sourceWord } from "../../static/js/words.js";

const here = `/api/v1/cases/${encodeURIComponent(page.case_id)}`;
const place = document.getElementById("status");
const card = document.getElementById("case");
const view = openMap();
const self = { number: "" };
const acts = openActs({ number: () => self.number, onSent, onRefused: load });

startFrame();
showGrids(view);
acts.load().then(load);

async function load() {
  const row = await waitIn(place, () => getJson(here));
  if (!row) return;
  self.number = row.number;
  document.title = `${row.number} ${categoryWord(row.category_name || "")}`;
  fill(
    card,
    heading(row),
    facts(row),
    waitsForHelpers(row),
    nearBorder(row),
    description(row),
    row.members ? membersList(row.members) : null,
    h("div", { id: "waits" }),
    photosOf(row, acts.photo),
    stepsOf(row, acts.step),
    may("positions:set") && (row.actions || []).length ? positionLink() : null,
    logOf(row.log || []),
    recordsOf(here),
  );
  acts.show();
  const entrust = document.getElementById("entrust");
  if (entrust) entrust.hidden = hasEnded(row.state); // a step taken here may have ended it
  if (row.lon === null || row.lon === undefined) return;
  flyTo(view.map, row.lon, row.lat, 17);
  markPlace(view.map, row.lon, row.lat);
}

function positionLink() {
  const href = `/cases/${encodeURIComponent(page.case_id)}/position`;
  return h("p", {}, h("a", { class: "button", href }, icon("geo-alt"), _("改位置")));
}

function heading(row) {
  return h(
    "header",
    {},
    h("h1", {}, row.number),
    h(
      "p",
      {},
      h("strong", {}, categoryWord(row.category_name || row.category)),
      " ",
      severityWord(row.severity),
      " · ",
      h("span", { class: `state ${row.state}` }, stateWord(row.state)),
      " ",
      flagsOf(row),
      " ",
      hasEnded(row.state) && row.overdue
        ? h("span", { class: "load bad" }, icon("exclamation-octagon"), _("超期"))
        : null,
    ),
    hasEnded(row.state) ? null : h("p", {}, countdown(row)),
    yearsNote(row),
  );
}

function facts(row) {
  const grid =
    row.grid && row.grid.name ? row.grid.name : row.grid_name || row.grid || _("未归入网格");
  const pairs = [
    [_("地点"), row.address || nearBuilding(row)],
    [levelWord("grid"), grid],
    [_("上报时间"), time(row.reported_at)],
    [_("来源"), sourceWord(row.source)],
    [_("反映人电话"), row.contact],
    [_("热线类别"), row.limit?.hotline ? classText(row.limit.hotline) : null],
    [_("办理期限"), time(row.deadline)],
    [_("提醒与上报"), hasEnded(row.state) ? null : levels(row)],
    [_("责任人"), row.owner],
    [_("办理层级"), row.route ? levelWord(row.route) : null],
    [_("协办人"), helpers(row)],
    [_("条线部门"), row.line_name],
    [_("认领截止"), !row.handler && row.claim_until ? time(row.claim_until) : null],
    [_("重复案件"), row.duplicate_of],
    [_("办理结果"), row.result],
    [_("办结方式"), row.resolution ? resolutionWord(row.resolution) : null],
    [_("反馈"), feedback(row)],
    [_("评价"), row.rating ? _("速度 {speed} 星,效果 {effect} 星", row.rating) : null],
  ];
  return h(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value)
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** How the person served was told; of a closed case also that nobody noted it. */
function feedback({ feedback: channel, feedback_at: at, resolution }) {
  if (channel) return `${channelWord(channel)} ${time(at)}`;
  return resolution && resolution !== "duplicate" ? _("没有记录") : null;
}

/** A case that was placed by a device has no address: the building it happened at is told by what stands nearest. */
function nearBuilding({ near_building: near }) {
  if (!near) return "—";
  return _("{address} 附近 {n} 米", { address: near.address, n: number(Math.round(near.distance_m)) });
}

function helpers(row) {
  const word = (helper) => (taskWord(helper.signed_at ? "finished" : helper.receipted_at ? "receipted" : "given"));
  return (row.co_handlers || []).map((helper) => `${helper.name}(${word(helper)})`).join("、");
}

/** Why a case can't be closed yet, where that is up to who helps with it. */
function waitsForHelpers(row) {
  const left = (row.co_handlers || []).filter((helper) => !helper.signed_at).map((helper) => helper.name);
  if (!left.length || hasEnded(row.state) || !(row.actions || []).length) return null;
  const words = _("协办人办结后才能结案:{names}", { names: left.join("、") });
  return h("p", { class: "notice amber" }, icon("people"), words);
}

function nearBorder(row) {
  if (row.near_border_m === null || row.near_border_m === undefined || row.near_border_m >= 15)
    return null;
  return h(
    "p",
    { class: "notice amber" },
    icon("exclamation-triangle"),
    _("离网格边界只有 {n} 米,请核对位置。", { n: number(Math.round(row.near_border_m)) }),
  );
}

function description(row) {
  return row.description ? h("p", { class: "description" }, row.description) : null;
}

/** What the server has taken is said, and the card is drawn anew; or the case is out of one's hands and sight. */
async function onSent(answer, { path }) {
  const step = path.split("/").at(-1);
  if (["close", "finish"].includes(step)) dropDraft();
  if (answer.rows) {
    await load();
    showSuccess(place, _("照片已加上。"));
    return;
  }
  const text = _("{step}:已办好。{number} 现在{state}。", { step: stepWord(step), number: answer.number, state: stateWord(answer.state) });
  if (!answer.log) {
    tellThere(text);
    location.assign("/cases");
    return;
  }
  await load();
  showSuccess(place, text);
}
