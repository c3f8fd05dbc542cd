// What is wrong with a form, above it and beside each question; each line leads to its question.

import { fill, h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";

/** The summary of faults as {node, show, settle, tells}. `viewOf(fault)` is the view of its question, if it has one here. */
export function faultSummary(form, viewOf) {
  const node = h("div", { class: "fault-summary", role: "alert" });
  let lines = [];
  const draw = () => {
    node.hidden = !lines.length;
    if (node.hidden) return fill(node);
    const list = h("ul", {}, lines.map((line) => h("li", {}, lineOf(line))));
    return fill(node, icon("exclamation-octagon"), h("div", {}, h("p", {}, h("strong", {}, _("还有 {n} 处要改", { n: lines.length }))), list));
  };
  draw();
  return {
    node,
    show(faults) {
      lines.forEach(({ view }) => view?.say(""));
      lines = faults.map((fault) => ({ view: viewOf(fault), message: fault.message }));
      lines.forEach(({ view, message }) => view?.say(view.said() || message));
      draw();
      const first = lines.find(({ view }) => view?.isShown());
      if (first) first.view.focus();
      else if (lines.length) node.scrollIntoView({ block: "nearest" });
    },
    tells: (view) => lines.some((line) => line.view === view),
    settle(view, message) {
      if (!lines.some((line) => line.view === view)) return;
      lines = lines.filter((line) => line.view !== view || message).map((line) => (line.view === view ? { view, message } : line));
      draw();
    },
  };
}

function lineOf({ view, message }) {
  if (!view) return message;
  return h("button", { type: "button", class: "link", onclick: () => view.focus() }, _("{field}:{message}", { field: view.words(), message }));
}
