"""An impact as roles without exact counts see it: no counts of persons, since they could be subtracted."""

from __future__ import annotations

from typing import Any, Final

from gisgrid.analysis.withheld import withhold
from gisgrid.areas.view import Look
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.counts import counts_by_hands, counts_by_number

PERSONS: Final = ("residents", "elders", "elders_80", "with_visitor")


def hidden_from(look: Look, base: PlanGround, drawing: Drawing, answer: dict[str, Any]) -> dict[str, Any]:
    """The impact without counts of persons, and with the open cases outside confidential categories.

    The maps hide some counts and tell others. What a plan moves is chosen freely, so each count of persons
    told here could be subtracted from one told there; also with many on both sides, few may live between.
    """
    _show_open_cases(look, base, drawing, answer)
    sides = [row[when] for row in answer["grids"] for when in ("before", "after") if row[when]]
    for row in (*sides, *answer["moves"]):
        row.update(withhold(row, [name for name in PERSONS if name in row]))
    return answer


def _show_open_cases(look: Look, base: PlanGround, drawing: Drawing, answer: dict[str, Any]) -> None:
    for when, one in (("before", Drawing(ground=base.ground)), ("after", drawing)):
        cells = counts_by_number(look, base, one)["open_shown_cases"]
        for row in answer["grids"]:
            if row[when]:
                members = list(one.ground.grids[row["code"]])
                row[when]["open_cases"] = int(cells.reindex(members, fill_value=0).sum())
    hands = counts_by_hands(look, base, drawing)
    for row in answer["moves"]:
        row["open_cases"] = hands[row["from"], row["to"]]["open_shown_cases"]
