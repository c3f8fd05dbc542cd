// The claim pool: cases of the branch that nobody has yet, each with a button to claim it.

import { categoryWord } from "./categories.js";
import { fill, h } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { number, time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { beside, showFailure } from "../../static/js/status.js";
import { stepWord } from "./words.js";
import { severityWord } from "../../static/js/words.js";

/** Show what can be claimed in a section; it stays hidden where there is nothing. */
export async function showPool(section) {
  const { rows } = await getJson("/api/v1/cases/pool");
  section.hidden = !rows.length;
  if (!rows.length) return;
  const isPhone = window.matchMedia("(max-width: 768px)").matches; // there one's own cases stand on the first screen
  fill(
    section,
    h(
      "details",
      { open: !isPhone },
      h("summary", {}, h("strong", { id: "pool-title" }, `${_("待认领的案件")} ${number(rows.length)}`)),
      h("p", { class: "muted" }, _("本片还没有人办理的案件。到时无人认领,自动派给所在网格的网格员。")),
      h("ul", { class: "plain pool" }, rows.map(line)),
    ),
  );
}

function line(row) {
  return h(
    "li",
    {},
    h(
      "span",
      {},
      h("strong", {}, categoryWord(row.category_name)),
      ` ${severityWord(row.severity)} · ${row.address || row.grid_name || row.number}`,
      h("small", { class: "muted" }, `${row.number} · ${_("认领截止")} ${time(row.claim_until)}`),
    ),
    h("button", { type: "button", class: "button", onclick: (event) => claim(row, event.currentTarget) }, stepWord("claim")),
  );
}

async function claim(row, button) {
  button.disabled = true;
  try {
    await sendJson(`/api/v1/cases/${encodeURIComponent(row.id)}/claim`, {});
    location.assign(`/cases/${encodeURIComponent(row.id)}`);
  } catch (failure) {
    button.disabled = false;
    showFailure(beside(button), failure);
  }
}
