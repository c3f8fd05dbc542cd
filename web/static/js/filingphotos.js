// Photos of a report: taken or chosen, made smaller, looked at and taken away again.

import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { photoText } from "./shrink.js";

const MOST = 3;
const input = document.getElementById("photo");
const strip = document.getElementById("photos");

/** Open the choosing of photos; gives a function that tells their texts. */
export function openPhotos(onChange) {
  const self = { photos: [] };
  const show = () => {
    fill(strip, self.photos.map((photo, index) => line(photo, index, () => take(index))));
    input.disabled = self.photos.length >= MOST;
    onChange();
  };
  const take = (index) => {
    self.photos.splice(index, 1);
    show();
  };
  input.addEventListener("change", async () => {
    for (const file of [...input.files].slice(0, MOST - self.photos.length)) {
      self.photos.push({ text: await photoText(file) });
    }
    input.value = "";
    show();
  });
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
