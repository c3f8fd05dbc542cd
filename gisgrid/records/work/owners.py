"""Who has a task: the visitor while on duty there, else the grid's primary member, else nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import or_, select

from gisgrid.access.models import Duty, DutyKind
from gisgrid.areas.view import View
from gisgrid.records.work.fact_lines import WorkSubject
from gisgrid.storage.base import valid_at


@dataclass(frozen=True)
class WorkOwners:
    """Primary members by grid, and what others serve: areas and buildings (ids) by the worker's id."""

    view: View
    primary: Mapping[str, str]
    served: Mapping[str, frozenset[str]]

    def owner_of(self, subject: WorkSubject, *wanted: str | None) -> str | None:
        """The first of some workers who is on duty where the subject lies, else the primary member there.

        Who serves another grid could open neither the household nor the form, so the task isn't theirs.
        """
        path = self._path(subject.cell)
        places = path | {subject.building}
        serving = (worker for worker in wanted if worker and places & self.served.get(worker, frozenset()))
        return next(serving, None) or next(
            (self.primary[area] for area in path if area in self.primary), None
        )

    def _path(self, cell: str | None) -> frozenset[str]:
        """Ids of the areas around a cell."""
        return self.paths.get(self.view.present.owners.get(cell or "", ""), frozenset())

    @cached_property
    def paths(self) -> Mapping[str, frozenset[str]]:
        """For each micro grid itself and the areas around it."""
        tree, micros = self.view.present.tree, set(self.view.present.owners.values())
        return {micro: frozenset(area.id for area in tree.path(micro)) for micro in micros}


def work_owners(view: View, workers: Iterable[str | None]) -> WorkOwners:
    """Who serves what at the moment of the view: the primary members, and some workers by id."""
    named = sorted({worker for worker in workers if worker})
    areas = view.present.tree.areas
    is_primary = Duty.is_primary & (Duty.kind == DutyKind.GRID_MEMBER)
    statement = select(Duty).where(
        valid_at(Duty, view.when.at),
        or_(is_primary & Duty.area_id.in_(areas), Duty.worker_id.in_(named)),
    )
    primary: dict[str, str] = {}
    served: dict[str, set[str]] = defaultdict(set)
    for duty in view.session.scalars(statement):
        place = duty.area_id or duty.building_id or ""
        served[duty.worker_id].add(place)
        if duty.is_primary and duty.kind == DutyKind.GRID_MEMBER:
            primary[place] = duty.worker_id
    return WorkOwners(view, primary, {worker: frozenset(places) for worker, places in served.items()})
