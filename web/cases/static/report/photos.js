// Photos of a report: taken or chosen, made smaller, looked at and taken away again; and those that were not taken down.

import { fill, h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { readPhoto } from "../../../static/offline/shrink.js";

const MOST = 3;
const inputs = [document.getElementById("photo"), document.getElementById("album")];
const strip = document.getElementById("photos");
const notes = document.getElementById("photo-notes");

/** Open the choosing of photos; gives a function that tells their texts. */
export function openPhotos(onChange) {
  const self = { photos: [] };
  const show = () => {
    fill(strip, self.photos.map((photo, index) => line(photo, index, () => take(index))));
    for (const input of inputs) input.disabled = self.photos.length >= MOST;
    onChange();
  };
  const take = (index) => {
    self.photos.splice(index, 1);
    fill(notes);
    show();
  };
  const add = async ({ target }) => {
    const files = [...target.files];
    const room = MOST - self.photos.length;
    const said = files.length > room ? [_("每次上报最多 {most} 张照片", { most: MOST })] : [];
    for (const file of files.slice(0, room)) {
      const { text, fault } = await readPhoto(file);
      if (fault) said.push(fault);
      else self.photos.push({ text });
    }
    target.value = "";
    fill(notes, said.map((text) => h("p", { class: "notice amber", role: "alert" }, icon("exclamation-triangle"), text)));
    show();
  };
  for (const input of inputs) input.addEventListener("change", add);
  return () => self.photos.map((photo) => photo.text);
}

function line(photo, index, onTake) {
  const words = _("照片 {n}", { n: index + 1 });
  return h(
    "li",
    {},
    h("img", { src: `data:image/jpeg;base64,${photo.text}`, alt: words }),
    h("button", { type: "button", onclick: onTake, "aria-label": _("去掉{what}", { what: words }) }, icon("x-lg")),
  );
}

/** One sentence for each photo that was not taken down. */
export function photoNotes(refused) {
  return refused.map(({ row, message }) =>
    h(
      "p",
      { class: "notice amber", role: "alert" },
      icon("exclamation-triangle"),
      _("照片 {n} 没有收下:{why}。其余内容已上报。", { n: row, why: message }),
    ),
  );
}
