// A door that the register lacks, added from the board of its building; then its own page opens.

import { startFrame } from "../../../static/js/frame.js";
import { fill, h, icon } from "../../../static/js/dom.js";
import { sendJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { smallForm } from "./form.js";
import { newId } from "../../../static/js/ids.js";
import { inputOf } from "./inputs.js";
import { reasonField } from "./reason.js";

startFrame();
const place = document.getElementById("new-household");
if (place) close();

function close() {
  fill(place, h("div", { class: "answers" }, h("button", { type: "button", class: "button", onclick: open }, icon("plus-lg"), _("添加一户"))));
}

function open() {
  const id = newId();
  const unit = inputOf({ name: "unit", label: _("单元(没有可不填)"), kind: "text" });
  const room = inputOf({ name: "room", label: _("房号"), kind: "text", required: true });
  const vacant = h("input", { type: "checkbox" });
  const reason = reasonField();
  const save = async () => {
    const body = { id, unit: unit.value(), room: room.value(), kind: vacant.checked ? "vacant" : null, ...reason.sent() };
    const answer = await sendJson(`/api/v1/buildings/${encodeURIComponent(place.dataset.building)}/households`, body);
    location.assign(`/households/${encodeURIComponent(answer.household)}`);
  };
  const nodes = [h("h2", {}, _("添加一户")), unit.node, room.node, h("label", { class: "check" }, vacant, _("现在空置")), reason.node];
  fill(place, h("div", { class: "box" }, smallForm(nodes, { save, close })));
  room.focus();
}
