"""What a phone may hold and until when: as long as the account serves there, by what is known today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.models import Account, Duty, Role
from gisgrid.areas.models import Revision
from gisgrid.areas.view import Caches, View
from gisgrid.offline.territory import buildings_here, own_grids
from gisgrid.places.models import Building


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A grid, or a steward's building, that a phone may hold; ``until``: when that is known to end."""

    id: str
    code: str
    name: str
    until: datetime | None


def grants_of(view: View, *, caches: Caches, now: datetime, hours: int) -> list[Grant]:
    """What the account's phone may hold now, with what ends within some hours."""
    coming = _Coming(view, caches, now=now, last=now + timedelta(hours=hours))
    if view.actor.role == Role.STEWARD:
        rows = view.session.execute(
            select(Building.id, Building.code, Building.address).where(buildings_here(view))
        )
        return [
            Grant(id=row.id, code=row.code or "", name=row.address, until=coming.end_of_building(row.id))
            for row in rows
        ]
    return [
        Grant(id=grid.id, code=grid.code, name=grid.name, until=coming.end_of_grid(grid.id))
        for grid in own_grids(view)
    ]


def holds_until(grants: Iterable[Grant], *, now: datetime, hours: int) -> datetime:
    """Until when a phone may open what it holds without asking again."""
    ends = [grant.until for grant in grants if grant.until is not None]
    return min([now + timedelta(hours=hours), *ends])


class _Coming:
    """Who the account is and what it serves at each instant at which that changes before long."""

    def __init__(self, view: View, caches: Caches, *, now: datetime, last: datetime) -> None:
        self._view, self._caches = view, caches
        self._instants = sorted({*self._revisions(now, last), *self._duties(now, last)})
        self._actors: dict[datetime, Actor | None] = {}

    def end_of_grid(self, grid_id: str) -> datetime | None:
        """The first instant at which the account serves less of a grid than now."""
        view = self._view
        cells = {cell for cell in view.own_cells if _is_in(view, cell, grid_id)}
        return next((at for at in self._instants if not cells <= self._cells(at)), None)

    def end_of_building(self, building_id: str) -> datetime | None:
        """The first instant at which a building is no longer the steward's."""
        return next((at for at in self._instants if building_id not in self._buildings(at)), None)

    def _cells(self, at: datetime) -> set[str]:
        actor = self._actor(at)
        division = self._caches.divisions.get(self._view.session, self._view.community.id, at=at)
        return division.cells_of(actor.areas) if actor else set()

    def _buildings(self, at: datetime) -> frozenset[str]:
        actor = self._actor(at)
        return actor.buildings if actor else frozenset()

    def _actor(self, at: datetime) -> Actor | None:
        if at not in self._actors:
            account = self._view.actor.account_id
            self._actors[at] = load_actor(self._view.session, account, now=at) if account else None
        return self._actors[at]

    def _revisions(self, now: datetime, last: datetime) -> list[datetime]:
        statement = select(Revision.effective_at).where(
            Revision.community_id == self._view.community.id,
            Revision.effective_at > now,
            Revision.effective_at <= last,
        )
        return list(self._view.session.scalars(statement))

    def _duties(self, now: datetime, last: datetime) -> list[datetime]:
        statement = (
            select(Duty.valid_to)
            .join(Account, Account.worker_id == Duty.worker_id)
            .where(
                Account.id == self._view.actor.account_id,
                Duty.valid_to > now,
                Duty.valid_to <= last,
            )
        )
        return [at for at in self._view.session.scalars(statement) if at is not None]


def _is_in(view: View, cell: str, grid_id: str) -> bool:
    grid = view.present.grid_of(cell)
    return grid is not None and grid.id == grid_id
