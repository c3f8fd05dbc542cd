"""The scripts of forms in node, as a browser runs them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests import ROOT

SCRIPTS: Final = ROOT / "web" / "static" / "forms"
_READER: Final = """
globalThis.document = { getElementById: () => null };
const { readFileSync } = await import("node:fs");
const given = JSON.parse(readFileSync(0, "utf-8"));
"""
_VALUES: Final = """
const { dayFromText, textOf } = await import(VALUES);
const valueOf = (value) => {
  if (value === "NaN") return NaN;
  if (typeof value !== "object") return value;
  if ("date" in value) return dayFromText(value.date);
  return "many" in value ? { many: value.many.map(valueOf) } : value;
};
const jsonOf = (value) => {
  if (typeof value === "number") return Number.isNaN(value) ? "NaN" : value;
  if (typeof value !== "object") return value;
  if ("day" in value) return { date: textOf(value) };
  return "many" in value ? { many: value.many.map(jsonOf) } : value;
};
const mapOf = (values) => new Map(Object.entries(values ?? {}));
const contextOf = (vector) => ({
  values: new Map(Object.entries(vector.values).map(([name, value]) => [name, valueOf(value)])),
  today: dayFromText(vector.today),
  own: valueOf(vector.self ?? ""),
  position: vector.position,
  labels: new Map(Object.entries(vector.labels ?? {}).map(([name, words]) => [name, mapOf(words)])),
  columns: mapOf(vector.choice),
});
"""


def run(script: str, given: object) -> Any:
    """What a script prints as JSON; it reads ``given`` and imports by `address`."""
    node = shutil.which("node", path=str(Path(sys.prefix) / "bin")) or shutil.which("node")
    if node is None:
        pytest.skip("node is not installed here")
    done = subprocess.run(
        [node, "--stack-size=4000", "--input-type=module", "-e", _READER + script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def address(name: str) -> str:
    """A script of forms as text for an import."""
    return json.dumps((SCRIPTS / name).as_uri())


def evaluated(vectors: list[dict[str, Any]]) -> list[object]:
    """What the browser's evaluator makes of trees with values."""
    script = _VALUES.replace("VALUES", address("values.js"))
    script += f"""
const {{ evaluate }} = await import({address("expressions.js")});
console.log(JSON.stringify(given.map((vector) => jsonOf(evaluate(vector.tree, contextOf(vector))))));
"""
    values: list[object] = run(script, vectors)
    return values
