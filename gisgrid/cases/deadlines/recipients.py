"""Who is told of levels of time limits in one community at one instant, each asked of the database once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from gisgrid.access.models import AccountScope, Duty, Role
from gisgrid.areas.accounts import by_duty, by_scope
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import desk, is_escalated, leaders_above
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.notifications import accounts_of_workers
from gisgrid.cases.core.owners import Owner
from gisgrid.cases.deadlines.levels import WarningLevel
from gisgrid.storage.base import valid_at


class Recipients:
    """Accounts by level and case. ``owners``: who owns each case, by its id."""

    def __init__(self, view: View, owners: Mapping[str, Owner | None], *, now: datetime) -> None:
        self._view, self._owners, self._now = view, owners, now
        self._staff: dict[str, set[str]] = {}
        self._leaders: dict[tuple[str, bool], set[str]] = {}

    def of(self, who: WarningLevel, case: Case) -> set[str]:
        """The accounts that a level of a case is told to: maybe none."""
        if who is WarningLevel.OWNER:
            return self._owner(case)
        if who is WarningLevel.COMMUNITY:
            return self._desk | self._staff_of_grid(case)
        return self._desk | self._leaders_of(case)

    def _owner(self, case: Case) -> set[str]:
        owner = self._owners[case.id]
        if owner is None:
            return set()
        return {owner.account_id} if owner.account_id else self._accounts.get(owner.worker_id or "", set())

    @cached_property
    def _accounts(self) -> Mapping[str, set[str]]:
        workers: Iterable[str | None] = (owner.worker_id for owner in self._owners.values() if owner)
        return accounts_of_workers(self._view.session, {worker for worker in workers if worker})

    @cached_property
    def _desk(self) -> set[str]:
        return desk(self._view.session, self._view.community.id, now=self._now)

    def _leaders_of(self, case: Case) -> set[str]:
        key = (case.category_code, is_escalated(case))
        if key not in self._leaders:
            self._leaders[key] = leaders_above(self._view.session, case, now=self._now)
        return self._leaders[key]

    def _staff_of_grid(self, case: Case) -> set[str]:
        """Staff who serve the grid of a case, or a micro grid in it."""
        grid = self._view.present.grid_of(case.cell_id)
        if grid is None:
            return set()
        if grid.id not in self._staff:
            self._staff[grid.id] = self._serving(grid.id)
        return self._staff[grid.id]

    def _serving(self, grid_id: str) -> set[str]:
        session = self._view.session
        areas = {grid_id, *(child.id for child in self._view.present.tree.children(grid_id))}
        roles = {Role.STAFF}
        duties = by_duty(roles).where(Duty.area_id.in_(areas), valid_at(Duty, self._now))
        scopes = by_scope(roles).where(AccountScope.area_id.in_(areas))
        return {*session.scalars(duties), *session.scalars(scopes)}
