// The page on which grid boundaries are redrawn.

import { startFrame } from "../../static/js/frame.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { listLeftOut } from "../../static/map/leftout.js";
import { flyTo, markPlace, openMap, specOf } from "../../static/map/map.js";
import { isMeasuring } from "../../static/map/measure.js";
import { may } from "../../static/js/page.js";
import { openPanel } from "../../static/js/panel.js";
import { showDecisions, showPlans, showStep } from "./plan/decide.js";
import { outlineOf } from "./tools/accept.js";
import { openChanges, zoomWhenOpen } from "./plan/changes.js";
import { openCompare } from "./plan/compare.js";
import { openDuty, showGrid } from "./plan/grid.js";
import { openHelp } from "./help.js";
import { showHint } from "./hints.js";
import { openKeys } from "./tools/keys.js";
import { openList } from "./tools/list.js";
import { showImpact } from "./plan/impact.js";
import { showFindings, showHistory } from "./panel.js";
import { openProposals } from "./proposals/proposals.js";
import { edit, loadPlans, openPlan, redo, undo } from "./plan/plan.js";
import { showSigns } from "./signs.js";
import { loadPlaces } from "./places.js";
import { changed, gridList, isEditable, isLocked, onChange, state } from "./state.js";
import { CORNERS_FROM_ZOOM, hand, holdMap, isPressed, openTools, takeTool } from "./tools/tools.js";
import { showPlan } from "./view.js";
import { openResult } from "../../static/js/search.js";
import { read } from "../../static/js/state.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { levelWord } from "../../static/js/words.js";

const EDGE_PX = 8; // within its own margin the row of tools counts as at its end
const spec = specOf("redraw");
const isViewGiven = Boolean(read("z"));
const view = openMap();
const { map } = view;
const isFree = () => isEditable(may("redraw:edit")) && state.grids.size > 0 && !isMeasuring();
const find = (id) => document.getElementById(id);
const toolbar = find("tools");

const panel = openPanel();
startFrame(onPick);
document.querySelector("[data-home]").addEventListener("click", view.home);
showPlan(view, { opacity: spec.style.fill_opacity, cornersFrom: CORNERS_FROM_ZOOM, outlineOf }, hand);
const table = sortableTable(find("rows"), {
  columns: columns(),
  keyOf: (grid) => grid.code,
  onSelect: (code) => {
    state.target = code;
    changed();
  },
  empty: _("还没有网格。"),
});
listLeftOut(view, table);
if (toolbar) openToolbar();
new ResizeObserver(fitMap).observe(find("hint"));
const showList = may("redraw:edit") ? openList(find("list"), map) : () => null;
const showProposals = may("redraw:edit") ? openProposals(find("proposals"), view, isFree) : () => null;
const showChanges = openChanges(find("changes"), map);
const followCompared = openCompare(map);
onChange((what) => keepFocus(() => render(what)));
map.on("measuring", () => changed());
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
  if (asked && !isViewGiven) zoomWhenOpen(asked);
  await waitIn(find("status"), async () => {
    await loadPlans();
    await openPlan(asked || null);
  });
  showFromEdgeToEdge();
  await loadPlaces();
  changed("stroke");
}

/** The community is fitted into what is left of the map once its foot has its height. */
function showFromEdgeToEdge() {
  fitMap();
  map.invalidateSize({ pan: false });
  if (!isViewGiven) view.home();
}

function openToolbar() {
  openTools(map, isFree);
  for (const button of toolbar.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => takeTool(map, button.dataset.tool));
  }
  find("undo").addEventListener("click", undo);
  find("redo").addEventListener("click", redo);
  find("renumber").addEventListener("click", () => edit({ op: "renumber" }));
  const showHelp = openHelp(find("help"));
  find("show-help").addEventListener("click", showHelp);
  openKeys(map, isFree, showHelp);
  map.on("zoomend", () => state.tool === "move" && changed("stroke"));
  toolbar.addEventListener("scroll", showEdges, { passive: true });
  new ResizeObserver(showEdges).observe(toolbar);
  takeTool(map, "paint");
}

/** The map ends where its foot begins; only what was refused may lie over it, and nothing moves under a hand. */
function fitMap() {
  if (isPressed()) return;
  const [foot, refused] = [find("hint").offsetHeight, find("refused")];
  const said = refused.hidden ? 0 : refused.offsetHeight + Number.parseFloat(getComputedStyle(find("hint")).rowGap);
  find("hint").parentElement.style.setProperty("--foot", `${foot - said}px`);
}

/** Fade the edge of the row of tools behind which there are more. */
function showEdges() {
  const left = toolbar.scrollLeft;
  toolbar.classList.toggle("more-before", left > EDGE_PX);
  toolbar.classList.toggle("more-after", left + toolbar.clientWidth < toolbar.scrollWidth - EDGE_PX);
}

function render(what) {
  showHint(find("hint"), { isFree: isFree(), map }, what);
  if (what === "stroke") return;
  followCompared();
  showPlans(find("plan"));
  showFindings(find("findings"), map, openFix);
  showChanges();
  showImpact(find("impact"));
  showHistory(find("edits"));
  showDecisions(find("decide"));
  showStep(find("step"));
  showList(what);
  showProposals();
  table.setRows(gridList().map(({ code, name, properties }) => ({ ...properties, code, name })));
  table.select(state.target);
  showGrid(find("grid"), isFree());
  showSigns(find("legend"), map);
  find("renumbering").hidden = !isFree();
  if (toolbar) renderToolbar();
}

function renderToolbar() {
  const taken = toolbar.querySelector(`[data-tool="${state.tool}"]`);
  if (taken?.getAttribute("aria-pressed") === "false") taken.scrollIntoView({ block: "nearest", inline: "center" });
  holdMap(map, isFree());
  for (const button of toolbar.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === state.tool));
    button.disabled = !isFree();
  }
  find("undo").disabled = !isFree() || !(state.plan?.can_undo || state.held);
  find("redo").disabled = !isFree() || !state.plan?.can_redo;
}

/** Take the tool that mends a finding, aimed at its grid; what no tool here mends, others may. */
function openFix(fix) {
  state.target = fix.grid ?? state.target;
  const grid = state.grids.get(fix.grid);
  if (fix.tool === "duty") {
    changed();
    openDuty(find("grid"), fix.kind);
  } else if (toolbar.querySelector(`[data-tool="${CSS.escape(fix.tool)}"]`)) {
    takeTool(map, fix.tool);
    state.target = fix.grid ?? state.target; // again: some tools begin without a target
    changed();
    if (grid) showWhole(grid);
    if (window.matchMedia("(max-width: 768px)").matches) panel.close();
  } else document.dispatchEvent(new CustomEvent("redraw-fix", { detail: fix }));
}

function showWhole({ box: [west, south, east, north] }) {
  map.fitBounds([[south, west], [north, east]], { padding: [40, 40], animate: false });
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
      title: levelWord("grid"),
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
