"""Keeps people on duty that come from a file: who serves which area, in which capacity, since when.

A grid has one primary member at a time, whatever a file says. No account is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.imports import ImportNotes
from gisgrid.access.models import Duty, DutyKind, Worker
from gisgrid.areas.communities import touch
from gisgrid.areas.models import Level
from gisgrid.areas.tree import AreaTree
from gisgrid.days import day_of, end_of, start_of
from gisgrid.errors import InvalidInput, say
from gisgrid.places.import_rows import (
    Change,
    Importing,
    KeptRows,
    differences,
    stored_rows,
    whole_rows,
    write,
)
from gisgrid.places.models import Building
from gisgrid.storage.base import new_id

_TURNED: Final = "the end must come after the beginning"
_WORKER: Final = ("code", "name", "office_phone", "birth_year", "education")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMember:
    """One duty of one person as a file has it; what the file leaves open is None.

    ``area`` is the code of an area, for a building steward that of a building. ``first``, ``last`` are
    days, both included.
    """

    row: int
    name: str
    duty: DutyKind
    area: str
    code: str | None = None
    office_phone: str | None = None
    birth_year: int | None = None
    education: str | None = None
    is_primary: bool | None = None
    first: date | None = None
    last: date | None = None

    @property
    def releases(self) -> bool:
        """Whether the row ends something: such rows go first, so that others may follow on them."""
        return self.last is not None or self.is_primary is False

    @property
    def is_turned(self) -> bool:
        """Whether it ends before it begins."""
        return self.first is not None and self.last is not None and self.last < self.first


@dataclass(slots=True, kw_only=True)
class _KnownWorker:
    """A worker, as stored or new, with what the rows so far say of them."""

    id: str
    stored: Mapping[str, Any] | None
    told: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """What holds of the worker, by the rows so far."""
        return self.told.get(name, self.stored[name] if self.stored is not None else None)


@dataclass(slots=True, kw_only=True)
class _Term:
    """One duty from an instant to another (None: open)."""

    id: str
    person: _KnownWorker
    kind: str
    subject: str
    begins: datetime
    ends: datetime | None
    is_primary: bool
    stored: Mapping[str, Any] | None

    def meets(self, begins: datetime, ends: datetime | None) -> bool:
        """Whether both spans share an instant."""
        return (ends is None or self.begins < ends) and (self.ends is None or begins < self.ends)


@dataclass(slots=True)
class _Roster:
    """Everybody who serves a community, as it stands while the rows are taken one by one."""

    tree: AreaTree
    areas: Mapping[str, str]
    buildings: Mapping[str, str]
    people: list[_KnownWorker]
    terms: list[_Term]
    at: datetime
    tz: tzinfo

    def person(self, member: ImportedMember) -> _KnownWorker:
        """The worker a row means, new where nobody here is known by it.

        Raises
        ------
        InvalidInput
            Several people are meant, or an earlier row says something else of the same person.
        """
        worker = self._known(member)
        if worker is None:
            worker = _KnownWorker(id=new_id(), stored=None)
            self.people.append(worker)
        values = {name: value for name in _WORKER if (value := getattr(member, name)) is not None}
        for name, value in values.items():
            if name in worker.told and worker.told[name] != value:
                raise InvalidInput("another row says something else of the same person", field=name)
        worker.told |= values
        return worker

    def _known(self, member: ImportedMember) -> _KnownWorker | None:
        if member.code:
            by_code = [person for person in self.people if person.value("code") == member.code]
            if by_code:
                return by_code[0]
        # A person with another number is another person, whatever the name.
        alike = [
            person
            for person in self.people
            if person.value("name") == member.name and (not member.code or person.value("code") is None)
        ]
        exact = [person for person in alike if person.value("office_phone") == member.office_phone]
        if len(exact) == 1:
            return exact[0]
        subject = self.subject_of(member)
        serving = [
            person
            for person in alike
            if any(term.person is person and term.subject == subject for term in self.terms)
        ]
        near = serving or [
            person for person in alike if member.office_phone is None or person.value("office_phone") is None
        ]
        if len(near) > 1:
            message = "several people of this name serve here: tell them apart by code or office phone"
            raise InvalidInput(message, field="name")
        return near[0] if near else None

    def subject_of(self, member: ImportedMember) -> str:
        """The id of the area or building a row names.

        Raises
        ------
        InvalidInput
            There is none of that code here.
        """
        if member.duty == DutyKind.BUILDING_STEWARD:
            if member.area not in self.buildings:
                raise InvalidInput(say("no building with the code {code!r}", code=member.area), field="area")
            return self.buildings[member.area]
        if member.area not in self.areas:
            raise InvalidInput(say("no area with the code {code!r}", code=member.area), field="area")
        return self.areas[member.area]

    def term(self, member: ImportedMember, person: _KnownWorker, subject: str) -> _Term:
        """The duty of a row as it is to be: a known one with its changes, or a new one.

        Raises
        ------
        InvalidInput
            It ends before it begins, or meets another duty that can't be held at the same time.
        """
        stored = self._known_term(member, person, subject)
        begins = start_of(member.first, self.tz) if member.first else None
        ends = end_of(member.last, self.tz) if member.last else None
        term = _Term(
            id=stored.id if stored else new_id(),
            person=person,
            kind=member.duty.value,
            subject=subject,
            begins=self._as_known(begins, stored.begins if stored else None)
            or start_of(day_of(self.at, self.tz), self.tz),
            ends=self._as_known(ends, stored.ends if stored else None),
            is_primary=_first_rows(member.is_primary, stored.is_primary if stored else None),
            stored=stored.stored if stored else None,
        )
        if term.ends is not None and term.ends <= term.begins:
            raise InvalidInput(_TURNED, field="until")
        others = [other for other in self.terms if other is not stored and other.subject == subject]
        self._refuse_meeting(member, term, others)
        if stored is not None:
            self.terms.remove(stored)
        self.terms.append(term)
        return term

    def _as_known(self, begin: datetime | None, known: datetime | None) -> datetime | None:
        """What a file says of a duty, in days, unless what is known lies within that very day."""
        if begin is None or known is None:
            return begin or known
        return known if start_of(day_of(known, self.tz), self.tz) == begin else begin

    def _known_term(self, member: ImportedMember, person: _KnownWorker, subject: str) -> _Term | None:
        own = [
            term
            for term in self.terms
            if term.person is person and term.kind == member.duty and term.subject == subject
        ]
        if member.first is None:
            still = [term for term in own if term.ends is None or term.ends > self.at]
            return max(still or (own if member.last else []), key=lambda term: term.begins, default=None)
        begins = start_of(member.first, self.tz)
        ends = end_of(member.last, self.tz) if member.last else None
        same = [term for term in own if term.begins == begins]
        meeting = [term for term in own if term.meets(begins, ends)]
        return next(iter(same or meeting), None)

    def _refuse_meeting(self, member: ImportedMember, term: _Term, others: Iterable[_Term]) -> None:
        for other in others:
            if other.kind != term.kind or not other.meets(term.begins, term.ends):
                continue
            if other.person is term.person:
                raise InvalidInput("this meets another duty of the same person there", field="from")
            if term.is_primary and other.is_primary and term.kind == DutyKind.GRID_MEMBER:
                message = say(
                    "the grid {code} has the primary member {known} since {day}: {other} can't be so too",
                    code=member.area,
                    known=other.person.value("name"),
                    day=day_of(other.begins, self.tz).isoformat(),
                    other=member.name,
                )
                raise InvalidInput(message, field="primary")

    def vacant(self) -> int:
        """How many grids have no primary member now."""
        served = {
            term.subject
            for term in self.terms
            if term.is_primary
            and term.kind == DutyKind.GRID_MEMBER
            and term.begins <= self.at
            and (term.ends is None or term.ends > self.at)
        }
        return sum(area.id not in served for area in self.tree.at_level(Level.GRID))


def save_members(running: Importing, members: Sequence[ImportedMember]) -> KeptRows:
    """Keep people on duty: known by code, else by name and office phone; a duty by person, kind and area.

    A field the file leaves empty keeps its value. Rows that end something are taken first. A row that would
    give a grid a second primary member is refused and names both.
    """
    require(running.actor, Action.MEMBERS_IMPORT)
    roster = _load(running)
    kept = KeptRows()
    taken: list[tuple[ImportedMember, _Term]] = []
    for member in sorted(members, key=lambda member: (not member.releases, member.row)):
        try:
            taken.append((member, _take(roster, member)))
        except InvalidInput as error:
            messages = {fault.field or "": fault.message for fault in error.faults}
            if member.is_turned:
                messages["until"] = _TURNED
            kept.refused += [(member.row, name, message) for name, message in messages.items()]
    running.pulse(len(members))
    _write(running.notes, taken, kept)
    kept.counts["grids_without_primary"] = roster.vacant()
    if kept.new or kept.updated:
        touch(running.session, [running.division.community_id])
    record(
        running.session,
        running.actor,
        "members:import",
        "duty",
        now=running.at,
        object_id=running.division.community_id,
        count=kept.new + len(kept.updated),
    )
    return kept


def _take(roster: _Roster, member: ImportedMember) -> _Term:
    subject = roster.subject_of(member)
    is_grid = member.duty == DutyKind.BUILDING_STEWARD or roster.tree.areas[subject].level == Level.GRID
    if member.duty == DutyKind.GRID_MEMBER and member.is_primary and not is_grid:
        raise InvalidInput("a primary grid member serves a grid, no other level", field="area")
    values = {id(person): dict(person.told) for person in roster.people}
    person = roster.person(member)
    try:
        term = roster.term(member, person, subject)
    except InvalidInput:
        # The row is left out: what it said of the person goes with it.
        if id(person) in values:
            person.told = values[id(person)]
        else:
            roster.people.remove(person)
        raise
    return term


def _load(running: Importing) -> _Roster:
    session, tree = running.session, running.division.tree
    community_id = running.division.community_id
    areas = {area.code: area.id for area in tree.areas.values() if area.community_id == community_id}
    coded = select(Building.code, Building.id).where(
        Building.community_id == community_id, Building.code.is_not(None)
    )
    buildings = {str(row.code): row.id for row in session.execute(coded)}
    inside = select(Building.id).where(Building.community_id == community_id)
    here = Duty.area_id.in_(areas.values()) | Duty.building_id.in_(inside)
    duties = stored_rows(session, whole_rows(Duty).where(here).order_by(Duty.valid_from))
    workers = {row["worker_id"] for row in duties}
    rows = stored_rows(session, whole_rows(Worker).where(Worker.id.in_(workers)).order_by(Worker.id))
    people = {row["id"]: _KnownWorker(id=row["id"], stored=row) for row in rows}
    terms = [
        _Term(
            id=row["id"],
            person=people[row["worker_id"]],
            kind=row["kind"],
            subject=row["area_id"] or row["building_id"],
            begins=row["valid_from"],
            ends=row["valid_to"],
            is_primary=row["is_primary"],
            stored=row,
        )
        for row in duties
    ]
    return _Roster(tree, areas, buildings, list(people.values()), terms, running.at, running.tz)


def _first_rows(*values: bool | None) -> bool:
    return next((value for value in values if value is not None), False)


def _write(notes: ImportNotes, taken: Sequence[tuple[ImportedMember, _Term]], kept: KeptRows) -> None:
    people = {id(term.person): term.person for _one, term in taken}
    changed_people = {key: _worker_changes(person) for key, person in people.items()}
    write(
        notes.session,
        Worker,
        notes=notes,
        key="id",
        fresh=[
            {**dict.fromkeys(_WORKER), **person.told, "id": person.id}
            for person in people.values()
            if person.stored is None
        ],
        changes=[
            Change(key=person.id, id=person.id, stored=person.stored, fresh=changed_people[key])
            for key, person in people.items()
            if person.stored is not None and changed_people[key]
        ],
    )
    final = {term.id: term for _one, term in taken}
    fresh, changes = [], []
    ids: set[str] = set()
    for member, term in taken:
        wanted = _duty_values(final[term.id])
        of_person = tuple(changed_people[id(term.person)]) if term.person.stored is not None else ()
        different = differences(term.stored, wanted) if term.stored is not None else {}
        if term.id not in ids:
            ids.add(term.id)
            if term.stored is None:
                fresh.append({**wanted, "id": term.id})
                kept.new += 1
                continue
            if different:
                changes.append(Change(key=term.id, id=term.id, stored=term.stored, fresh=different))
        named = tuple(sorted({*of_person, *different}))
        if named:
            kept.updated.append((member.row, member.code or member.name, named))
        else:
            kept.unchanged += 1
    write(notes.session, Duty, key="id", fresh=fresh, changes=changes, notes=notes)


def _worker_changes(person: _KnownWorker) -> dict[str, Any]:
    return {} if person.stored is None else differences(person.stored, person.told)


def _duty_values(term: _Term) -> dict[str, Any]:
    is_building = term.kind == DutyKind.BUILDING_STEWARD
    return {
        "worker_id": term.person.id,
        "area_id": None if is_building else term.subject,
        "building_id": term.subject if is_building else None,
        "kind": term.kind,
        "is_primary": term.is_primary,
        "valid_from": term.begins,
        "valid_to": term.ends,
    }
