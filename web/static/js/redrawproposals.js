// Helpers that propose: balance, micro grids, tidy. They work in the background; nothing changes before somebody accepts.

import { fill, h } from "./dom.js";
import { getJson, removeJson, sendJson } from "./fetch.js";
import { number } from "./format.js";
import { _ } from "./i18n.js";
import { specOf } from "./map.js";
import { page } from "./page.js";
import { acceptProposal, newPlan, pathTo, said } from "./redrawplan.js";
import { drawPreview, makePreview } from "./redrawpreview.js";
import { gridList, isLocked, nameOf, state } from "./redrawstate.js";

const EVERY_MS = 700;
const NOTHING = 0.0005; // a floor that would read 0.0 %
const KINDS = {
  balance: () => _("均衡户数"),
  micro_grids: () => _("分微网格"),
  tidy: () => _("理顺边界"),
};
const ABOUT = {
  balance: () => _("让各网格户数接近,外形紧凑,每格连成一片。"),
  micro_grids: () => _("把一个网格分成几个户数相近的微网格。"),
  tidy: () => _("只挪没有楼栋和住户的地块,把参差的边界理直。"),
};
const CHOICES = {
  start: [
    ["current", () => _("从现有网格调整")],
    ["nothing", () => _("全部重新划")],
  ],
  few_changes: [
    ["balanced", () => _("兼顾")],
    ["few", () => _("尽量少改")],
    ["none", () => _("不限")],
  ],
  barriers: [
    ["ignore", () => _("不考虑")],
    ["avoid", () => _("尽量不跨")],
    ["never", () => _("绝不跨")],
  ],
};

