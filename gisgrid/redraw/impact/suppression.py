"""An impact as roles without exact counts see it: no counts of persons, since they could be subtracted."""

from __future__ import annotations

from typing import Final, cast

from gisgrid.analysis.withheld import withhold
from gisgrid.areas.view import View
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.answers import ImpactFacts, MoveRow, SideCounts
from gisgrid.redraw.impact.counts import counts_by_hands, counts_by_number

PERSONS: Final = ("residents", "elders", "elders_80", "with_visitor")


def hidden_from(view: View, base: PlanGround, drawing: Drawing, answer: ImpactFacts) -> ImpactFacts:
    """The impact without counts of persons, and with the open cases outside confidential categories.

    The maps hide some counts and tell others. What a plan moves is chosen freely, so each count of persons
    told here could be subtracted from one told there; also with many on both sides, few may live between.
    """
    _show_open_cases(view, base, drawing, answer)
    for grid in answer["grids"]:
        for side in (grid["before"], grid["after"]):
            if side:
                side.update(cast("SideCounts", withhold(side, [name for name in PERSONS if name in side])))
    for move in answer["moves"]:
        move.update(cast("MoveRow", withhold(move, [name for name in PERSONS if name in move])))
    return answer


def _show_open_cases(view: View, base: PlanGround, drawing: Drawing, answer: ImpactFacts) -> None:
    before = counts_by_number(view, base, Drawing(ground=base.ground))["open_shown_cases"]
    after = counts_by_number(view, base, drawing)["open_shown_cases"]
    for grid in answer["grids"]:
        for side, cells, ground in (
            (grid["before"], before, base.ground),
            (grid["after"], after, drawing.ground),
        ):
            if side:
                members = list(ground.grids[grid["code"]])
                side["open_cases"] = int(cells.reindex(members, fill_value=0).sum())
    hands = counts_by_hands(view, base, drawing)
    for row in answer["moves"]:
        row["open_cases"] = hands[row["from"], row["to"]]["open_shown_cases"]
