// Who visits a person: shown beside the name, and set by whoever may.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, removeJson, sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { showFailure, waitIn } from "../../static/js/status.js";
import { visitorWord } from "../../static/js/words.js";

const ELDER_AGE = 60;

/** The visitor of a person of a card, with a button that opens the form; nothing where that may not be known. */
export function visitorOf(person) {
  if (!("visitor" in person)) return null;
  const place = h("div", { class: "visitor" });
  showVisitor(place, person, person.visitor);
  return place;
}

function showVisitor(place, person, visitor) {
  const open = () => openForm(place, person);
  if (!visitor && !isElder(person)) {
    fill(place, h("button", { type: "button", class: "link", onclick: open }, _("设定探访人")));
    return;
  }
  fill(
    place,
    h("span", { class: "who" }, icon("person-circle"), h("span", {}, visitor ? visitorLine(visitor) : _("还没有探访人"))),
    visitor?.agree_with
      ? h("span", { class: "to-agree" }, _("网格已换人,请与 {name} 商定由谁探访", { name: visitor.agree_with }))
      : null,
    h("button", { type: "button", class: "button", onclick: open }, visitor ? _("更改探访人") : _("设定探访人")),
  );
}

/** Others may have a visitor too, but nobody misses one. */
function isElder({ age }) {
  return typeof age === "number" && age >= ELDER_AGE;
}

function visitorLine({ kind, name, since }) {
  return _("探访人 {name} · {kind} · {since} 起", { name, kind: visitorWord(kind), since });
}

async function openForm(place, person) {
  const path = `/api/v1/residents/${encodeURIComponent(person.id)}/visitor`;
  const status = h("div", {});
  fill(place, status);
  const answer = await waitIn(status, () => getJson(path));
  if (!answer) return;
  const close = (now) => showVisitor(place, person, now);
  const save = async (act) => {
    try {
      close((await act()).visitor);
    } catch (failure) {
      showFailure(status, failure);
    }
  };
  place.append(form(answer, { save, path, close: () => close(answer.visitor) }), former(answer.former) || "");
}

function form({ choices, visitor }, { save, path, close }) {
  const kinds = ["worker", "volunteer", "organisation"];
  const kind = select(_("谁来探访"), kinds.map((kind) => [kind, visitorWord(kind)]), visitor?.kind);
  const worker = select(_("在岗人员"), byNearness(choices), visitor?.worker);
  const name = h("input", { maxlength: 80, autocomplete: "off", value: visitor?.worker ? "" : visitor?.name });
  const named = h("label", {}, _("姓名或名称"), name);
  const choose = () => {
    const isWorker = kind.field.value === "worker";
    worker.label.hidden = !isWorker;
    worker.field.required = isWorker;
    named.hidden = isWorker || !kind.field.value;
    name.required = !isWorker;
  };
  kind.field.addEventListener("change", choose);
  choose();
  const body = h(
    "form",
    { class: "reason" },
    kind.label,
    worker.label,
    named,
    h(
      "div",
      { class: "answers" },
      h("button", { class: "button primary" }, _("保存")),
      visitor
        ? h("button", { type: "button", class: "button", onclick: () => save(() => removeJson(path)) }, _("不再探访"))
        : null,
      h("button", { type: "button", class: "button", onclick: close }, _("取消")),
    ),
  );
  body.addEventListener("submit", (event) => {
    event.preventDefault();
    const isWorker = kind.field.value === "worker";
    const who = isWorker ? { worker: worker.field.value } : { name: name.value };
    save(() => sendJson(path, { kind: kind.field.value, ...who }));
  });
  return body;
}

function select(word, options, chosen) {
  const option = ([value, text]) => h("option", { value, selected: value === chosen }, text);
  const group = ({ title, rows }) => h("optgroup", { label: title }, rows.map(option));
  const field = h("select", { required: true }, h("option", { value: "" }, _("请选择")), options.map((choice) => (choice.rows ? group(choice) : option(choice))));
  return { field, label: h("label", {}, word, field) };
}

/** Who serves the grid the person lives in stands before all others. */
function byNearness(choices) {
  const named = (rows) => rows.map(({ id, name }) => [id, name]);
  const near = choices.filter((choice) => choice.near);
  const far = choices.filter((choice) => !choice.near);
  if (!near.length) return named(far);
  return [
    { title: _("本网格"), rows: named(near) },
    { title: _("其他网格"), rows: named(far) },
  ].filter(({ rows }) => rows.length);
}

function former(rows) {
  if (!rows.length) return null;
  const line = (row) => _("{name} · {kind} · {since} 至 {until}", { ...row, kind: visitorWord(row.kind) });
  return h("details", {}, h("summary", {}, _("以前的探访人")), h("ul", { class: "plain" }, rows.map((row) => h("li", {}, line(row)))));
}
