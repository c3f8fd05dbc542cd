// One grid: its name and who serves it. Opened from the table, and from a finding that asks for a person.

import { fill, h, icon } from "../../../static/js/dom.js";
import { getJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { specOf } from "../../../static/map/map.js";
import { edit, said } from "./plan.js";
import { nameOf, state } from "../state.js";
import { dutyWord } from "../../../static/js/words.js";

/** Duties of a grid that a plan may change. */
const KINDS = ["grid_member", "grid_supervisor", "community_police", "party_cadre", "specialist"];

const asked = { kind: "", rows: null, failed: "" };

/** Show the grid that is chosen; nothing while none is, or while the plan can't be edited. */
export function showGrid(place, isFree) {
  const grid = state.grids.get(state.target);
  place.hidden = !grid || !isFree;
  const shown = place.hidden ? "" : `${grid.code} ${grid.name} ${asked.kind} ${asked.rows?.length} ${asked.failed}`;
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  fill(place, shown ? [h("h2", {}, grid.name), renameForm(grid), dutyBox(place, grid)] : null);
}

/** Open the choice of a person for a grid. */
export async function openDuty(place, kind = "grid_member") {
  asked.kind = KINDS.includes(kind) ? kind : "grid_member";
  await loadWorkers(place);
  place.querySelector("details.duty")?.setAttribute("open", "");
  place.scrollIntoView({ block: "nearest" });
  place.querySelector("[name=worker]")?.focus();
}

function renameForm(grid) {
  const name = h("input", { name: "name", required: true, maxlength: 60, autocomplete: "off", value: grid.name });
  const made = h(
    "form",
    { class: "row", id: "rename" },
    h("label", { class: "field wide" }, h("span", {}, _("网格名称")), name),
    h("button", { class: "button" }, _("改名")),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (name.value.trim()) edit({ op: "rename", area: grid.code, name: name.value.trim() });
  });
  return made;
}

function dutyBox(place, grid) {
  const box = h("details", { class: "duty", open: asked.rows !== null }, h("summary", {}, _("换人负责")), dutyForm(place, grid));
  box.addEventListener("toggle", () => box.open && !asked.rows && loadWorkers(place));
  return box;
}

/** Whoever may take the duty that was chosen; nobody before one was. */
async function loadWorkers(place) {
  try {
    if (!asked.kind) Object.assign(asked, { rows: [], failed: "" });
    else await askForWorkers();
  } catch (failure) {
    Object.assign(asked, { rows: [], failed: said(failure) });
  }
  showGrid(place, true);
}

async function askForWorkers() {
  const { rows } = await getJson(specOf("redraw").urls.plans.replace(/plans$/, "workers"), { kind: asked.kind });
  Object.assign(asked, { rows, failed: "" });
}

function dutyForm(place, grid) {
  const kind = h(
    "select",
    {
      name: "kind",
      required: true,
      onchange: () => {
        asked.kind = kind.value;
        loadWorkers(place);
      },
    },
    h("option", { value: "" }, _("请选择")),
    KINDS.map((code) => h("option", { value: code, selected: code === asked.kind }, dutyWord(code))),
  );
  const worker = h("select", { name: "worker", required: true }, h("option", { value: "" }, _("选人")), (asked.rows || []).map(workerOption));
  const made = h(
    "form",
    { class: "row duty-form" },
    h("label", { class: "field" }, h("span", {}, _("岗位")), kind),
    h("label", { class: "field wide" }, h("span", {}, _("人员")), worker),
    h("button", { class: "button" }, icon("people"), _("由他负责")),
    asked.failed ? h("p", { class: "notice bad", role: "alert" }, asked.failed) : null,
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    edit(dutyOf(grid.code, worker.value));
  });
  return made;
}

function dutyOf(area, worker) {
  const isMember = asked.kind === "grid_member";
  return { op: "duty", area, worker, kind: asked.kind, primary: isMember, replace: isMember };
}

function workerOption({ id, name, areas }) {
  const held = (areas || []).filter((code) => state.grids.has(code)).map(nameOf).join("、");
  return h("option", { value: id }, held ? `${name} · ${held}` : name);
}
