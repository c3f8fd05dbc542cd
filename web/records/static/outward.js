// A table of another office: fields by the kind of rows, filling it, and what remains empty in it.

import { fill, h, icon } from "../../static/js/dom.js";
import { address, Problem, sendJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { startFrame } from "../../static/js/frame.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { showFailure, waitIn } from "../../static/js/status.js";

startFrame();
const { code, fields, places, forms } = page.outward;
const path = `/api/v1/outward/${encodeURIComponent(code)}`;
const form = document.getElementById("fill");
const status = document.getElementById("fill-status");
for (const select of document.querySelectorAll("select[data-rows]")) {
  select.addEventListener("change", () => offerFields(select));
  showPeople(select);
}
if (form) form.addEventListener("submit", onSubmit);

/** Columns of rows about something else hold other fields; what was chosen comes back where it is there again. */
function offerFields(select) {
  for (const column of document.querySelectorAll(`select[name^="column-${select.dataset.rows}-"]`)) {
    const chosen = column.value || column.dataset.before || "";
    column.dataset.before = chosen;
    const groups = fields[select.value].map(([group, options]) =>
      h("optgroup", { label: group }, options.map(([value, word]) => h("option", { value }, word))),
    );
    fill(column, column.options[0], groups);
    column.value = chosen;
    if (column.selectedIndex < 0) column.selectedIndex = 0;
  }
  showPeople(select);
}

/** Only rows of persons ask which persons. */
function showPeople(select) {
  document.querySelector(`[data-people="${select.dataset.rows}"]`).hidden = select.value !== "person";
}

function onSubmit(event) {
  if (event.submitter && event.submitter.hasAttribute("formaction")) return; // asks for approval, as a form
  event.preventDefault();
  fillTable();
}

function wanted() {
  return Object.fromEntries(["area", "month", "reason"].map((name) => [name, form.elements[name].value.trim() || null]));
}

async function fillTable() {
  const answer = await waitIn(status, () => request(wanted()));
  if (!answer) return;
  const { file, name, counts, gaps, asking } = answer;
  const link = h("a", { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  status.hidden = false;
  fill(status, filledBox(counts, gaps, asking));
}

async function request(body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": page.csrf || "" };
  const here = address(path, { community: page.community ? page.community.code : null });
  let answer;
  try {
    answer = await fetch(here, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) });
  } catch {
    throw new Problem(0);
  }
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  const said = answer.headers.get("Content-Disposition") || "";
  const name = decodeURIComponent((said.match(/filename\*=UTF-8''([^;]+)/) || ["", `${code}.xlsx`])[1]);
  return { file: await answer.blob(), name, counts: countsOf(answer), gaps: gapsOf(answer), asking: formsOf(answer) };
}

function pairsOf(answer, header) {
  const text = answer.headers.get(header) || "";
  return text ? text.split(", ").map((part) => part.split("=")) : [];
}

function countsOf(answer) {
  return Object.fromEntries(pairsOf(answer, "Outward-Counts").map(([name, value]) => [name, Number(value)]));
}

function gapsOf(answer) {
  return pairsOf(answer, "Outward-Gaps").map(([where, value]) => {
    const [sheet, place] = where.split(".");
    const [empty, unplanned, refused] = value.split("/").map(Number);
    return { place, title: places[Number(sheet)][place] || "", empty, unplanned, refused };
  });
}

/** The forms that ask for what is empty: how many cells, and about how many. */
function formsOf(answer) {
  return pairsOf(answer, "Outward-Forms").map(([name, value]) => {
    const [cells, subjects] = value.split("/").map(Number);
    return { name, cells, subjects };
  });
}

/** How many cells came from what is known, how many remain empty, and why. */
function filledBox(counts, gaps, asking) {
  const share = `${counts.cells ? Math.floor((100 * counts.prefilled) / counts.cells) : 0}%`;
  const values = { cells: number(counts.cells), prefilled: number(counts.prefilled), share, empty: number(counts.empty), refused: number(counts.no_consent) };
  return h(
    "div",
    { class: "notice good", id: "filled" },
    icon("check-circle"),
    h(
      "div",
      {},
      h("p", {}, h("strong", {}, _("本表 {cells} 格,自动填 {prefilled} 格({share}),空 {empty} 格,未同意 {refused} 格", values))),
      counts.left_out ? h("p", {}, _("另有 {n} 人不同意登记,没有列入。", { n: number(counts.left_out) })) : null,
      gaps.length ? h("p", {}, _("空着的地方和原因:")) : null,
      gaps.length ? h("ul", { class: "plain" }, gaps.map(gapLine)) : null,
      roundChoice(asking),
    ),
  );
}

function gapLine(gap) {
  const reasons = [
    gap.unplanned ? _("没有选对应字段 {n} 格", { n: number(gap.unplanned) }) : null,
    gap.empty ? _("登记和记录里没有 {n} 格", { n: number(gap.empty) }) : null,
    gap.refused ? _("本人未同意 {n} 格", { n: number(gap.refused) }) : null,
  ].filter(Boolean);
  return h("li", {}, `${gap.title}(${gap.place}):${reasons.join(",")}`);
}

/** What nobody knows yet can be asked for in a round, by whoever drafts rounds; of several forms one is chosen. */
function roundChoice(asking) {
  if (!asking.length) return null;
  const said = h("div", { class: "status", hidden: true });
  const words = _("把空着的做成采集轮次");
  if (asking.length === 1) return h("div", {}, roundButton(words, asking[0].name, said), said);
  const buttons = asking.map(({ name, cells, subjects }) => {
    const values = { form: forms[name] || name, cells: number(cells), n: number(subjects) };
    return h("li", {}, roundButton(_("{form}:能问 {cells} 格,{n} 个对象", values), name, said));
  });
  return h("div", {}, h("p", {}, `${words},${_("选用哪张表单:")}`), h("ul", { class: "plain choices" }, buttons), said);
}

function roundButton(words, name, said) {
  return h("button", { type: "button", class: "button", onclick: () => draftRound(name, said) }, icon("list-check"), words);
}

async function draftRound(name, place) {
  try {
    const answer = await sendJson(`${path}/round`, { ...wanted(), form: name });
    location.assign(`/rounds/${encodeURIComponent(answer.id)}`);
  } catch (failure) {
    showFailure(place, failure);
  }
}
