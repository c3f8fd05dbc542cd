// A photo made smaller in the browser before it is sent; the server makes it clean whatever comes.

import { _ } from "../js/i18n.js";

const MOST_MB = 3; // the server takes no larger photo
const MOST_CHARACTERS = Math.ceil((MOST_MB * 1024 * 1024) / 3) * 4;
const BEGINNINGS = ["/9j/", "iVBORw0KGgo", "UklGR"]; // of a JPEG, PNG and WebP in base64: what the server reads
const LONGEST_PX = 1600;
const QUALITY = 0.85;

/** Why a photo can't be sent that is too large. */
export function tooLarge() {
  return _("每张照片最多 {most} MB", { most: MOST_MB });
}

/** A photo as `{text}` in base64, drawn smaller where the browser can, else as it is; or `{fault}`: why it wasn't added. */
export async function readPhoto(file) {
  const text = await smaller(file).then(toBase64).catch(() => "");
  const why = faultOf(text);
  return why ? { fault: _("“{name}”没有加上:{why}", { name: file.name, why }) } : { text };
}

function faultOf(text) {
  if (!BEGINNINGS.some((beginning) => text.startsWith(beginning))) return _("照片读不出来,请用 JPEG、PNG 或 WebP 照片");
  return text.length > MOST_CHARACTERS ? tooLarge() : "";
}

async function smaller(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const share = Math.min(1, LONGEST_PX / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * share));
    canvas.height = Math.max(1, Math.round(image.height * share));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return made || file;
  } catch {
    return file; // one that this browser can't draw may still be read by the server
  }
}

function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
