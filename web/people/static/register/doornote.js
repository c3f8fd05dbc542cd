// What a steward sees at a door, told to the grid's member: no person is named.

import { fill, h, icon } from "../../../static/js/dom.js";
import { getJson, sendJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";
import { wordOf, wordsOf } from "../../../static/js/words.js";
import { smallForm } from "./form.js";
import { newId } from "../../../static/js/ids.js";
import { inputOf } from "./inputs.js";
import { showToast } from "../../../static/js/toast.js";

const place = document.getElementById("door-note");
const outcomeWord = wordOf("door_outcomes");
const noteWord = wordOf("door_notes");
if (place) close();

async function close() {
  const button = h("button", { type: "button", class: "button primary", onclick: open }, icon("pencil-square"), _("告诉网格员一扇门的变化"));
  fill(place, h("div", { class: "answers" }, button));
  const { rows } = await getJson("/api/v1/door-notes");
  const own = rows.filter((row) => row.building === place.dataset.building);
  if (own.length) place.append(h("div", { class: "box" }, h("h2", {}, _("我告诉过的")), h("ul", { class: "plain record" }, own.map(line))));
}

function line(row) {
  const door = doorWord(row.unit, row.room);
  const answer = row.outcome ? outcomeWord(row.outcome) : _("等网格员上门核对");
  return h("li", {}, h("strong", {}, `${door} ${noteWord(row.kind)}`), " ", h("span", { class: "muted" }, `${row.day} · ${answer}`));
}

function doorWord(unit, room) {
  return [unit ? _("{n} 单元", { n: unit }) : "", room].filter(Boolean).join(" ");
}

function open() {
  const id = newId();
  const doors = [...document.querySelectorAll(".door[data-room]")].map(({ dataset }) => [dataset.unit, dataset.room]);
  const options = doors.map(([unit, room], at) => [String(at), doorWord(unit, room)]);
  const door = inputOf({ name: "door", label: _("哪一扇门"), kind: "choice", options, required: true });
  const kind = inputOf({ name: "kind", label: _("看到什么"), kind: "choice", options: Object.entries(wordsOf("door_notes")), required: true });
  const day = inputOf({ name: "day", label: _("哪天看到"), kind: "date", value: page.as_of, required: true, max: page.as_of });
  const save = async () => {
    const [unit, room] = doors[Number(door.value())];
    await sendJson("/api/v1/door-notes", { id, building: place.dataset.building, unit: unit || null, room, kind: kind.value(), day: day.value() });
    await close();
    showToast(_("已告诉网格员。"));
  };
  const note = h("p", { class: "note" }, _("只记门和日期,不写姓名;网格员上门核对后改登记。"));
  fill(place, h("div", { class: "box" }, smallForm([h("h2", {}, _("一扇门的变化")), note, door.node, kind.node, day.node], { save, close })));
  door.focus();
}
