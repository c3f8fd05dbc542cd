// A photo of a question: made smaller here, known by the digest of what is sent.

import { fill, h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { readPhoto } from "../offline/shrink.js";
import { bytesOf, digestOf } from "./digest.js";

const MOST_PHOTOS = 6;

/** The control of a question for a photo. */
export function photoControl(at) {
  const status = h("p", { class: "note", "aria-live": "polite" });
  const picture = h("div", { class: "shots" });
  const field = h("input", { type: "file", id: at.id, accept: "image/*", class: "visually-hidden", "aria-labelledby": `${at.labelledBy} ${at.id}-word` });
  const word = h("span", { id: `${at.id}-word` });
  const remove = h("button", { type: "button", class: "button", onclick: () => take(null) }, icon("trash"), _("删去照片"));
  const node = h(
    "div",
    { role: "group", "aria-labelledby": at.labelledBy, "aria-describedby": at.describedBy },
    picture,
    h("div", { class: "answers" }, h("label", { class: "button file-button", for: at.id }, icon("camera"), word, field), remove),
    status,
    h("p", { class: "note" }, _("照片缩小后与这条记录一同保存,记录删去时一并删去;不存照片里的拍摄位置。")),
  );
  const draw = () => {
    const digest = at.value();
    const source = digest && (sourceOf(at.form, digest) ?? null);
    fill(picture, source ? h("img", { src: source, alt: _("照片") }) : null);
    picture.hidden = !source;
    word.textContent = digest ? _("换一张") : _("拍照或选照片");
    remove.hidden = !digest;
  };
  const take = (digest) => {
    at.set(digest);
    draw();
    if (!digest) field.focus();
  };
  field.addEventListener("change", async () => {
    const file = field.files[0];
    field.value = "";
    if (!file) return;
    if (!at.value() && at.form.countPhotos() >= MOST_PHOTOS) {
      status.textContent = _("一条记录最多 {most} 张照片", { most: MOST_PHOTOS });
      return;
    }
    status.textContent = _("正在处理照片…");
    node.setAttribute("aria-busy", "true");
    const photo = await readPhoto(file);
    node.removeAttribute("aria-busy");
    status.textContent = photo.fault ?? "";
    if (photo.text) take(await kept(at.form, photo.text));
  });
  draw();
  return { node, refresh: draw, focus: () => field.focus(), invalid: node };
}

async function kept(form, text) {
  const digest = await digestOf(bytesOf(text));
  form.entry.photos.set(digest, text);
  return digest;
}

/** The address of a photo: what was just taken, or what the server keeps. */
export function sourceOf(form, digest) {
  const text = form.entry.photos.get(digest);
  return text ? `data:image/jpeg;base64,${text}` : form.photoUrl?.(digest);
}
