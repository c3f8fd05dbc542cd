// A form about somebody or something: the subject, consent where nobody asked, the questions, and what came of them.
// What is typed stays in this tab until it was sent; nothing of it is in an address or outlives the tab.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendFile, sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { newId } from "../../static/js/ids.js";
import { page } from "../../static/js/page.js";
import { sayMissing, showFailure, waitIn } from "../../static/js/status.js";
import { bytesOf } from "../../static/forms/digest.js";
import { openForm } from "../../static/forms/form.js";
import { chooseSubject } from "./choosesubject.js";
import { askConsent, askReason } from "./fillfirst.js";
import { outcomeNode } from "./filloutcome.js";

startFrame();
const section = document.getElementById("fill");
const [status, content] = [section.querySelector(".status"), section.querySelector(".content")];
const query = new URLSearchParams(location.search);
const language = document.documentElement.lang.slice(0, 2);
const corrects = query.get("corrects");
const DRAFT = `fill:${page.account}:`;
const key = `${DRAFT}${page.form}:${query.get("subject") ?? ""}:${corrects ?? ""}`;
const state = { reason: null };
for (const name of Object.keys(sessionStorage)) if (name.startsWith("fill:") && !name.startsWith(DRAFT)) sessionStorage.removeItem(name);
load();

async function load() {
  const form = await waitIn(status, () => getJson(`/api/v1/forms/${encodeURIComponent(page.form)}`));
  if (!form) return;
  const subject = subjectOf(form);
  if (!subject) fill(content, chooseSubject(form.tree.settings.subject));
  else await begin(form, subject);
}

function subjectOf({ tree }) {
  const [kind, id] = (query.get("subject") ?? "").split(":");
  if (tree.settings.subject === "community") return { kind: "community", id: null };
  return kind && id ? { kind, id } : null;
}

async function begin(form, subject) {
  const path = `/api/v1/subjects/${encodeURIComponent(subject.kind)}/${encodeURIComponent(subject.id ?? "-")}/prefill?form=${encodeURIComponent(page.form)}`;
  const answer = await waitIn(status, () => (state.reason ? sendJson(path, { reason: state.reason }) : getJson(path)));
  if (!answer) return;
  const again = () => begin(form, subject);
  if (!answer.is_shown) {
    fill(content, about(answer), askReason((reason) => ((state.reason = reason), again())));
    return;
  }
  if (answer.consent === "not_asked") fill(content, about(answer), askConsent(page.consent, answer.subject.household, again));
  else await open(form, subject, answer);
}

const about = ({ subject }) => h("p", { class: "fill-about" }, h("strong", {}, subject.label || subject.address), subject.address && subject.address !== subject.label ? ` · ${subject.address}` : "");

async function open(form, subject, begun) {
  const former = corrects ? await waitIn(status, () => recordBefore()) : null;
  if (corrects && !former) return;
  const given = draft();
  const filled = openForm({
    ...{ tree: without(form.tree, new Set(begun.closed)), prefill: begun, language, today: page.today },
    ...{ isGranted: begun.is_granted || !form.purpose, answers: former?.answers ?? null, draft: given, onChange: () => keep(filled) },
  });
  const reason = corrects ? h("input", { type: "text", maxlength: 200, id: "correct-reason" }) : null;
  const said = h("div", { class: "beside", "aria-live": "polite" });
  const save = h("button", { type: "button", class: "button primary" }, icon("check-circle"), corrects ? _("保存更正") : _("保存"));
  save.addEventListener("click", async () => {
    if (reason && !reason.value.trim()) return sayMissing(said, _("请写明更正的原因"));
    save.disabled = true;
    await send({ form, subject, filled, said, reason: reason?.value.trim() });
    save.disabled = false;
    return undefined;
  });
  fill(
    content,
    about(begun),
    begun.consent === "refused" ? h("p", { class: "notice amber" }, icon("eye-slash"), _("未同意,只填不涉及个人信息的题目。")) : null,
    given ? h("p", { class: "notice" }, icon("clock"), _("已带回还没有送出的内容;照片请重拍。")) : null,
    filled.element,
    reason ? h("label", { class: "field" }, h("span", {}, _("更正的原因")), reason) : null,
    h("div", { class: "answers" }, save),
    said,
  );
}

function recordBefore() {
  const path = `/api/v1/records/${encodeURIComponent(corrects)}`;
  return state.reason ? sendJson(path, { reason: state.reason }) : getJson(path);
}

/** A form whose closed questions are never asked: who refused them isn't asked again. */
function without(tree, closed) {
  const shut = (item) => ({ ...item, ...(closed.has(item.name) ? { relevant: ["call", "false"] } : {}), ...(item.items ? { items: item.items.map(shut) } : {}) });
  return closed.size ? { ...tree, items: tree.items.map(shut) } : tree;
}

function keep(filled) {
  state.body = null;
  try {
    sessionStorage.setItem(key, JSON.stringify(filled.result().answers));
  } catch (failure) {
    if (failure.name !== "QuotaExceededError") throw failure;
  }
}

function draft() {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Photos first, then the record; a second try sends the very same, which is taken once. */
async function send({ form, subject, filled, said, reason }) {
  if (!state.body || state.body.reason !== reason) {
    const result = filled.result();
    filled.show(result.faults);
    if (result.faults.length) return;
    state.photos = result.photos;
    state.body = { id: newId(), form: page.form, version: form.version, subject, day: page.today, filled_at: new Date().toISOString(), answers: result.answers, bases: result.bases, task: query.get("task"), round: query.get("round"), reason };
  }
  try {
    for (const [digest, text] of Object.entries(state.photos)) await sendFile(`/api/v1/photos/${digest}`, "PUT", bytesOf(text), "image/jpeg");
    const path = corrects ? `/api/v1/records/${encodeURIComponent(corrects)}/correct` : "/api/v1/records";
    const answer = await sendJson(path, state.body);
    sessionStorage.removeItem(key);
    fill(content, outcomeNode(answer));
    content.querySelector("a").focus();
  } catch (failure) {
    const own = (failure.faults ?? []).filter(({ field }) => field?.startsWith("answers."));
    if (failure.status === 422) state.body = null;
    if (own.length) filled.show(own);
    if (!own.length || own.length < failure.faults.length) showFailure(said, failure, failure.status === 422 ? null : () => send({ form, subject, filled, said, reason }));
  }
}
