// Who serves a need, beside the need: since when, and the form that says who does from a day on.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { wordOf, wordsOf } from "../../../static/js/words.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";

const serverWord = wordOf("servers");
/** The part of what is sent that names somebody of a kind. */
const PARTS = { member: "worker", volunteer: "name", organisation: "organisation", property: "organisation", station: "facility" };

/** Who serves a need of a person, with buttons for whoever may edit it; `services` as the server tells them. */
export function serverOf(person, kind, services, acts) {
  const place = h("div", { class: "doing" });
  const row = services.running.find((service) => service.kind === kind);
  const former = services.former.filter((service) => service.kind === kind);
  const open = () => {
    const form = serverForm(row, services.choices, { save: (body) => acts.setServer(person, kind, body), close: () => fill(place) });
    fill(place, form);
    form.scrollIntoView({ block: "nearest" });
  };
  return h(
    "div",
    { class: "server" },
    h("span", { class: row ? "who" : "who muted" }, icon("person-hearts"), " ", row ? serverLine(row) : _("还没有人服务")),
    h("button", { type: "button", class: "button", onclick: open }, row ? _("换人服务") : _("由谁服务")),
    row ? h("button", { type: "button", class: "button", onclick: () => acts.endServer(person, kind) }, _("不再服务")) : null,
    place,
    former.length ? h("details", {}, h("summary", {}, _("以前由谁服务")), h("ul", { class: "plain" }, former.map((service) => h("li", {}, formerLine(service))))) : null,
  );
}

/** A server as it reads: what kind, whom, since when. */
export function serverLine({ server, name, since }) {
  return [serverWord(server), name, _("{day} 起", { day: since })].filter(Boolean).join(" · ");
}

function formerLine({ server, name, since, until }) {
  return [serverWord(server), name, _("{since} 至 {until}", { since, until })].filter(Boolean).join(" · ");
}

function serverForm(row, choices, { save, close }) {
  const kinds = Object.entries(wordsOf("servers")).filter(([kind]) => kind === "volunteer" || choices[kind].length);
  const kind = inputOf({ name: "server", label: _("谁来服务"), options: kinds, value: row?.server ?? null, required: true });
  const place = h("div", {});
  const since = inputOf({ name: "since", label: _("从哪天起"), kind: "date", value: page.today, max: page.today, required: true });
  let holder = null;
  const choose = () => {
    holder = kind.value() ? holderInput(kind.value(), row, choices) : null;
    fill(place, holder?.node);
  };
  kind.node.addEventListener("change", choose);
  choose();
  const sent = () => ({ server: kind.value(), [PARTS[kind.value()]]: holder.value(), since: since.value() });
  return smallForm([kind.node, place, since.node], { save: () => save(sent()), close });
}

/** A volunteer is typed, everybody else chosen. */
function holderInput(kind, row, choices) {
  const present = row?.server === kind ? row : null;
  if (kind === "volunteer") return inputOf({ name: "name", label: _("志愿者姓名(加密保存)"), kind: "text", value: present?.name ?? null, required: true });
  const options = choices[kind].map(({ id, name }) => [id, name]);
  return inputOf({ name: "holder", label: serverWord(kind), options, value: present?.holder ?? null, required: true });
}
