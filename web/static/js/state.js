// The view lives in the address, so that it can be sent to a colleague and opens the same.

const listeners = new Set();
const CENTRE = "gisgrid-map-centre";
const TOLD = "gisgrid-told";

function current() {
  return new URLSearchParams(window.location.search);
}

/** One value of the view, or what stands for a missing one. */
export function read(name, standing = "") {
  return current().get(name) ?? standing;
}

/** All values of a repeated name. */
export function readAll(name) {
  return current().getAll(name).filter(Boolean);
}

/** Change values of the view; empty ones leave the address. No page is loaded. */
export function write(changes) {
  const query = current();
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined && item !== "" && item !== false) query.append(name, item);
    }
  }
  const text = query.toString();
  window.history.replaceState(null, "", text ? `?${text}` : window.location.pathname);
  for (const listener of listeners) listener();
}

/** The address of this view with a few values changed, of this page or of another one. */
export function hrefWith(changes, path = window.location.pathname) {
  const query = current();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return `${path}?${query.toString()}`;
}

/** Call after every change of the view, for links that carry it. */
export function onChange(listener) {
  listeners.add(listener);
  listener();
}

/** Keep where the map stood last, for pages without a map; forgotten with the window. */
export function keepCentre(lon, lat) {
  window.sessionStorage.setItem(CENTRE, `${lon},${lat}`);
}

/** Keep what the next page is to say; said once. */
export function tellThere(text) {
  window.sessionStorage.setItem(TOLD, text);
}

/** What the page before has left to be said, or nothing. */
export function toldThere() {
  const text = window.sessionStorage.getItem(TOLD);
  window.sessionStorage.removeItem(TOLD);
  return text;
}

/** Forget where the map stood, as for another community. */
export function forgetCentre() {
  window.sessionStorage.removeItem(CENTRE);
}

/** Where the map stood last as "lon,lat", else the middle of a box (west, south, east, north). */
export function lastCentre([west, south, east, north]) {
  return window.sessionStorage.getItem(CENTRE) || `${(west + east) / 2},${(south + north) / 2}`;
}
