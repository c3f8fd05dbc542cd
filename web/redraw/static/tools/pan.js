// The middle or the right button moves the map, whatever the tool in hand; the left one goes on drawing.

/* global L */

const STILL_PX = 4;
const BUTTONS = [1, 2];

/** Listen on a map; `onPress(event)` is told of a press of the right button that moved nothing. */
export function openPan(map, onPress) {
  const box = map.getContainer();
  const pane = map.getPane("mapPane");
  let drag = null;
  let button = 0;
  box.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault()); // it would scroll by itself
  box.addEventListener("pointerdown", (event) => {
    button = event.pointerType === "touch" ? 0 : event.button;
    if (!BUTTONS.includes(button) || event.target.closest(".leaflet-control")) return;
    map.stop();
    drag = { id: event.pointerId, from: [event.clientX, event.clientY], start: L.DomUtil.getPosition(pane), isMoved: false };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const [dx, dy] = [event.clientX - drag.from[0], event.clientY - drag.from[1]];
    if (!drag.isMoved && Math.hypot(dx, dy) < STILL_PX) return;
    if (!drag.isMoved) map.fire("movestart");
    drag.isMoved = true;
    L.DomUtil.setPosition(pane, drag.start.add([dx, dy]));
    map.fire("move");
  });
  const end = (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const { isMoved } = drag;
    drag = null;
    if (isMoved) map.fire("moveend");
    else if (event.type === "pointerup" && button === 2) onPress(event);
  };
  box.addEventListener("pointerup", end);
  box.addEventListener("pointercancel", end);
  /** Whether the last press was of a button that moves the map. */
  return { isUsed: () => BUTTONS.includes(button) };
}
