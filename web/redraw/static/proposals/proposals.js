// Helpers that propose: balance, micro grids, tidy. They work in the background; nothing changes before somebody accepts.

import { fill, h } from "../../../static/js/dom.js";
import { getJson, removeJson, sendJson } from "../../../static/js/fetch.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { specOf } from "../../../static/map/map.js";
import { page } from "../../../static/js/page.js";
import { acceptProposal, newPlan, pathTo, said } from "../plan/plan.js";
import { drawPreview, makePreview } from "./preview.js";
import { percent, tolerances } from "./curve.js";
import { figures, gridTable } from "./outcome.js";
import { gridList, state } from "../state.js";
import { KINDS, asked, missing, wish, wishForm } from "./wishes.js";

const EVERY_MS = 700;
const NOTHING = 0.0005; // a floor that would read 0.0 %
const desk = {
  plan: null, // the plan it was asked for
  job: null, // as the server gives it
  preview: null,
  curve: null, // what other tolerances would change, kept while one of them is tried
  failed: "",
};

/** The helpers in the panel and their preview on the map; call what is given whenever the plan changes. */
export function openProposals(place, { map }, isFree) {
  const box = h("details", { class: "helpers" }, h("summary", {}, _("方案助手")));
  const content = h("div", {});
  box.append(content);
  place.append(box);
  const picture = drawPreview(map, () => desk.preview);
  const show = () => {
    place.hidden = !isFree() && !desk.job;
    picture.redraw();
    fill(content, parts());
  };
  desk.show = show;
  return () => {
    if (desk.job && desk.plan !== state.plan?.id) leave();
    if (desk.job?.state === "done" && isOvertaken()) ask(); // stale, or no longer so
    const shown = JSON.stringify([isFree(), state.plan?.id, gridList().map(({ code, name }) => [code, name]), [...(state.plan?.locks || [])]]);
    if (desk.shown !== shown) show();
    desk.shown = shown;
  };
}

/** What was missing from a wish is no longer said once the wish changes. */
function formAnew() {
  const made = wishForm(beginAnew, desk.show);
  made.addEventListener("change", () => {
    desk.failed = "";
    document.querySelector("#proposals [role=alert]")?.remove();
  });
  return made;
}

function isOvertaken() {
  return desk.stand !== standOf();
}

function standOf() {
  return JSON.stringify((state.plan?.edits || []).map(({ position, op }) => [position, op]));
}

function leave() {
  Object.assign(desk, { job: null, preview: null, curve: null, failed: "" });
}

function parts() {
  const { job, failed } = desk;
  const notice = failed ? h("p", { class: "notice bad", role: "alert" }, failed) : null;
  if (!job) return [formAnew(), notice];
  if (["queued", "running"].includes(job.state)) return [floorOf(job), progress(job), notice];
  if (job.state === "done") return [floorOf(job), outcome(job), notice];
  return [formAnew(), notice];
}

/** What was found for another wish is no longer of use. */
async function beginAnew() {
  desk.curve = null;
  desk.failed = missing();
  if (desk.failed) desk.show();
  else await begin();
}

async function begin() {
  await trying(async () => {
    if (!state.plan) await newPlan(_("{day} 网格调整", { day: page.as_of }));
    desk.plan = state.plan.id;
    desk.stand = standOf();
    const answer = await sendJson(pathTo(desk.plan, "proposals"), asked());
    desk.job = { ...answer, kind: wish.kind, state: "queued", progress: 0 };
    follow(answer.job);
  });
  document.getElementById("helpers-cancel")?.focus();
}

async function trying(work) {
  desk.failed = "";
  try {
    await work();
  } catch (failure) {
    desk.failed = said(failure);
  }
  desk.show();
}

function follow(id) {
  setTimeout(async () => {
    if (desk.job?.job !== id) return;
    await ask();
    if (["queued", "running"].includes(desk.job?.state)) follow(id);
  }, EVERY_MS);
}

async function ask() {
  const id = desk.job.job;
  desk.stand = standOf();
  let job;
  try {
    job = await getJson(pathTo(desk.plan, "proposals", id));
  } catch (failure) {
    desk.failed = said(failure); // asked again with the next tick
    desk.show();
    return;
  }
  if (desk.job?.job !== id) return;
  const isNew = job.state !== desk.job.state;
  desk.job = job;
  desk.failed = job.state === "failed" ? job.message : "";
  desk.curve = job.result?.curve ?? desk.curve;
  desk.preview = job.state === "done" && !job.is_stale ? makePreview(job.result.cells, specOf("redraw").style.colours) : null;
  if (job.state === "failed" || job.state === "cancelled") desk.job = null;
  if (isNew || job.state === "done") desk.show();
  else stepOn(job);
}

