// A new round: whom it would ask is counted while it is filled in.

import { startFrame } from "../../static/js/frame.js";
import { sendJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { showFailure } from "../../static/js/status.js";

const PAUSE = 400;

startFrame();
const form = document.getElementById("round-form");
if (form) start();

function start() {
  let timer = null;
  let asked = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => count(++asked, () => asked), PAUSE);
  };
  form.addEventListener("input", () => {
    showFields();
    later();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  showFields();
  later();
}

/** Only what can be asked of the form's kind of subject is shown. */
function showFields() {
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== subject();
}

function subject() {
  return form.elements.form.selectedOptions[0]?.dataset.subject || "";
}

function ticked(name) {
  return [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((box) => box.value);
}

function choice() {
  const parts = [];
  if (subject() === "person") {
    const age = Number(form.elements.age.value);
    const facts = ticked("fact").map((fact) => "${" + fact + "}");
    if (age) parts.push("${age} >= " + age);
    if (facts.length) parts.push(parts.length && facts.length > 1 ? `(${facts.join(" or ")})` : facts.join(" or "));
  }
  const days = Number(form.elements.verified.value);
  if (subject() === "household" && days) parts.push("not(${verified_days} < " + days + ")");
  return { form: form.elements.form.value, who: parts.join(" and ") || null, grids: ticked("grid") };
}

async function count(mine, last) {
  const place = document.getElementById("round-count");
  try {
    const answer = await sendJson("/api/v1/rounds/trial", choice());
    if (mine !== last()) return;
    const left = answer.left_out ? _(" · {n} 个近期都确认过,不再采集", { n: number(answer.left_out) }) : "";
    place.textContent = _("{words}:今天 {n} 个", { words: answer.words, n: number(answer.count) }) + left;
  } catch (failure) {
    if (mine === last()) place.textContent = failure.detail || failure.message;
  }
}

async function save() {
  const values = Object.fromEntries(["title", "first_day", "last_day", "legal_basis"].map((name) => [name, form.elements[name].value]));
  try {
    const answer = await sendJson("/api/v1/rounds", { ...choice(), ...values });
    location.assign(`/rounds/${encodeURIComponent(answer.id)}`);
  } catch (failure) {
    showFailure(form.querySelector(".status"), failure);
  }
}
