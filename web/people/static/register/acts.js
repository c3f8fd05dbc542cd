// What is sent to the server for a household and its people, and how its answers are shown.

import { getJson, sendJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { fieldOf } from "./fields.js";
import { showToast } from "./toast.js";

const API = "/api/v1";
const path = (kind, id, rest) => `${API}/${kind}/${encodeURIComponent(id)}/${rest}`;

/** The acts on one household; `again` shows its card anew. */
export function actsOf(household, again) {
  const undo = async ({ id }) => {
    await sendJson(path("edits", id, "undo"), {});
    showToast(_("已撤销。"));
    await again();
  };
  const correct = (kind, id) => async (field, value) => {
    const answer = await sendJson(path(kind, id, "edits"), { edits: [{ field: field.name, value, seen: field.value }] });
    return answered(answer.fields[0], field, value, undo);
  };
  const done = async (act, text) => {
    const answer = await act;
    await again();
    const change = answer.change || answer.fields?.find((row) => row.change)?.change;
    showToast(text, change ? () => undo({ id: change }) : null);
  };
  return {
    undo,
    read: () => getJson(path("households", household, "fields")),
    correctHousehold: correct("households", household),
    correct: (person, field, value) => correct("persons", person.id)(field, value),
    addPerson: (values, answers) => done(sendJson(path("households", household, "persons"), { values, answers }), _("已添加一人。")),
    addBirth: (body) => done(sendJson(path("households", household, "births"), body), _("已记新出生。")),
    leave: (person, body) => done(sendJson(path("persons", person.id, "leave"), body), body.why === "died" ? _("已记去世。") : _("已记迁出。")),
    comeBack: (person, body) => done(sendJson(path("persons", person.id, "come-back"), body), _("已记迁回。")),
    setNeed: (person, body) => done(sendJson(path("persons", person.id, "needs"), body), _("已登记需要。")),
    endNeed: (person, need) => done(sendJson(path("persons", person.id, `needs/${encodeURIComponent(need.kind)}/end`), {}), _("已记不再需要。")),
  };
}

/** The row as it stands after an answer; what was written can be taken back at once. */
function answered({ became, change, current }, field, value, undo) {
  const { label } = fieldOf(field.name);
  if (became === "clash") return { value: current, clash: { now: current, typed: value } };
  if (became === "written") showToast(_("已改{field}。", { field: label }), () => undo({ id: change }));
  else showToast(_("没有变化,已核对{field}。", { field: label }));
  return { value, clash: null };
}