/** While it works only the bar moves, so that a button under a finger stays where it is. */
function stepOn(job) {
  const bar = document.getElementById("helpers-bar");
  if (bar) bar.value = job.progress;
  const share = document.getElementById("helpers-share");
  if (share) share.textContent = percent(job.progress, 0);
}

function floorOf(job) {
  const facts = [h("strong", {}, KINDS[job.kind])];
  if (job.kind === "tidy") facts.push(h("p", {}, _("可挪的空地块 {n} 个。", { n: number(job.free_cells) })));
  else facts.push(h("p", { id: "helpers-floor" }, floorWords(job)));
  return h("div", { class: "helpers-floor" }, facts, (job.notes || []).map((note) => h("p", { class: "notice warn" }, note)), suggestions(job));
}

/** The best that anybody could reach, said before it is tried. */
function floorWords({ grids, floor }) {
  const n = number(grids);
  if (floor < NOTHING) return _("分 {n} 格,没有什么妨碍户数均衡。", { n });
  return _("分 {n} 格,最大偏差再好也不会低于 {floor}。", { n, floor: percent(floor) });
}

function suggestions(job) {
  if (job.kind !== "balance" || !job.suggestions?.length) return null;
  const again = (grids) => async () => {
    await putAway();
    Object.assign(wish, { by: "grids", grids: String(grids) });
    await beginAnew();
  };
  return h(
    "p",
    { class: "row" },
    job.suggestions.map(({ grids, floor }) =>
      h("button", { type: "button", class: "button", onclick: again(grids) }, _("改为 {n} 格(下限 {floor})", { n: number(grids), floor: percent(floor) })),
    ),
  );
}

function progress(job) {
  const word = job.state === "queued" ? _("排队中…") : _("正在计算…");
  return h(
    "div",
    { class: "row helpers-progress" },
    h("progress", { id: "helpers-bar", max: 1, value: job.progress, "aria-label": word }),
    h("span", { id: "helpers-share", "aria-hidden": "true" }, percent(job.progress, 0)),
    h("span", { role: "status" }, word),
    h("button", { type: "button", class: "button", id: "helpers-cancel", onclick: cancel }, _("取消计算")),
  );
}

async function cancel() {
  await trying(putAway);
  document.querySelector("#helpers button")?.focus();
}

async function putAway() {
  const { job } = desk.job;
  leave();
  await removeJson(pathTo(desk.plan, "proposals", job));
}

function outcome(job) {
  const { result, is_stale: isStale } = job;
  const isSame = result.moved_cells === 0;
  return [
    isStale && h("p", { class: "notice warn" }, _("提出建议之后方案又改动过,请重新计算。")),
    isSame && h("p", { class: "notice" }, _("现有划分已经是这样,没有可改的。")),
    result.notes.map((note) => h("p", { class: "notice warn" }, note)),
    figures(job),
    job.kind !== "tidy" && !isSame && gridTable(result),
    job.kind === "balance" && desk.curve && tolerances(desk.curve, job.options.tolerance, pick),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "button primary", id: "helpers-accept", disabled: isStale || isSame, onclick: accept }, _("采用建议")),
      h("button", { type: "button", class: "button", onclick: cancel }, _("不采用")),
    ),
    !isStale && !isSame && h("p", { class: "muted" }, _("地图上粗线是建议的边界,深色是要换网格的地块。采用后仍可撤销。")),
  ];
}

/** The same with another tolerance; what the others would change stays in sight. */
async function pick(tolerance) {
  const { curve } = desk;
  await trying(putAway);
  Object.assign(wish, { tolerance: String(Number((100 * tolerance).toFixed(2))), curve: false });
  desk.curve = curve;
  await begin();
}

async function accept() {
  const { job } = desk.job;
  desk.failed = "";
  const isTaken = await acceptProposal(job);
  if (isTaken) leave();
  else desk.failed = state.refused;
  desk.show();
  document.querySelector("#helpers button")?.focus();
}

