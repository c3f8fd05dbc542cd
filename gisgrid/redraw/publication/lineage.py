"""Which grids were split from others, and which went up in others."""

from __future__ import annotations

from collections.abc import Mapping

from gisgrid.areas.models import AreaLineage, Revision
from gisgrid.areas.view import View
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.publication.touched import gone_grids, new_grids, origin
from gisgrid.storage.base import new_id


def write_lineage(view: View, opened: OpenPlan, ids: Mapping[str, str], *, revision: Revision) -> None:
    """Which grids were split from others, and which went up in others."""
    split = [(code, origin(opened, code), "split_from") for code in new_grids(opened)]
    heirs = opened.drawing.delta.heir
    merged = [(code, heirs[code], "merged_into") for code in gone_grids(opened) if heirs.get(code) in ids]
    for code, other, kind in (*split, *merged):
        view.session.add(
            AreaLineage(
                id=new_id(), area_id=ids[code], other_id=ids[other], kind=kind, revision_id=revision.id
            )
        )
    view.session.flush()
