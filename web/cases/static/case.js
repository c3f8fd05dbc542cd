// One case: where, what, who, by when; what happened so far, and the next step.

import { membersList } from "../../static/js/card.js";
import { openActs } from "./acts.js";
import { dropDraft } from "./draft.js";
import { flagsOf } from "./flags.js";
import { logOf } from "./log.js";
import { photosOf } from "./photos.js";
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
  const found = await waitIn(place, () => getJson(here));
  if (!found) return;
  self.number = found.number;
  document.title = `${found.number} ${categoryWord(found.category_name || "")}`;
  fill(
    card,
    heading(found),
    facts(found),
    waitsForHelpers(found),
    nearBorder(found),
    description(found),
    found.members ? membersList(found.members) : null,
    h("div", { id: "waits" }),
    photosOf(found, acts.photo),
    stepsOf(found, acts.step),
    may("positions:set") && (found.actions || []).length ? positionLink() : null,
    logOf(found.log || []),
  );
  acts.show();
  const entrust = document.getElementById("entrust");
  if (entrust) entrust.hidden = hasEnded(found.state); // a step taken here may have ended it
  if (found.lon === null || found.lon === undefined) return;
  flyTo(view.map, found.lon, found.lat, 17);
  markPlace(view.map, found.lon, found.lat);
}

function positionLink() {
  const href = `/cases/${encodeURIComponent(page.case_id)}/position`;
  return h("p", {}, h("a", { class: "button", href }, icon("geo-alt"), _("改位置")));
}

function heading(found) {
  return h(
    "header",
    {},
    h("h1", {}, found.number),
    h(
      "p",
      {},
      h("strong", {}, categoryWord(found.category_name || found.category)),
      " ",
      severityWord(found.severity),
      " · ",
      h("span", { class: `state ${found.state}` }, stateWord(found.state)),
      " ",
      flagsOf(found),
      " ",
      hasEnded(found.state) && found.overdue
        ? h("span", { class: "load bad" }, icon("exclamation-octagon"), _("超期"))
        : null,
    ),
    hasEnded(found.state) ? null : h("p", {}, countdown(found)),
    yearsNote(found),
  );
}

function facts(found) {
  const grid =
    found.grid && found.grid.name ? found.grid.name : found.grid_name || found.grid || _("未归入网格");
  const pairs = [
    [_("地点"), found.address || nearBuilding(found)],
    [levelWord("grid"), grid],
    [_("上报时间"), time(found.reported_at)],
    [_("来源"), sourceWord(found.source)],
    [_("反映人电话"), found.contact],
    [_("热线类别"), found.limit?.hotline ? classText(found.limit.hotline) : null],
    [_("办理期限"), time(found.deadline)],
    [_("提醒与上报"), hasEnded(found.state) ? null : levels(found)],
    [_("责任人"), found.owner],
    [_("办理层级"), found.route ? levelWord(found.route) : null],
    [_("协办人"), helpers(found)],
    [_("条线部门"), found.line_name],
    [_("认领截止"), !found.handler && found.claim_until ? time(found.claim_until) : null],
    [_("重复案件"), found.duplicate_of],
    [_("办理结果"), found.result],
    [_("办结方式"), found.resolution ? resolutionWord(found.resolution) : null],
    [_("反馈"), feedback(found)],
    [_("评价"), found.rating ? _("速度 {speed} 星,效果 {effect} 星", found.rating) : null],
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

function helpers(found) {
  const word = (one) => (taskWord(one.signed_at ? "finished" : one.receipted_at ? "receipted" : "given"));
  return (found.co_handlers || []).map((one) => `${one.name}(${word(one)})`).join("、");
}

/** Why a case can't be closed yet, where that is up to who helps with it. */
function waitsForHelpers(found) {
  const left = (found.co_handlers || []).filter((one) => !one.signed_at).map((one) => one.name);
  if (!left.length || hasEnded(found.state) || !(found.actions || []).length) return null;
  const words = _("协办人办结后才能结案:{names}", { names: left.join("、") });
  return h("p", { class: "notice amber" }, icon("people"), words);
}

function nearBorder(found) {
  if (found.near_border_m === null || found.near_border_m === undefined || found.near_border_m >= 15)
    return null;
  return h(
    "p",
    { class: "notice amber" },
    icon("exclamation-triangle"),
    _("离网格边界只有 {n} 米,请核对位置。", { n: number(Math.round(found.near_border_m)) }),
  );
}

function description(found) {
  return found.description ? h("p", { class: "description" }, found.description) : null;
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
