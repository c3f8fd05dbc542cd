// The page on which grid boundaries are redrawn.

import { startFrame } from "./frame.js";
import { number } from "./format.js";
import { _ } from "./i18n.js";
import { flyTo, markPlace, openMap, specOf } from "./map.js";
import { may } from "./page.js";
import { openPanel } from "./panel.js";
import { showDecisions, showPlans } from "./redrawdecide.js";
import { showHint } from "./redrawhints.js";
import { openList } from "./redrawlist.js";
import { showFindings, showHistory, showImpact } from "./redrawpanel.js";
import { edit, loadPlans, openPlan, redo, undo } from "./redrawplan.js";
import { changed, gridList, isEditable, isLocked, onChange, state } from "./redrawstate.js";
import { hand, holdMap, openTools, takeTool } from "./redrawtools.js";
import { showPlan } from "./redrawview.js";
import { openResult } from "./search.js";
import { read } from "./state.js";
import { waitIn } from "./status.js";
import { sortableTable } from "./table.js";

const spec = specOf("redraw");
const view = openMap();
const { map } = view;
const isFree = () => isEditable(may("redraw_edit")) && state.grids.size > 0;
const find = (id) => document.getElementById(id);
const toolbar = find("tools");

openPanel();
startFrame(onPick);
document.querySelector("[data-home]").addEventListener("click", view.home);
showPlan(view, { opacity: spec.style.fill_opacity }, hand);
const table = sortableTable(find("rows"), {
  columns: columns(),
  keyOf: (grid) => grid.code,
  onSelect: (code) => {
    state.target = code;
    changed();
  },
  empty: _("还没有网格。"),
});
find("rename").addEventListener("submit", rename);
if (toolbar) openToolbar();
const showList = may("redraw_edit") ? openList(find("list"), map) : () => null;
onChange((what) => keepFocus(() => render(what)));
load();

/** What is drawn anew loses the focus; whoever works by keyboard finds it again on the same control. */
function keepFocus(work) {
  const { id, name, value, type } = document.activeElement || {};
  work();
  if (document.activeElement !== document.body) return;
  const same = type === "radio" ? `[value="${CSS.escape(value)}"]` : "";
  const wanted = id ? `#${CSS.escape(id)}` : name ? `[name="${CSS.escape(name)}"]${same}` : null;
  if (wanted) document.querySelector(wanted)?.focus();
}

async function load() {
  const asked = read("plan");
  await waitIn(find("status"), async () => {
    await loadPlans();
    await openPlan(asked || null);
  });
}

function openToolbar() {
  openTools(map, isFree);
  for (const button of toolbar.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => takeTool(map, button.dataset.tool));
  }
  find("undo").addEventListener("click", undo);
  find("redo").addEventListener("click", redo);
  takeTool(map, "paint");
}

function render(what) {
  showHint(find("hint"), isFree(), what);
  if (what === "stroke") return;
  showPlans(find("plan"));
  showFindings(find("findings"), map);
  showImpact(find("impact"));
  showHistory(find("edits"));
  showDecisions(find("decide"));
  showList(what);
  table.setRows(gridList().map(({ code, name, properties }) => ({ ...properties, code, name })));
  table.select(state.target);
  renderName();
  if (toolbar) renderToolbar();
}

function renderToolbar() {
  holdMap(map, isFree());
  for (const button of toolbar.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === state.tool));
    button.disabled = !isFree();
  }
  find("undo").disabled = !isFree() || !state.plan?.can_undo;
  find("redo").disabled = !isFree() || !state.plan?.can_redo;
}

function renderName() {
  const grid = state.grids.get(state.target);
  const form = find("rename");
  form.hidden = !grid || !isFree();
  if (!grid || form.dataset.code === `${grid.code} ${grid.name}`) return;
  form.dataset.code = `${grid.code} ${grid.name}`;
  form.elements.name.value = grid.name;
}

function rename(event) {
  event.preventDefault();
  const name = event.target.elements.name.value.trim();
  if (name) edit({ op: "rename", area: state.target, name });
}

function columns() {
  const figure = (key, title) => ({
    key,
    title,
    numeric: true,
    value: (grid) => grid[key],
    cell: (grid) => number(grid[key]),
  });
  return [
    {
      key: "name",
      title: _("网格"),
      value: (grid) => grid.name,
      cell: (grid) => (isLocked(grid.code) ? `${grid.name}(${_("已锁定")})` : grid.name),
    },
    figure("households", _("户数")),
    figure("elders", _("老人")),
    figure("open_cases", _("在办案件")),
  ];
}

function onPick(result) {
  if (result.lon === null || result.lon === undefined) {
    openResult(result);
    return;
  }
  flyTo(map, result.lon, result.lat);
  markPlace(map, result.lon, result.lat);
}
