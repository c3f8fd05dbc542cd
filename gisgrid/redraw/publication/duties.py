"""Duties as a published plan has them: those that end are closed, those that begin are opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.models import Duty
from gisgrid.areas.view import View
from gisgrid.redraw.edits.duty_changes import Served
from gisgrid.redraw.impact.duties import Serving, changed_duties, serving_after
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.storage.base import valid_at


def write_duties(
    view: View, opened: OpenPlan, ids: Mapping[str, str], *, before: Serving, now: datetime
) -> int:
    """Close and open the duties that change when the plan takes effect; gives how many rows.

    ``before`` is who served before anything of the plan was written: new areas inherit from closed ones,
    whose duties are closed with them.
    """
    after = serving_after(before, opened.base, opened.drawing)
    ground = opened.drawing.ground
    codes = sorted({*ground.grids, *ground.grid_of} & ids.keys())
    count = 0
    for code, (ended, begun) in changed_duties(before, after, codes).items():
        if ended:
            _close(view, ids[code], ended, now=now)
        for duty in sorted(begun, key=lambda served: (served.worker, served.kind)):
            view.session.add(_opened(ids[code], duty, now=now))
        count += len(ended) + len(begun)
    view.session.flush()
    return count


def _opened(area_id: str, served: Served, *, now: datetime) -> Duty:
    return Duty(
        worker_id=served.worker,
        area_id=area_id,
        kind=served.kind,
        is_primary=served.is_primary,
        valid_from=now,
    )


def _close(view: View, area_id: str, ended: frozenset[Served], *, now: datetime) -> None:
    rows = view.session.scalars(select(Duty).where(Duty.area_id == area_id, valid_at(Duty, now))).all()
    for row in rows:
        if Served(worker=row.worker_id, kind=row.kind, is_primary=row.is_primary) in ended:
            row.valid_to = now
