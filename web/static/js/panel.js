// The right panel; on a phone a sheet at the foot that opens and closes. It holds one card at a time.

import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { read, write } from "./state.js";

/** The panel of this page: `showCard(node)`, `closeCard()`, and the button that hides it all. */
export function openPanel() {
  const panel = document.getElementById("panel");
  const frame = document.querySelector(".map-page");
  const toggles = document.querySelectorAll("[data-toggle-panel]");
  const isPhone = window.matchMedia("(max-width: 768px)").matches;
  const set = (isOpen, remember = true) => {
    frame.classList.toggle("panel-closed", !isOpen);
    placeLegend(panel, isOpen);
    toggles.forEach((toggle) => toggle.setAttribute("aria-expanded", String(isOpen)));
    if (remember && !isPhone) write({ panel: isOpen ? "" : "closed" });
  };
  set(isPhone ? false : read("panel") !== "closed", false);
  toggles.forEach((toggle) =>
    toggle.addEventListener("click", () => {
      set(frame.classList.contains("panel-closed"));
    }),
  );
  return {
    open: () => set(true),
    close: () => set(false),
    ...cardPlace(panel.querySelector("#card"), () => set(true)),
  };
}

/** There is always a legend: in the panel, or on the map while the panel is closed. */
function placeLegend(panel, isOpen) {
  const legend = document.getElementById("legend");
  if (!legend || "stays" in legend.dataset) return;
  if (isOpen) panel.querySelector(".figures, #results").before(legend);
  else document.querySelector(".map-box").append(legend);
  if (isOpen) legend.removeAttribute("tabindex");
  else legend.tabIndex = 0; // a long one is scrolled on a phone
}

function cardPlace(place, open) {
  const closeCard = () => {
    place.hidden = true;
    fill(place);
  };
  return {
    closeCard,
    showCard(node, onClose = () => {}) {
      const close = h(
        "button",
        {
          type: "button",
          class: "icon-button card-close",
          "aria-label": _("关闭"),
          onclick: () => {
            closeCard();
            onClose();
          },
        },
        icon("x-lg"),
      );
      fill(place, close, node);
      place.hidden = false;
      place.scrollIntoView({ block: "nearest" });
      open();
    },
  };
}
