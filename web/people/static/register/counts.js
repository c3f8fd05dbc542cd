// Whether how many live in a household by what they say agrees with who is registered, and why not.

import { h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";

const WHY = {
  unregistered: () => _("住的人比登记的多:还有人没有登记。"),
  too_many: () => _("登记的人比住的多:可能有人已经搬走。"),
  vacant_but_lived_in: () => _("写着空置,却有人登记在住。"),
  some_refused: () => _("住的人比登记的多:有人不同意登记。"),
};

/** A line for a household whose counts differ; nothing where they agree or nobody has said how many live there. */
export function countNote(count) {
  const why = WHY[count.why];
  if (!why) return null;
  const counts = _("自报 {told} 人,登记 {persons} 人,14 岁以下 {minors} 人。", { ...count, told: count.told ?? "—" });
  return h("p", { class: "notice amber", id: "head-count" }, icon("exclamation-triangle"), h("span", {}, counts, " ", why()));
}
