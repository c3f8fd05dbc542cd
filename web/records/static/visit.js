// A visit in three presses: 已探访, then how the person was. "All well" is held for ten seconds, in which it can be taken back.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendKept } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { showFailure } from "../../static/js/status.js";
import { showToast } from "../../static/js/toast.js";
import { textIn } from "../../static/forms/state.js";
import { fillHref, reportAddress, roundOf } from "./addresses.js";
import { deliver, newWay } from "./delivery.js";

const FORM = "elder_visit";
const HELD_MS = 10_000;
const held = new Set();
const WELL = { seen: "yes", signs: ["none"] };

/** How a person was, in the place of a line; `task` has the person as its subject, `saved` is called once the record is kept. */
export async function openVisit(place, task, saved) {
  if (place.firstChild) {
    fill(place);
    return;
  }
  try {
    const [state] = await Promise.all([consentOf(task), prepare()]);
    if (state === "open") offer(place, task, saved);
    else fill(place, consentFirst(task, state));
  } catch (failure) {
    showFailure(place.appendChild(h("div", { "aria-live": "polite" })), failure);
  }
}

/** How visits stand with a person: agreed to, not asked yet, or refused. Asked before anything is noted, so that nothing is lost. */
async function consentOf({ subject }) {
  const { fields } = await getJson(`/api/v1/persons/${encodeURIComponent(subject.id)}/fields`);
  return fields.find(({ purpose }) => purpose === "elder_visits")?.state ?? "not_asked";
}

function consentFirst({ subject }, state) {
  if (state === "refused") return h("p", { class: "note" }, icon("eye-slash"), " ", _("未同意探访,不安排。"));
  const path = `/households/${encodeURIComponent(subject.household)}#purpose-elder_visits`;
  return h("p", { class: "note" }, icon("info-circle"), " ", _("还没有征求老人探访的同意。"), " ", h("a", { class: "button primary", href: path }, _("先征求同意")));
}

function offer(place, task, saved) {
  const status = h("div", { "aria-live": "polite" });
  const more = h("div");
  const visit = { place, task, saved, status, more };
  const press = (word, sign, act, kind = "button") => h("button", { type: "button", class: kind, onclick: act }, icon(sign), word);
  fill(
    place,
    h(
      "div",
      { class: "answers visit" },
      press(_("平安"), "check-circle", () => hold(visit), "button primary"),
      press(_("需要帮助"), "exclamation-triangle", () => askSigns(visit)),
      press(_("没见到"), "eye-slash", () => askAbsent(visit)),
      h("a", { class: "button", href: fillHref(task) }, icon("clipboard-check"), _("填整张表")),
    ),
    more,
    status,
  );
  place.querySelector("button").focus();
}

/** Sent after ten seconds, or as soon as the page goes out of sight: nothing is lost with it. */
function hold(visit) {
  const record = recordOf(visit.task, WELL);
  const stop = () => {
    held.delete(visit);
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", leave);
    removeEventListener("pagehide", leave);
  };
  const leave = ({ type }) => {
    if (type !== "pagehide" && document.visibilityState !== "hidden") return;
    stop();
    send(visit, record);
  };
  const timer = setTimeout(() => {
    stop();
    send(visit, record);
  }, HELD_MS);
  document.addEventListener("visibilitychange", leave);
  addEventListener("pagehide", leave);
  held.add(visit);
  const takeBack = () => {
    stop();
    fill(visit.place);
  };
  const undo = h("button", { type: "button", class: "button", onclick: takeBack }, icon("arrow-counterclockwise"), _("撤销"));
  fill(visit.place, h("p", { class: "load", role: "status" }, icon("check-circle"), _("已记平安,十秒后送出")), h("div", { class: "answers" }, undo));
}

let opened = null;

/** The form as it is filled now; asked for once. */
async function prepare() {
  opened ??= await getJson(`/api/v1/forms/${FORM}`);
  return opened;
}

