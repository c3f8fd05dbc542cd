// What is settled by hand: one press each; a line that is settled goes, and what it became is told.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { may } from "../../static/js/page.js";
import { emptyNote, showFailure, waitIn } from "../../static/js/status.js";
import { authorOf, wordOf, wordsOf } from "../../static/js/words.js";
import { time } from "../../static/js/format.js";
import { fieldOf, valueWord } from "./register/fields.js";
import { reasonForm } from "./register/reason.js";
import { showToast } from "../../static/js/toast.js";

const noteWord = wordOf("door_notes");
const likenessWord = wordOf("likeness");

startFrame();
list("clashes", "/api/v1/clashes", clashLine, () => _("没有。两个人改同一项、后一个没看到前一个改过时,会列在这里。"));
list("door-notes", "/api/v1/door-notes", noteLine, () => _("没有。楼栋管家看到有人搬来、搬走或空置时,会列在这里。"));
list("duplicates", "/api/v1/duplicates", pairLine, () => _("没有。同名同生日、或两户同一电话的人,会列在这里。"));

async function list(id, path, line, nothing) {
  const section = document.getElementById(id);
  const answer = await waitIn(section.querySelector(".status"), () => getJson(path));
  if (answer) show(section, answer.rows, line, nothing);
}

function show(section, rows, line, nothing) {
  section.querySelector(".count").textContent = rows.length ? _("{n} 条", { n: rows.length }) : "";
  const settled = (row, text) => {
    show(section, rows.filter((other) => other !== row), line, nothing);
    showToast(text);
  };
  const lines = rows.map((row) => line(row, (text) => settled(row, text)));
  fill(section.querySelector(".content"), lines.length ? h("ul", { class: "plain record" }, lines) : emptyNote(nothing()));
}

/** A line: what it is about, and a button for each way to settle it, as `[icon, word, path, body, what is told]`. */
function settleLine(facts, buttons, settled) {
  const status = h("div", { "aria-live": "polite" });
  const press = async (button, path, body, text) => {
    button.disabled = true;
    try {
      await sendJson(path, body);
      settled(text);
    } catch (failure) {
      button.disabled = false;
      showFailure(status, failure);
    }
  };
  const button = ([sign, word, path, body, text]) =>
    h("button", { type: "button", class: "button", onclick: (event) => press(event.currentTarget, path, body, text) }, icon(sign), word);
  return h("li", {}, facts, h("div", { class: "answers" }, buttons.map(button)), status);
}

function homeLink(household, address) {
  return household ? h("a", { href: `/households/${encodeURIComponent(household)}` }, address) : h("strong", {}, address);
}

function clashLine(row, settled) {
  const path = `/api/v1/clashes/${encodeURIComponent(row.id)}`;
  const { label } = fieldOf(row.field);
  const facts = [
    h("p", {}, homeLink(row.household, row.address), " ", [row.name, label].filter(Boolean).join(" · ")),
    row.is_shown
      ? h("dl", { class: "facts" }, fact(_("登记表里"), valueWord(row.field, row.register)), fact(_("后来写的"), valueWord(row.field, row.answer)))
      : h("p", { class: "note" }, icon("lock"), " ", _("内容不在清单里显示,写明事由再定。")),
    h("p", { class: "note" }, [`${time(row.at)} ${row.by ? authorOf(row.by) : ""}`, row.look_again_at ? _("{at} 要求再去核实", { at: time(row.look_again_at) }) : ""].filter(Boolean).join(" · ")),
  ];
  if (!row.is_shown && may("clashes:settle")) return reasonLine(row, facts, path, settled);
  const settle = [
    ["check-circle", _("用后来写的"), `${path}/settle`, { takes_answer: true }, _("已改为后来写的。")],
    ["x-lg", _("登记表不变"), `${path}/settle`, { takes_answer: false }, _("登记表不变。")],
  ];
  const again = ["arrow-clockwise", _("再去核实"), `${path}/look-again`, {}, _("已要求再去核实。")];
  return settleLine(facts, [...(may("clashes:settle") ? settle : []), again], settled);
}

/** Heads give a reason with what they decide. */
function reasonLine(row, facts, path, settled) {
  const place = h("div", {});
  const line = h("li", {}, facts, place);
  const ask = () =>
    fill(
      place,
      reasonForm((reason) => {
        const body = (takes) => ({ takes_answer: takes, reason });
        const buttons = [
          ["check-circle", _("用后来写的"), `${path}/settle`, body(true), _("已改为后来写的。")],
          ["x-lg", _("登记表不变"), `${path}/settle`, body(false), _("登记表不变。")],
        ];
        line.replaceWith(settleLine(facts, buttons, settled));
      }),
    );
  fill(place, h("div", { class: "answers" }, h("button", { type: "button", class: "button", onclick: ask }, icon("pencil-square"), _("写明事由再定"))));
  return line;
}

function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function noteLine(row, settled) {
  const path = `/api/v1/door-notes/${encodeURIComponent(row.id)}/settle`;
  const door = [row.unit ? _("{n} 单元", { n: row.unit }) : "", row.room].filter(Boolean).join(" ");
  const facts = [
    h("p", {}, h("a", { href: `/buildings/${encodeURIComponent(row.building)}/doors` }, row.address), ` ${door} `, h("strong", {}, noteWord(row.kind))),
    h("p", { class: "note" }, _("{day} 看到", { day: row.day })),
  ];
  const signs = { registered: "pencil-square", as_known: "check-circle", wrong: "x-lg" };
  const buttons = Object.entries(wordsOf("door_outcomes")).map(([outcome, word]) => [signs[outcome], word, path, { outcome }, _("已处理。")]);
  return settleLine(facts, buttons, settled);
}

function pairLine(row, settled) {
  const path = `/api/v1/duplicates/${encodeURIComponent(row.id)}/decide`;
  const person = ({ name, household, address, grid }) =>
    h("li", {}, address ? [homeLink(household, address), " ", name || _("未登记姓名")] : _("网格 {grid} 的一个人", { grid: grid || "—" }));
  const facts = [h("p", {}, h("strong", {}, row.alike.map(likenessWord).join("、"))), h("ul", { class: "plain" }, [row.first, row.second].map(person))];
  const buttons = [
    ["union", _("是同一个人"), path, { is_same: true }, _("已记:是同一个人。请到多登记的那一户记为迁出。")],
    ["columns-gap", _("不是同一个人"), path, { is_same: false }, _("已记:不是同一个人。")],
  ];
  return settleLine(facts, may("duplicates:decide") ? buttons : [], settled);
}
