// A photo made smaller in the browser before it is sent; the server makes it clean whatever comes.

export const MOST_MB = 3; // the server takes no larger photo
const LONGEST_PX = 1600;
const QUALITY = 0.85;

/** A file as base64: drawn smaller where the browser can, else as it is. */
export async function photoText(file) {
  return toBase64(await smaller(file));
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
    return file; // the server says what it can't read
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
