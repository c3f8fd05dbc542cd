// The one search box: address, building, room, compound, case; pinyin and its initials too.

import { fill, h, icon } from "./dom.js";
import { getJson } from "./fetch.js";
import { _ } from "./i18n.js";
import { kindWord } from "./words.js";
import { sentences } from "./fetch.js";

const WAIT_MS = 200;
const ICONS = { household: "house-door", building: "building", compound: "map", case: "clipboard-check" };

/** What a chosen result does on pages without a map: open it where it can be seen. */
export function openResult(result) {
  const place = { id: result.id, kind: result.kind };
  window.location.assign(
    result.kind === "case"
      ? `/cases/${encodeURIComponent(result.id)}`
      : `/find?${new URLSearchParams({ ...place, q: result.title })}`,
  );
}

/** Make the box in the top bar work; `onPick(result)` takes what was chosen. */
export function openSearch(onPick = openResult) {
  const box = document.getElementById("search");
  if (!box) return;
  const list = document.getElementById("search-results");
  const self = { results: [], active: -1, request: null, timer: 0 };
  const pick = (result) => {
    close(box, list);
    box.value = result.title;
    onPick(result);
  };
  box.addEventListener("input", () => {
    clearTimeout(self.timer);
    self.request?.abort();
    Object.assign(self, { results: [], active: -1 }); // of what was typed before: Enter must not open it
    self.timer = setTimeout(() => lookUp(self, box, list, pick), WAIT_MS);
  });
  box.addEventListener("keydown", (event) => onKey(event, { self, box, list, pick }));
  box.form.addEventListener("submit", (event) => {
    if (self.active < 0 && self.results.length !== 1) return; // the find page lists everything
    event.preventDefault();
    pick(self.results[Math.max(self.active, 0)]);
  });
  document.addEventListener("click", (event) => {
    if (!box.form.contains(event.target)) close(box, list);
  });
}

function onKey(event, { self, box, list, pick }) {
  if (event.key === "Escape") return close(box, list);
  if (event.key === "Enter" && self.active >= 0) {
    event.preventDefault();
    return pick(self.results[self.active]);
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !self.results.length) return undefined;
  event.preventDefault();
  self.active = (self.active + step + self.results.length) % self.results.length;
  [...list.children].forEach((item, index) =>
    item.setAttribute("aria-selected", String(index === self.active)),
  );
  return box.setAttribute("aria-activedescendant", `search-${self.active}`);
}

function close(box, list) {
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

async function lookUp(self, box, list, pick) {
  if (self.request) self.request.abort();
  const text = box.value.trim();
  if (!text) return close(box, list);
  self.request = new AbortController();
  try {
    const answer = await getJson(
      "/api/v1/households",
      { q: text, limit: 8 },
      { signal: self.request.signal },
    );
    self.results = answer.results;
    self.active = -1;
    fill(
      list,
      answer.results.length ? answer.results.map((result, index) => item(result, index, pick)) : nothing(text),
    );
  } catch (failure) {
    if (failure.name === "AbortError") return undefined;
    fill(list, h("li", { class: "nothing", role: "presentation" }, sentences(failure)[0]));
  }
  list.hidden = false;
  return box.setAttribute("aria-expanded", "true");
}

function nothing(text) {
  return h(
    "li",
    { class: "nothing", role: "presentation" },
    _("没有找到“{text}”。可以试试小区名、楼号、门牌或拼音首字母。", { text }),
  );
}

function item(result, index, pick) {
  return h(
    "li",
    { role: "option", id: `search-${index}`, "aria-selected": "false", onclick: () => pick(result) },
    icon(ICONS[result.kind] || "geo-alt"),
    h(
      "span",
      {},
      h("strong", {}, result.title),
      h("span", { class: "muted" }, [kindWord(result.kind), result.subtitle].filter(Boolean).join(" · ")),
    ),
  );
}
