// Works out the tree of an expression, which the server has parsed; gisgrid/forms/expressions/evaluation.py is the same.
// The context has `values` and `columns` (maps by name), `today` (a day), `own`, `position` and `labels` (maps by question).

import { call } from "./functions.js";
import { clean, equal, numberOf, truthOf } from "./values.js";

const LEAVES = {
  num: ([, number]) => clean(number),
  text: ([, text]) => text,
  ref: ([, name], context) => context.values.get(name) ?? "",
  column: ([, name], context) => context.columns?.get(name) ?? "",
  self: (_node, context) => context.own ?? "",
};
const LAZY = { or: true, and: false };
const ORDERS = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};
const SUMS = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  div: (left, right) => (right ? left / right : NaN),
  mod: (left, right) => (right ? left % right : NaN),
};

/** The value of an expression. Nothing fails: what has no value is blank or no number. */
export function evaluate(node, context) {
  const [kind, ...parts] = node;
  if (LEAVES[kind]) return LEAVES[kind](node, context);
  if (kind === "call") return evaluateCall(parts, context);
  const left = evaluate(parts[0], context);
  if (kind in LAZY) return truthOf(left) === LAZY[kind] ? LAZY[kind] : holds(parts[1], context);
  return operate(kind, left, evaluate(parts[1], context));
}

/** Whether a condition holds. */
export function holds(node, context) {
  return truthOf(evaluate(node, context));
}

function evaluateCall([name, ...parts], context) {
  if (name === "if") return evaluate(parts[holds(parts[0], context) ? 1 : 2], context);
  return call(name, parts.map((part) => evaluate(part, context)), context);
}

function operate(operator, left, right) {
  if (operator === "=") return equal(left, right);
  if (operator === "!=") return !equal(left, right);
  const numbers = [numberOf(left), numberOf(right)];
  if (ORDERS[operator]) return ORDERS[operator](...numbers);
  return numbers.some(Number.isNaN) ? NaN : clean(SUMS[operator](...numbers));
}
