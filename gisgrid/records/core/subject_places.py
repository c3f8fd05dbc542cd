"""Where the subjects of records lie, and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.queries import Sight, masked
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.rules import SubjectKind

SubjectKey: TypeAlias = "tuple[SubjectKind, str | None]"
"""The kind and the id of a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectPlace:
    """A subject's address and name: that of a person, a facility or an area, the number of a case.

    A person who agreed to nothing, or was erased, has no name.
    """

    address: str = ""
    name: str | None = None
    is_person: bool = False
    household: str | None = None
    building: str | None = None

    def label(self, sight: Sight) -> str:
        """What it is called to somebody who sees so much of people; without a name it is the address."""
        if self.name is None or not self.is_person:
            return self.name or self.address
        if sight == Sight.NONE:
            return self.address
        return masked(self.name) if sight == Sight.MASKED else self.name


def subject_places(view: View, subjects: Iterable[SubjectKey]) -> Mapping[SubjectKey, SubjectPlace]:
    """The places of some subjects of the view's community; what isn't there any more has an empty one."""
    by_kind: dict[SubjectKind, set[str]] = defaultdict(set)
    for kind, subject_id in subjects:
        by_kind[kind].add(subject_id or view.community.id)
    places: dict[SubjectKey, SubjectPlace] = defaultdict(SubjectPlace)
    for kind, ids in by_kind.items():
        for subject_id, place in _READERS[kind](view, ids):
            places[kind, None if kind == SubjectKind.COMMUNITY else subject_id] = place
    return places


Places: TypeAlias = Iterator[tuple[str, SubjectPlace]]
_HOME: Final = (Household.id, Household.std_address, Household.building_id)


def _rows(view: View, statement: Any, key: Any, ids: set[str]) -> Iterator[Any]:
    for few in batches(sorted(ids)):
        yield from view.session.execute(statement.where(key.in_(few)))


def _persons(view: View, ids: set[str]) -> Places:
    statement = select(Resident.id.label("person"), Resident.name, Resident.consent, *_HOME)
    joined = statement.join(Household, Household.id == Resident.household_id)
    for row in _rows(view, joined, Resident.id, ids):
        name = None if row.consent in NO_CONSENT else row.name
        place = SubjectPlace(
            address=row.std_address,
            name=name or None,
            is_person=True,
            household=row.id,
            building=row.building_id,
        )
        yield row.person, place


def _households(view: View, ids: set[str]) -> Places:
    for row in _rows(view, select(*_HOME), Household.id, ids):
        yield row.id, SubjectPlace(address=row.std_address, household=row.id, building=row.building_id)


def _buildings(view: View, ids: set[str]) -> Places:
    for row in _rows(view, select(Building.id, Building.address), Building.id, ids):
        yield row.id, SubjectPlace(address=row.address, building=row.id)


def _facilities(view: View, ids: set[str]) -> Places:
    for row in _rows(view, select(Facility.id, Facility.name, Facility.address), Facility.id, ids):
        yield row.id, SubjectPlace(address=row.address or "", name=row.name)


def _cases(view: View, ids: set[str]) -> Places:
    for row in _rows(view, select(Case.id, Case.number), Case.id, ids):
        yield row.id, SubjectPlace(name=row.number)


def _areas(view: View, ids: set[str]) -> Places:
    areas = view.present.tree.areas
    yield from ((area_id, SubjectPlace(name=areas[area_id].name)) for area_id in ids if area_id in areas)


def _none(_view: View, _ids: set[str]) -> Places:
    yield from ()


_READERS: Final[Mapping[SubjectKind, Callable[[View, set[str]], Places]]] = {
    SubjectKind.PERSON: _persons,
    SubjectKind.HOUSEHOLD: _households,
    SubjectKind.BUILDING: _buildings,
    SubjectKind.FACILITY: _facilities,
    SubjectKind.CASE: _cases,
    SubjectKind.AREA: _areas,
    SubjectKind.COMMUNITY: _areas,
    SubjectKind.WORKER: _none,
    SubjectKind.ORGANISATION: _none,
}
