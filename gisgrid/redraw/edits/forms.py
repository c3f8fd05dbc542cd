"""The form of each edit as it is sent: its fields, and an edit brought into the form it is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gisgrid.errors import Fault, InvalidInput, say

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "paint": frozenset({"cells", "to"}),
    "merge": frozenset({"grids", "keep", "also"}),
    "split": frozenset({"grid", "line", "cut"}),
    "reshape": frozenset({"grid", "polygon", "cut", "also"}),
    "move": frozenset({"from", "to"}),
    "divide": frozenset({"cell"}),
    "outline": frozenset({"polygon", "also"}),
    "transfer": frozenset({"grid", "to", "parent"}),
    "assign": frozenset({"by", "owners", "opens"}),
    "restore": frozenset({"revision", "areas"}),
    "rename": frozenset({"area", "name"}),
    "lock": frozenset({"grid", "locked"}),
    "duty": frozenset({"area", "worker", "kind", "primary", "end", "replace"}),
    "renumber": frozenset({"parent", "grids"}),
}
"""What each edit may say beside ``op``."""

ONE_AREA: Final[Mapping[str, str]] = {"rename": "area", "duty": "area", "lock": "grid"}
"""Edits of one area, and the field that names it when they are kept; both names are taken."""

_NAMES: Final = ("area", "grid")
_LISTS: Final = ("cells", "also")


def well_formed(op: Mapping[str, Any]) -> dict[str, Any]:
    """An edit as it is kept: every field known, and the one that names its area under its own name.

    Edits that were kept earlier are replayed as they are.

    Raises
    ------
    InvalidInput
        There is no such edit, it has fields it knows nothing of, ``area`` and ``grid`` name two areas,
        ``locked`` is no truth value, or a cell is named twice.
    """
    name = op.get("op")
    if not isinstance(name, str) or name not in FIELDS:
        raise InvalidInput(say("an edit is one of: {known}", known=", ".join(FIELDS)), field="op")
    found = _named(name, op)
    faults = [
        Fault(message=say("the edit {op} knows no field {field}", op=name, field=field[:60]))
        for field in sorted(found.keys() - FIELDS[name] - {"op"})
    ]
    if name == "lock" and not isinstance(found.get("locked", True), bool):
        faults.append(Fault(message="is true or false", field="locked"))
    faults += [
        Fault(message=say("{code} is named twice", code=code[:60]), field=field)
        for field in _LISTS
        for code in _twice(found.get(field))
    ]
    if faults:
        raise InvalidInput(faults)
    return found


def _named(name: str, op: Mapping[str, Any]) -> dict[str, Any]:
    """An edit of one area with the field that names it under the name it is kept by."""
    kept = ONE_AREA.get(name)
    given = [op[one] for one in _NAMES if one in op]
    if kept is None or not given:
        return dict(op)
    if len(given) > 1 and given[0] != given[1]:
        raise InvalidInput("area and grid name two different areas: send one of them", field=kept)
    return {**{field: value for field, value in op.items() if field not in _NAMES}, kept: given[0]}


def _twice(cells: Any) -> list[str]:
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        return []  # the tool says what it needs
    seen: set[str] = set()
    return list(dict.fromkeys(cell for cell in cells if cell in seen or seen.add(cell)))  # type: ignore[func-returns-value]
