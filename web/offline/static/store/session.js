// Logging in from the phone's program: the PIN is set at the server, and opens a session that this phone remembers.

import { page } from "../../../static/js/page.js";

/** Whether the server took a PIN as this account's; it keeps the session for a month. */
export function setPin(pin, again) {
  return posted("/me/pin", { pin, pin_again: again, stay: "1" });
}

/** Whether the PIN opened the remembered session again. */
export function continueWithPin(pin) {
  return posted("/login/pin", { pin, next: "/m/" });
}

/** End the session of this browser. */
export function logOut() {
  return posted("/logout", {});
}

/** A form of an ordinary page; it leads on where it was taken, and is shown again where not. */
async function posted(path, fields) {
  const body = new URLSearchParams({ csrf_token: page.csrf || "", ...fields });
  const answer = await fetch(path, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
  return answer.type === "opaqueredirect";
}
