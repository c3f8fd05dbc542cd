// A form of filters that is kept in the address.

import { read, readAll, write } from "./state.js";

/**
 * Fill the form from the address (else from what stands in it), and tell of every change. What is as it stood
 * stays out of the address, but for the names in `always`: what moves with the day must be sent along.
 */
export function bindFilters(form, onChange, always = []) {
  const names = [...new Set([...form.elements].map((field) => field.name).filter(Boolean))];
  const standing = valuesOf(form, names);
  for (const field of form.elements) if (field.name) restore(field);
  const remember = () => {
    const values = valuesOf(form, names);
    const isStanding = (name) => same(values[name], standing[name]) && !always.includes(name);
    write(Object.fromEntries(names.map((name) => [name, isStanding(name) ? "" : keep(values[name])])));
    return values;
  };
  remember();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => onChange(remember()));
  return () => valuesOf(form, names);
}

function restore(field) {
  const stored = readAll(field.name);
  if (!stored.length) return;
  if (field.type === "checkbox" || field.type === "radio") field.checked = stored.includes(field.value);
  else field.value = read(field.name);
}

function keep(value) {
  return value === "" || (Array.isArray(value) && !value.length) ? "none" : value;
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

function valuesOf(form, names) {
  return Object.fromEntries(names.map((name) => [name, valueOf(form, name)]));
}

function valueOf(form, name) {
  const fields = [...form.elements].filter((field) => field.name === name);
  if (fields[0].type === "checkbox")
    return fields.filter((field) => field.checked).map((field) => field.value);
  if (fields[0].type === "radio") return (fields.find((field) => field.checked) || { value: "" }).value;
  return fields[0].value;
}
