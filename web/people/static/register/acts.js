// What is sent to the server for a household and its people, and how its answers are told.

import { getJson, sendJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";
import { fieldOf } from "./fields.js";
import { showToast } from "../../../static/js/toast.js";

const address = (kind, id, rest) => `/api/v1/${kind}/${encodeURIComponent(id)}/${rest}`;

/** The acts on one household. `reason()` is why a head edits; `again(person)` shows the card anew, that person open. */
export function actsOf(household, { reason, again }) {
  const send = (path, body = {}) => sendJson(path, reason() ? { ...body, reason: reason() } : body);
  const read = (kind, id) => (reason() ? send(address(kind, id, "fields")) : getJson(address(kind, id, "fields")));
  const undo = async (change, person = null) => {
    await send(address("edits", change, "undo"));
    await again(person);
    showToast(_("已撤销。"));
  };
  const correct = async (kind, id, row, value) => {
    const answer = await send(address(kind, id, "edits"), { edits: [{ field: row.field, value, base: row.base }] });
    const [{ became, change }] = answer.fields;
    const fresh = (await read(kind, id)).fields.find(({ field }) => field === row.field);
    const label = fieldOf(row.field).label;
    if (became === "clash") return { value: fresh.value, base: fresh.base, clash: { now: fresh.value, typed: value } };
    if (became === "written") showToast(_("已改{field}。", { field: label }), () => undo(change, kind === "persons" ? id : null));
    else showToast(_("没有变化,已核对{field}。", { field: label }));
    return { value: fresh.value, base: fresh.base, clash: null };
  };
  const done = async (act, text, person = null) => {
    const answer = await act;
    const change = answer.change ?? answer.fields?.[0]?.change ?? null;
    await again(person);
    showToast(text, change ? () => undo(change, person) : null);
  };
  const ask = async (answers) => {
    for (const [purpose, status] of answers) {
      await send(address("households", household, "answers"), { purpose, status });
      page.purposes.find((row) => row.purpose === purpose).status = status;
    }
    if (answers.length) await showAnswers();
  };
  const undoAll = async (changes) => {
    for (const change of changes) await send(address("edits", change, "undo"));
    await again();
    showToast(_("已撤销。"));
  };
  return {
    undo,
    readChanges: () => (reason() ? send(address("households", household, "changes")) : getJson(address("households", household, "changes"))),
    moveOut: async (body) => {
      const { changes } = await send(address("households", household, "leave"), body);
      await again();
      showToast(_("已记全户迁出。"), () => undoAll(changes));
    },
    read: () => read("households", household),
    readPerson: (person) => read("persons", person),
    correctHousehold: (row, value) => correct("households", household, row, value),
    correctPerson: (person, row, value) => correct("persons", person, row, value),
    addPerson: async (values, answers) => {
      await ask(answers);
      if (values) await send(address("households", household, "persons"), values);
      await again(values?.id ?? null);
      showToast(values ? _("已添加一人。") : _("已记录。"));
    },
    addBirth: (body) => done(send(address("households", household, "births"), body), _("已记新出生。")),
    leave: (person, body) => done(send(address("persons", person, "leave"), body), body.why === "died" ? _("已记去世。") : _("已记迁出。"), null),
    comeBack: (person) => done(send(address("persons", person, "come-back")), _("已记迁回。"), person),
    readServices: (person) => (reason() ? send(address("persons", person, "services")) : getJson(address("persons", person, "services"))),
    setServer: (person, kind, body) => done(send(address("persons", person, `needs/${encodeURIComponent(kind)}/service`), body), _("已记由谁服务。"), person),
    endServer: (person, kind) => done(send(address("persons", person, `needs/${encodeURIComponent(kind)}/service/end`)), _("已记不再服务。"), person),
    setNeed: (person, body) => done(send(address("persons", person, "needs"), body), _("已登记需要。"), person),
    endNeed: (person, kind) => done(send(address("persons", person, `needs/${encodeURIComponent(kind)}/end`)), _("已记不再需要。"), person),
  };
}

/** The answers below stand anew, as the server tells them now. */
async function showAnswers() {
  const text = await (await fetch(location.pathname, { credentials: "same-origin" })).text();
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const { id } of fresh.querySelectorAll("section.purpose"))
    document.getElementById(id)?.replaceWith(document.importNode(fresh.getElementById(id), true));
}
