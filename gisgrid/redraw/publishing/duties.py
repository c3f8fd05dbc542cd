"""Duties that follow the grids of a published plan."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from gisgrid.access.models import Duty, DutyKind
from gisgrid.areas.look import Look

_INHERITED: Final = (
    DutyKind.GRID_MEMBER,
    DutyKind.GRID_SUPERVISOR,
    DutyKind.COMMUNITY_POLICE,
    DutyKind.PARTY_CADRE,
)


def inherit_duties(look: Look, source: str, target: str, *, now: datetime) -> None:
    """Give a new grid the duties of the one it came out of."""
    duties = look.session.scalars(
        select(Duty).where(Duty.area_id == source, Duty.valid_to.is_(None), Duty.kind.in_(_INHERITED))
    ).all()
    for duty in duties:
        look.session.add(
            Duty(
                worker_id=duty.worker_id,
                area_id=target,
                kind=duty.kind,
                is_primary=duty.is_primary,
                valid_from=now,
            )
        )
