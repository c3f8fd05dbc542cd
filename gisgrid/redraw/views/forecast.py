"""What an edit would do to buildings, told before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from gisgrid.access.actors import require
from gisgrid.areas.view import Caches, View
from gisgrid.redraw.edit_inputs import prepared
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.kinds import kind_of, right_to_draw
from gisgrid.redraw.edits.repair import mending
from gisgrid.redraw.ground.addresses import addresses_of
from gisgrid.redraw.ground.plan_ground import PlanGround, base_of
from gisgrid.redraw.impact.impact import grid_names
from gisgrid.redraw.plans.decisions import refuse_closed
from gisgrid.redraw.plans.store import open_plan
from gisgrid.redraw.rules.borders import cut_objects
from gisgrid.redraw.rules.rules import cut_sentence


class ForetoldRow(TypedDict):
    """The buildings an edit would cut in a grid."""

    rule: str
    grid: str
    name: str
    message: str
    addresses: list[str | None]
    lon: float
    lat: float


def foretold_cuts(
    view: View, plan_id: str | None, op: Mapping[str, Any], *, caches: Caches
) -> list[ForetoldRow]:
    """The buildings an edit would cut that the plan doesn't cut yet, by grid; nothing is kept.

    Parameters
    ----------
    plan_id
        The plan it would be added to; ``None``: a new one, on the grids of today.

    Raises
    ------
    Conflict, InvalidInput
        The edit would be refused: one sentence says why.
    """
    require(view.actor, right_to_draw(op))
    sent = kind_of(op).sent(op)
    base, drawing = _drawn_so_far(view, plan_id, caches)
    edit = prepared(sent, view, base, drawing)
    with mending(view, base, drawing, edit):
        after = edit.draw(base, drawing)
    cut_before = {at for cut in cut_objects(base, drawing).values() for at in cut}
    cuts = cut_objects(base, after)
    cut_by_grid = {code: (cut, [at for at in cut if at not in cut_before]) for code, cut in cuts.items()}
    addresses = addresses_of(view, base, [at for _all, fresh in cut_by_grid.values() for at in fresh])
    names = grid_names(view, after)
    return [
        {
            "rule": "G07",
            "grid": code,
            "name": names.get(code, code),
            "message": cut_sentence(names.get(code, code), len(cut)),
            "addresses": [addresses[at] for at in fresh if at in addresses],
            "lon": float(base.objects.xy[fresh[0]][0]),
            "lat": float(base.objects.xy[fresh[0]][1]),
        }
        for code, (cut, fresh) in sorted(cut_by_grid.items())
        if fresh
    ]


def _drawn_so_far(view: View, plan_id: str | None, caches: Caches) -> tuple[PlanGround, Drawing]:
    if plan_id is None:
        base = base_of(view)
        return base, Drawing(ground=base.ground)
    opened = open_plan(view, plan_id, caches=caches)
    refuse_closed(opened.plan)
    return opened.base, opened.drawing
