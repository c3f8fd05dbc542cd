// What a form sent back is wrong with stands above it as a list; here each line also comes to its field.

import { h } from "./dom.js";
import { _ } from "./i18n.js";

/** Mark the fields that a list of faults names, say there what is wrong, and go to the first. */
export function markFaults() {
  const marked = [...document.querySelectorAll("main li[data-field]")].map(mark).filter(Boolean);
  if (marked.length) marked[0].focus();
}

function mark(line, index) {
  const field = fieldOf(line.dataset.field);
  if (!field) return null;
  const text = line.textContent.trim();
  const name = labelOf(field);
  if (name && !text.includes(name)) line.textContent = _("{field}:{message}", { field: name, message: text });
  const id = `fault-${index}`;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
  for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  (field.closest("label") || field).after(h("p", { id, class: "fault" }, text));
  return field;
}

/** The field of the form that was sent; of several forms on a page its address tells which. */
function fieldOf(name) {
  const forms = [...document.querySelectorAll('main form[method="post"]')];
  const sent = forms.filter((form) => new URL(form.action).pathname === window.location.pathname);
  const fields = (sent.length ? sent : forms).map((form) => form.elements[name]).filter((field) => field instanceof HTMLElement && field.type !== "hidden");
  return fields.length === 1 ? fields[0] : null;
}

function labelOf(field) {
  const label = field.labels?.[0];
  return (label?.querySelector("span") || label)?.textContent.trim() || "";
}