const desk = {
  wish: { kind: "balance", start: "current", grids: "", few_changes: "balanced", barriers: "ignore", grid: "", parts: "" },
  plan: null, // the plan it was asked for
  job: null, // as the server gives it
  preview: null,
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

function isOvertaken() {
  return desk.stand !== standOf();
}

function standOf() {
  return JSON.stringify((state.plan?.edits || []).map(({ position, op }) => [position, op]));
}

function leave() {
  Object.assign(desk, { job: null, preview: null, failed: "" });
}

function parts() {
  const { job, failed } = desk;
  const told = failed ? h("p", { class: "notice bad", role: "alert" }, failed) : null;
  if (!job) return [form(), told];
  if (["queued", "running"].includes(job.state)) return [floorOf(job), progress(job), told];
  if (job.state === "done") return [floorOf(job), outcome(job), told];
  return [form(), told];
}

function form() {
  const { kind } = desk.wish;
  const made = h(
    "form",
    { id: "helpers" },
    h("fieldset", { class: "choice" }, h("legend", { class: "visually-hidden" }, _("要助手做什么")), Object.keys(KINDS).map(kindChoice)),
    h("p", { class: "muted" }, ABOUT[kind]()),
    kind === "balance" && balanceFields(),
    kind === "micro_grids" && microFields(),
    h("button", { class: "button primary" }, _("开始计算")),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  return made;
}

function kindChoice(kind) {
  const input = h("input", {
    type: "radio",
    name: "kind",
    value: kind,
    checked: desk.wish.kind === kind,
    onchange: () => {
      desk.wish.kind = kind;
      desk.failed = "";
      desk.show();
      document.querySelector(`#helpers [value=${kind}]`)?.focus();
    },
  });
  return h("label", {}, input, h("span", {}, KINDS[kind]()));
}

function balanceFields() {
  return h(
    "div",
    { class: "row" },
    select("start", _("起点"), CHOICES.start),
    count("grids", _("网格数"), gridList().length, 1),
    select("few_changes", _("改动"), CHOICES.few_changes),
    select("barriers", _("小区边界"), CHOICES.barriers),
  );
}

function microFields() {
  const free = gridList().filter(({ code }) => !isLocked(code));
  if (!free.some(({ code }) => code === desk.wish.grid)) desk.wish.grid = state.target || free[0]?.code || "";
  const options = free.map(({ code, name }) => [code, () => name]);
  return h("div", { class: "row" }, select("grid", _("网格"), options), count("parts", _("分成几个"), _("自动"), 2));
}

function select(name, word, options) {
  const made = h(
    "select",
    { name, onchange: () => (desk.wish[name] = made.value) },
    options.map(([value, told]) => h("option", { value, selected: desk.wish[name] === value }, told())),
  );
  return h("label", { class: "field" }, h("span", {}, word), made);
}

function count(name, word, placeholder, least) {
  const made = h("input", {
    name,
    type: "number",
    min: least,
    max: 200,
    inputmode: "numeric",
    autocomplete: "off",
    placeholder: String(placeholder),
    value: desk.wish[name],
    oninput: () => (desk.wish[name] = made.value),
  });
  return h("label", { class: "field" }, h("span", {}, word), made);
}

function body() {
  const { kind, grid, grids, parts: micro, ...rest } = desk.wish;
  if (kind === "tidy") return { kind };
  if (kind === "micro_grids") return { kind, grid, ...(micro && { parts: Number(micro) }) };
  return { kind, ...rest, ...(grids && { grids: Number(grids) }) };
}

async function begin() {
  await trying(async () => {
    if (!state.plan) await newPlan(_("{day} 网格调整", { day: page.as_of }));
    desk.plan = state.plan.id;
    desk.stand = standOf();
    const told = await sendJson(pathTo(desk.plan, "proposals"), body());
    desk.job = { ...told, kind: desk.wish.kind, state: "queued", progress: 0 };
    follow(told.job);
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
  let found;
  try {
    found = await getJson(pathTo(desk.plan, "proposals", id));
  } catch (failure) {
    desk.failed = said(failure); // asked again with the next tick
    desk.show();
    return;
  }
  if (desk.job?.job !== id) return;
  const isNew = found.state !== desk.job.state;
  desk.job = found;
  desk.failed = found.state === "failed" ? found.message : "";
  desk.preview = found.state === "done" && !found.is_stale ? makePreview(found.result.cells, specOf("redraw").style.colours) : null;
  if (found.state === "failed" || found.state === "cancelled") desk.job = null;
  if (isNew || found.state === "done") desk.show();
  else stepOn(found);
}

/** While it works only the bar moves, so that a button under a finger stays where it is. */
function stepOn(job) {
  const bar = document.getElementById("helpers-bar");
  if (bar) bar.value = job.progress;
}

function floorOf(job) {
  const facts = [h("strong", {}, KINDS[job.kind]())];
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
    desk.wish.grids = String(grids);
    await begin();
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
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "button primary", id: "helpers-accept", disabled: isStale || isSame, onclick: accept }, _("采用建议")),
      h("button", { type: "button", class: "button", onclick: cancel }, _("不采用")),
    ),
    !isStale && !isSame && h("p", { class: "muted" }, _("地图上粗线是建议的边界,深色是要换网格的地块。采用后仍可撤销。")),
  ];
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

function figures({ kind, result }) {
  const { before, after } = result;
  const row = (word, old, now) => h("tr", {}, h("th", { scope: "row" }, word), h("td", {}, old), h("td", {}, now));
  const word = kind === "micro_grids" ? _("微网格数") : _("网格数");
  return h(
    "table",
    { class: "impact-table", id: "helpers-figures", "aria-label": _("建议前后对比") },
    h("thead", {}, h("tr", {}, [_("项目"), _("原来"), _("建议")].map((title) => h("th", { scope: "col" }, title)))),
    h(
      "tbody",
      {},
      row(word, number(before.grids), number(after.grids)),
      row(_("最大偏差"), percent(before.max_off), percent(after.max_off)),
      row(_("平均紧凑度"), number(before.compactness, 2), number(after.compactness, 2)),
      row(_("内部边界(米)"), number(before.border_m), number(after.border_m)),
      row(_("跨小区的网格"), number(before.crossing), number(after.crossing)),
      row(_("换网格的户数"), "", number(result.moved_households)),
      row(_("换网格的地块"), "", number(result.moved_cells)),
    ),
  );
}

function gridTable(result) {
  const rows = result.grids.map(({ code, name, is_new: isNew, households_before: before, households, off }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, isNew ? _("新网格 {n}", { n: code.slice(-3) }) : state.grids.has(code) ? nameOf(code) : name),
      h("td", {}, number(before)),
      h("td", {}, number(households)),
      h("td", {}, signedPercent(off)),
    ),
  );
  return h(
    "details",
    {},
    h("summary", {}, _("各网格户数")),
    h(
      "table",
      { class: "impact-table", "aria-label": _("各网格户数") },
      h("thead", {}, h("tr", {}, [_("网格"), _("原来"), _("建议"), _("偏差")].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, rows),
    ),
  );
}

function percent(share) {
  return `${number(100 * share, 1)} %`;
}

function signedPercent(share) {
  return `${share > 0 ? "+" : ""}${percent(share)}`;
}
