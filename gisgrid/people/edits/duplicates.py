"""People who may stand in the register twice, told so that nobody of another grid is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import combinations
from typing import Final

from sqlalchemy import or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.people.core.edit_models import DuplicateDecision
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import LISTED_AGE, NO_CONSENT, latest_birth
from gisgrid.people.queries import masked
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on, new_id

_MOST_ALIKE: Final = 8
"""What more people share than this says nothing: a switchboard, or a name and a day that stand for none.

Their pairs would grow with the square of their number.
"""
_ANYWHERE: Final = frozenset({Role.HEAD, Role.LOCAL})
_BETWEEN: Final = "."


class Likeness(StrEnum):
    """What two people have in common."""

    NAME_AND_BIRTH = "name_and_birth"
    PHONE = "phone"
    """The same number in two households."""


class DuplicatePerson(TypedDict):
    """One of two people: of another grid only the grid is told; to heads the name is masked."""

    id: str | None
    name: str | None
    household: str | None
    address: str | None
    grid: str | None


class PersonPair(TypedDict):
    """Two people who may be one, by what they have in common."""

    id: str
    alike: list[Likeness]
    first: DuplicatePerson
    second: DuplicatePerson


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A person as duplicates are looked for."""

    id: str
    name: str | None
    birth_date: date | None
    phone: str | None
    household: str
    address: str
    cell_id: str | None


def list_duplicates(view: View, *, now: datetime) -> list[PersonPair]:
    """Pairs that nobody has decided on, of the community as far as the actor may know. One audit entry.

    Members see pairs in their own grids, staff those with somebody in theirs, heads all with masked names.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    """
    require(view.actor, Action.PERSONS_EDIT)
    rows = _shown(view, _listed(view))
    record(view.session, view.actor, "duplicates:list", "resident", now=now, count=len(rows))
    return rows


def duplicates_of(view: View, person_id: str) -> list[PersonPair]:
    """Pairs with one person, as the actor may know them; asks no right."""
    person = view.session.get(Resident, person_id)
    if person is None:
        return []
    digest, born = Resident.phone_digest, Resident.birth_date
    alike = [
        column == value
        for column, value in ((digest, person.phone_digest), (born, person.birth_date))
        if value
    ]
    if not alike:
        return []
    near = _listed(view, or_(*alike))
    return [row for row in _shown(view, near) if person_id in row["id"].split(_BETWEEN)]


def decide_duplicate(view: View, pair_id: str, *, is_same: bool, now: datetime) -> None:
    """Keep whether two people are one; the pair is listed no more. What follows is edited by hand.

    Raises
    ------
    NotAllowed
        The role doesn't decide.
    NotFound
        No such pair within what the actor may know.
    """
    require(view.actor, Action.DUPLICATES_DECIDE)
    first, _, second = pair_id.partition(_BETWEEN)
    people = _listed(view, Resident.id.in_([first, second]))
    if pair_id not in {row["id"] for row in _shown(view, people)}:
        raise NotFound("no such pair")
    view.session.add(
        DuplicateDecision(
            id=new_id(),
            first_id=first,
            second_id=second,
            is_same=is_same,
            at=now,
            account_id=view.actor.account_id,
        )
    )
    record(view.session, view.actor, "duplicates:decide", "resident", now=now, object_id=first, count=2)
    view.session.flush()


def _listed(view: View, where: object = None) -> list[_Listed]:
    """People of the community who live there now, registered and 14 or older."""
    born, day = Resident.birth_date, view.when.day
    statement = (
        select(
            *(Resident.id, Resident.name, born, Resident.phone_digest, Resident.household_id),
            *(Household.std_address, Household.cell_id),
        )
        .join(Household, Household.id == Resident.household_id)
        .where(
            Household.community_id == view.community.id,
            Resident.erased_at.is_(None),
            Resident.consent.not_in(NO_CONSENT),
            or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
            lived_on(Resident.lived_from, Resident.lived_to, day),
            or_(born.is_(None), born <= latest_birth(LISTED_AGE, day)),
        )
        .order_by(Resident.id)
    )
    if where is not None:
        statement = statement.where(where)  # type: ignore[arg-type]
    return [
        _Listed(
            id=row[0],
            name=row[1],
            birth_date=row[2],
            phone=row[3],
            household=row[4],
            address=row[5],
            cell_id=row[6],
        )
        for row in view.session.execute(statement)
    ]


def _shown(view: View, people: Sequence[_Listed]) -> list[PersonPair]:
    pairs = _pairs(people)
    decided = _decided(view, {person.id for pair in pairs for person in pair})
    return [
        _row(view, first, second, alike)
        for (first, second), alike in pairs.items()
        if (first.id, second.id) not in decided and _may_know(view, first, second)
    ]


def _pairs(people: Iterable[_Listed]) -> dict[tuple[_Listed, _Listed], list[Likeness]]:
    names: dict[tuple[str, date], list[_Listed]] = defaultdict(list)
    phones: dict[str, list[_Listed]] = defaultdict(list)
    for person in people:
        if person.name and person.birth_date:
            names[person.name, person.birth_date].append(person)
        if person.phone:
            phones[person.phone].append(person)
    pairs: dict[tuple[_Listed, _Listed], list[Likeness]] = defaultdict(list)
    for group in names.values():
        for pair in combinations(group if len(group) <= _MOST_ALIKE else [], 2):
            pairs[pair].append(Likeness.NAME_AND_BIRTH)
    for group in phones.values():
        for first, second in combinations(group if len(group) <= _MOST_ALIKE else [], 2):
            if first.household != second.household:
                pairs[first, second].append(Likeness.PHONE)
    return pairs


def _decided(view: View, ids: set[str]) -> set[tuple[str, str]]:
    if not ids:
        return set()
    statement = select(DuplicateDecision.first_id, DuplicateDecision.second_id)
    return {(row[0], row[1]) for row in view.session.execute(statement)}


def _may_know(view: View, first: _Listed, second: _Listed) -> bool:
    own = [person.cell_id in view.own_cells for person in (first, second)]
    if view.actor.role in _ANYWHERE:
        return True
    return any(own) if view.actor.role == Role.STAFF else all(own)


def _row(view: View, first: _Listed, second: _Listed, alike: list[Likeness]) -> PersonPair:
    return PersonPair(
        id=f"{first.id}{_BETWEEN}{second.id}",
        alike=alike,
        first=_person(view, first),
        second=_person(view, second),
    )


def _person(view: View, person: _Listed) -> DuplicatePerson:
    grid = view.present.grid_of(person.cell_id)
    code = grid.code if grid else None
    role = view.actor.role
    if role not in _ANYWHERE and person.cell_id not in view.own_cells:
        return DuplicatePerson(id=None, name=None, household=None, address=None, grid=code)
    return DuplicatePerson(
        id=person.id,
        name=masked(person.name) if role == Role.HEAD else person.name,
        household=person.household,
        address=person.address,
        grid=code,
    )
