"""An impact as roles without exact counts see it: small counts of persons left out, with what tells them."""

from __future__ import annotations

from typing import Any, Final

from gisgrid.areas.look import Look
from gisgrid.redraw.counting import counts_by_hands, counts_by_number
from gisgrid.redraw.drawing import Drawing
from gisgrid.redraw.ground import Base

PERSONS: Final = ("residents", "elders", "elders_80", "with_visitor")
FEWEST: Final = 5
"""Smaller counts of persons are not told."""


def hidden_from(look: Look, base: Base, drawing: Drawing, answer: dict[str, Any]) -> dict[str, Any]:
    """The impact without small counts of persons, and with the open cases outside confidential categories.

    Where one count of a kind is small, in a grid before or after or in what goes over, that kind is left out
    of all that is not on the maps already: it could be computed from the others.
    """
    _show_open_cases(look, base, drawing, answer)
    sides = [row[when] for row in answer["grids"] for when in ("before", "after") if row[when]]
    rows = (*sides, *answer["moves"])
    small = [name for name in PERSONS if any(_is_small(row.get(name)) for row in rows)]
    if "with_visitor" not in small and ("elders" in small or any(map(_few_without, answer["moves"]))):
        small.append("with_visitor")
    for row in (*sides, *answer["moves"]):
        row["suppressed"] = [name for name in small if name in row]
        row.update(dict.fromkeys(row["suppressed"]))
    return answer


def _few_without(row: dict[str, Any]) -> bool:
    """Whether elders and those of them with a visitor differ by a small count of persons."""
    return _is_small(row["elders"] - row["with_visitor"])


def _is_small(count: int | None) -> bool:
    return count is not None and 0 < count < FEWEST


def _show_open_cases(look: Look, base: Base, drawing: Drawing, answer: dict[str, Any]) -> None:
    for when, one in (("before", Drawing(ground=base.ground)), ("after", drawing)):
        cells = counts_by_number(look, base, one)["open_shown_cases"]
        for row in answer["grids"]:
            if row[when]:
                members = list(one.ground.grids[row["code"]])
                row[when]["open_cases"] = int(cells.reindex(members, fill_value=0).sum())
    hands = counts_by_hands(look, base, drawing)
    for row in answer["moves"]:
        row["open_cases"] = hands[row["from"], row["to"]]["open_shown_cases"]