/** A record of now; until one has arrived, whatever is noted for the task goes out under the same id. */
function recordOf(task, answers) {
  const body = { form: FORM, subject: { kind: "person", id: task.subject.id }, day: page.today, filled_at: new Date().toISOString(), answers };
  const answered = task.filled_for ?? task.key;
  return { body, links: { task: answered, round: roundOf(answered) } };
}

/** By the key of its task, the way of a record that hasn't arrived yet as far as the page knows. */
const ways = new Map();

function wayOf({ key }) {
  if (!ways.has(key)) ways.set(key, newWay());
  return ways.get(key);
}

/** Keep a record; what fails is said in the line, with what was chosen still there to be sent again. */
async function send(visit, record) {
  try {
    const { version } = await prepare();
    const answer = await deliver(wayOf(visit.task), { ...record, body: { ...record.body, version } }, sendKept);
    ways.delete(visit.task.key);
    showToast(outcomeWords(answer));
    const { signs } = record.body.answers;
    if (signs && signs !== WELL.signs) fill(visit.place, caseOffer(visit, answer.id));
    else if (held.size) visit.place.closest("li")?.remove(); // the list anew would take away what is held in other lines
    else await visit.saved();
  } catch (failure) {
    if (!visit.status.isConnected) fill(visit.place, visit.status);
    showFailure(visit.status, failure, () => send(visit, record));
  }
}

/** Who needs help may need somebody else for it: a case at this building, or nothing more. */
function caseOffer({ task, saved }, id) {
  const href = reportAddress({ id, subject: task.subject });
  const done = h("button", { type: "button", class: "button", onclick: () => saved() }, _("不用,已办好"));
  return [h("p", { class: "load", role: "status" }, icon("check-circle"), _("已记探访。需要部门处理的,可以上报案件。")), h("div", { class: "answers" }, h("a", { class: "button primary", href }, icon("megaphone"), _("上报案件")), done)];
}

function outcomeWords({ is_attempt: isAttempt, not_met: count, follows }) {
  if (follows) return _("先前的已收到;这次的改动已作为更正保存。");
  if (isAttempt) return _("未同意探访:只记下今天来过。");
  return count > 1 ? _("已记。连续 {n} 次没见到,请与邻居或民警同去。", { n: count }) : _("已记探访。");
}

async function askSigns(visit) {
  try {
    const { tree } = await prepare();
    fill(visit.more, signsForm(visit, tree));
    visit.more.querySelector("input").focus();
  } catch (failure) {
    showFailure(visit.status, failure, () => askSigns(visit));
  }
}

function signsForm(visit, tree) {
  const signs = tree.choices.signs.filter(({ name }) => name !== "none");
  const boxes = signs.map(({ name, label }) => h("label", {}, h("input", { type: "checkbox", name: "signs", value: name }), h("span", {}, textIn(label, document.documentElement.lang.slice(0, 2)))));
  const note = h("textarea", { name: "signs_note", rows: 2, maxlength: 1000 });
  const form = formOf(visit, [h("fieldset", { class: "chips" }, h("legend", {}, _("有没有异常")), boxes), h("label", { class: "field" }, h("span", {}, _("说明(可不填)")), note)], () => {
    const chosen = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    return { seen: "yes", signs: chosen.length ? chosen : ["other"], ...(note.value.trim() ? { signs_note: note.value.trim() } : {}) };
  });
  return form;
}

function askAbsent(visit) {
  fill(visit.more, formOf(visit, [h("p", { class: "note" }, _("记下今天来过、没有见到;到期仍会提醒再去。"))], () => ({ seen: "no" })));
  visit.more.querySelector("button").focus();
}

function formOf(visit, nodes, answers) {
  const form = h("form", { class: "register-form", autocomplete: "off" }, nodes, h("div", { class: "answers" }, h("button", { class: "button primary" }, _("保存"))));
  let [text, record] = ["", null];
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = answers();
    if (JSON.stringify(given) !== text) [text, record] = [JSON.stringify(given), recordOf(visit.task, given)];
    await send(visit, record);
  });
  return form;
}
