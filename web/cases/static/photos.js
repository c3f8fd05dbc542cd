// Photos of a case: of the report, before and after the handling; whoever handles it adds some.

import { h, icon } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { time } from "../../static/js/format.js";
import { readPhoto } from "../../static/offline/shrink.js";
import { beside } from "../../static/js/status.js";
import { wordOf } from "../../static/js/words.js";

const photoWord = wordOf("photo_kinds");

/** The section of photos; `add(body, button)` sends one. Nothing where there are none and none may be added. */
export function photosOf(row, add) {
  const photos = row.photos || [];
  if (!photos.length && !row.may_photograph) return null;
  return h(
    "section",
    { class: "photos", "aria-label": _("照片") },
    h("h2", {}, _("照片")),
    photos.length ? h("ul", { class: "plain photo-list" }, photos.map((photo) => line(row.id, photo))) : null,
    row.may_photograph
      ? h("div", { class: "buttons" }, chooser("before", add), chooser("after", add))
      : null,
  );
}

function line(caseId, photo) {
  const href = `/cases/${encodeURIComponent(caseId)}/photos/${encodeURIComponent(photo.id)}`;
  const kind = photoWord(photo.kind);
  return h(
    "li",
    {},
    h(
      "a",
      { href, target: "_blank", rel: "noopener" },
      h("img", { src: `${href}?size=small`, alt: `${kind} ${time(photo.at)}`, loading: "lazy" }),
      h("span", {}, kind),
    ),
    h("span", { class: "muted" }, time(photo.at)),
  );
}

function chooser(kind, add) {
  const input = h("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden" });
  const label = h("label", { class: "button file-button", "data-step": kind }, input, icon("camera"), _("添加照片:{kind}", { kind: photoWord(kind) }));
  input.addEventListener("change", async () => {
    if (!input.files.length) return;
    input.disabled = true;
    const { text, fault } = await readPhoto(input.files[0]);
    sayFault(beside(label), fault);
    if (text) await add({ kind, photo: text }, label);
    input.disabled = false;
    input.value = ""; // what could not be sent stands beside the button
  });
  return label;
}

function sayFault(place, text) {
  place.querySelector(".not-added")?.remove();
  if (text) place.append(h("p", { class: "notice amber not-added", role: "alert" }, icon("exclamation-triangle"), text));
}
