// A form about somebody or something: the subject, consent where nobody asked, the questions, and what came of them.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { emptyNote, sayMissing, showFailure, waitIn } from "../../static/js/status.js";
import { openForm } from "../../static/forms/form.js";
import { recordAddress } from "./addresses.js";
import { chooseSubject } from "./choosesubject.js";
import { draftOf } from "./filldraft.js";
import { askConsent, askReason } from "./fillfirst.js";
import { showOutcome } from "./filloutcome.js";
import { recordSender } from "./fillsend.js";

startFrame();
const section = document.getElementById("fill");
const [status, content] = [section.querySelector(".status"), section.querySelector(".content")];
const query = new URLSearchParams(location.search);
const corrects = query.get("corrects");
const language = document.documentElement.lang.slice(0, 2);
const state = { reason: null };
start();

async function start() {
  if (corrects) return startCorrection();
  const form = await waitIn(status, () => getJson(`/api/v1/forms/${encodeURIComponent(page.form)}`));
  if (!form) return undefined;
  const subject = subjectOf(form.tree.settings.subject);
  if (!form.may_fill) return fill(content, emptyNote(_("这张表单由其他岗位填写。"), h("a", { class: "button", href: "/forms" }, _("表单"))));
  if (!subject) return fill(content, chooseSubject(form.tree.settings.subject));
  return begin({ form, subject });
}

function subjectOf(kind) {
  const [named, id] = (query.get("subject") ?? "").split(":");
  if (kind === "community") return { kind, id: null };
  return named && id ? { kind: named, id } : null;
}

/** A record that is corrected: its own form and answers, as they were. */
async function startCorrection() {
  const path = `/api/v1/records/${encodeURIComponent(corrects)}`;
  const former = await waitIn(status, () => (state.reason ? sendJson(path, { reason: state.reason }) : getJson(path)));
  if (!former) return;
  const { line } = former;
  if (!former.is_shown) fill(content, about(line.subject), askReason((reason) => ((state.reason = reason), startCorrection())));
  else if (!former.may_correct) fill(content, emptyNote(_("这条记录不能再更正:只有填写人在七天内,或之后由网管员和负责人更正最新的一条。"), h("a", { class: "button", href: recordAddress(corrects) }, _("返回记录"))));
  else await begin({ form: { tree: former.tree, version: former.version, purpose: former.purpose }, subject: { kind: line.subject.kind, id: line.subject.id }, former });
}

async function begin(filling) {
  const begun = await waitIn(status, () => prefillOf(filling));
  if (!begun) return;
  const again = () => begin(filling);
  if (begun.is_missing) fill(content, emptyNote(_("没有这个对象,或不在您负责的范围内。"), h("a", { class: "button", href: location.pathname }, _("换一个"))));
  else if (!begun.is_shown) fill(content, about(begun.subject), askReason((reason) => ((state.reason = reason), again())));
  else if (begun.consent !== "not_asked") open({ ...filling, begun });
  else if (may("consent:record")) fill(content, about(begun.subject), askConsent(page.consent, begun.subject.household, again));
  else fill(content, about(begun.subject), emptyNote(_("还没有征求同意。由网格员或网管员先当面征求。"), h("a", { class: "button", href: "/work" }, _("今日工作"))));
}

/** What the register knows; the form of an old record may not be filled any more, and is corrected without it. */
async function prefillOf({ subject, former }) {
  const path = `/api/v1/subjects/${encodeURIComponent(subject.kind)}/${encodeURIComponent(subject.id ?? page.community.code)}/prefill?form=${encodeURIComponent(page.form)}`;
  try {
    return await (state.reason ? sendJson(path, { reason: state.reason }) : getJson(path));
  } catch (failure) {
    if (failure.status !== 404) throw failure;
    if (!former) return { is_missing: true };
    return { is_shown: true, is_granted: true, consent: "open", closed: [], subject: former.line.subject };
  }
}

function about(subject) {
  const address = subject.address && subject.address !== subject.label ? h("span", {}, " · ", subject.address) : null;
  return h("p", { class: "fill-about" }, h("strong", {}, subject.label || subject.address), address);
}

function open(filling) {
  const { form, begun, former } = filling;
  const draft = draftOf(`${page.form}:${query.get("subject") ?? ""}:${corrects ?? ""}`);
  const before = draft.read();
  const tree = withoutClosed(form.tree, new Set(begun.closed));
  const filled = openForm({
    ...{ tree, language, today: former?.line.day ?? page.today, isGranted: begun.is_granted, closedRows: begun.closed_rows ?? {} },
    ...{ prefill: former ? null : begun, answers: former?.answers ?? null, draft: before },
    ...{ photoUrl: (digest) => `/api/v1/records/${encodeURIComponent(corrects)}/photos/${digest}`, onChange: () => changed() },
  });
  const sender = recordSender(filling, filled, draft);
  const changed = () => {
    sender.forget();
    draft.keep(filled.result().answers);
  };
  const reason = corrects ? h("input", { type: "text", maxlength: 200, id: "correct-reason", oninput: () => sender.forget() }) : null;
  const said = h("div", { class: "beside", "aria-live": "polite" });
  const save = h("button", { type: "button", class: "button primary", id: "fill-save" }, icon("check-circle"), corrects ? _("保存更正") : _("保存"));
  const submit = async () => {
    if (reason && !reason.value.trim()) return sayMissing(said, _("请写明更正的原因"));
    fill(said);
    save.disabled = true;
    const answer = await sender.send(reason?.value.trim(), (failure) => failed(filled, said, failure, submit));
    save.disabled = false;
    if (!answer) return undefined;
    draft.drop();
    return showOutcome(content, answer, begun.subject);
  };
  save.addEventListener("click", submit);
  fill(
    content,
    about(begun.subject),
    begun.consent === "refused" ? refusedNote(begun.subject) : null,
    before ? h("p", { class: "notice" }, icon("clock"), h("span", {}, _("已带回还没有送出的内容;照片请重拍。"))) : null,
    filled.element,
    reason ? h("label", { class: "field" }, h("span", {}, _("更正的原因")), reason) : null,
    h("div", { class: "answers" }, save),
    said,
  );
}

function refusedNote({ household }) {
  const way = household && may("households:find") ? h("a", { href: `/households/${encodeURIComponent(household)}` }, _("同意有变化时在住户页登记")) : null;
  return h("p", { class: "notice amber", id: "fill-refused" }, icon("eye-slash"), h("span", {}, _("未同意,只填不涉及个人信息的题目;保存后只记下今天来过。"), " ", way));
}

/** Faults of answers stand at their questions, all others below; nothing that was filled is lost. */
function failed(filled, said, failure, again) {
  const own = (failure.faults ?? []).filter(({ field }) => field?.startsWith("answers."));
  if (own.length) filled.show(own);
  if (own.length && own.length === failure.faults.length) return;
  showFailure(said, failure, failure.status === 422 ? null : again);
  said.scrollIntoView({ block: "nearest" });
}

/** A form whose closed questions are never asked: who refused them isn't asked again. */
function withoutClosed(tree, closed) {
  const shut = (item) => (item.items ? { ...item, items: item.items.map(shut) } : closed.has(item.name) ? { ...item, relevant: ["call", "false"] } : item);
  return closed.size ? { ...tree, items: tree.items.map(shut) } : tree;
}
