"""Persons of a household, as far as the actor may know them, and finding them by name in one's own grids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NotRequired

from sqlalchemy import func, or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT, age_or_none, is_listed
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on

_FIELDS: Final = ("name", "phone", "birth_date", "sex", "residence_status")
_NAME_LIMIT: Final = 20


class Hidden(StrEnum):
    """Why persons aren't shown on a card."""

    NEEDS_REASON = "needs_reason"
    NO_RIGHT = "no_right"
    REFUSED = "refused"


class Sight(StrEnum):
    """How much of the persons of a household an actor sees."""

    NONE = "none"
    MASKED = "masked"
    NAMES = "names"
    FULL = "full"


SIGHTS: Final[Mapping[Role, Sight]] = {
    Role.LOCAL: Sight.FULL,
    Role.HEAD: Sight.MASKED,
    Role.STAFF: Sight.FULL,
    Role.MEMBER: Sight.FULL,
    Role.GRID_LEADER: Sight.NAMES,
    Role.STEWARD: Sight.NAMES,
}
"""How much each role sees where it sees persons; the text of registration tells people this table."""
ANYWHERE: Final = frozenset({Role.LOCAL, Role.HEAD})
"""Roles that see that in the whole community, not only in their own grids or buildings."""


class PersonRow(TypedDict):
    """A person of a household, with as much as the actor may know."""

    id: NotRequired[str]
    name: str | None
    age: NotRequired[int | None]
    sex: NotRequired[str | None]
    residence_status: NotRequired[str | None]
    phone: NotRequired[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """The persons of a household for a card; ``hidden`` says why not all is there."""

    rows: list[PersonRow] | None
    hidden: Hidden | None


def sight_of(view: View, household: Household) -> Sight:
    """How much of the persons of a household the actor sees without giving a reason."""
    actor = view.actor
    if not may(actor, Action.PERSONS_VIEW):
        return Sight.NONE
    sight = SIGHTS.get(actor.role, Sight.NONE) if actor.role else Sight.NONE
    if actor.role in ANYWHERE:
        return sight
    is_steward = actor.role == Role.STEWARD
    is_own = household.building_id in actor.buildings if is_steward else household.cell_id in view.own_cells
    return sight if is_own else Sight.NONE


def persons_of(view: View, household: Household, *, reason: str | None, now: datetime) -> Persons:
    """The persons of a household by right; opening them leaves an audit entry, with the reason where given.

    Minors below 14 are never listed. Who has refused or withdrawn isn't there.
    """
    sight = sight_of(view, household)
    if sight == Sight.NONE:
        return Persons(rows=None, hidden=Hidden.NO_RIGHT)
    if household.consent in NO_CONSENT:
        return Persons(rows=None, hidden=Hidden.REFUSED)
    is_full = sight == Sight.FULL or (sight == Sight.MASKED and bool((reason or "").strip()))
    residents = [row for row in _residents(view, household.id) if is_listed(row.birth_date, view.when.day)]
    record(
        view.session,
        view.actor,
        _opened(sight, is_full=is_full),
        "household",
        now=now,
        object_id=household.id,
        count=len(residents),
        fields=_FIELDS if is_full else ("name",),
        reason=reason if is_full else None,
    )
    if sight == Sight.NAMES:  # they learn nothing by which more could be asked for
        return Persons(rows=[{"name": row.name} for row in residents], hidden=None)
    rows: list[PersonRow] = [
        _full(row, view) if is_full else {"id": row.id, "name": masked(row.name)} for row in residents
    ]
    return Persons(rows=rows, hidden=None if is_full else Hidden.NEEDS_REASON)


def _opened(sight: Sight, *, is_full: bool) -> str:
    """What the audit trail calls it, so that nobody reads there of masks where names were shown."""
    if is_full:
        return "persons:view"
    return "persons:view_names" if sight == Sight.NAMES else "persons:view_masked"


def _residents(view: View, household_id: str) -> list[Resident]:
    statement = (
        select(Resident)
        .where(
            Resident.household_id == household_id,
            lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
            Resident.consent.not_in(NO_CONSENT),
        )
        .order_by(Resident.birth_date, Resident.id)
    )
    return list(view.session.scalars(statement))


def _full(row: Resident, view: View) -> PersonRow:
    return {
        "id": row.id,
        "name": row.name,
        "age": age_or_none(row.birth_date, view.when.day),
        "sex": row.sex,
        "residence_status": row.residence_status,
        "phone": row.phone,
    }


def masked(name: str | None) -> str:
    """A name with all but its first character hidden."""
    return f"{name[0]}{'*' * max(1, len(name) - 1)}" if name else "*"


def count_people(view: View, household_id: str) -> int | None:
    """How many people of a household are registered; nothing where nobody is."""
    statement = select(func.count()).where(
        Resident.household_id == household_id,
        lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
        Resident.consent.not_in(NO_CONSENT),
    )
    return view.session.scalar(statement) or None


def find_by_name(view: View, name: str, *, now: datetime, limit: int = 20) -> list[Household]:
    """Households of the own grids in which somebody's name contains a text, decrypted in memory.

    No name is searched in SQL, logged or put in an address. Leaves one audit entry.

    Raises
    ------
    InvalidInput
        The text is empty or longer than a name.
    """
    require(view.actor, Action.PERSONS_SEARCH)
    wanted = name.strip()
    if not 0 < len(wanted) <= _NAME_LIMIT:
        raise InvalidInput("a name has 1 to 20 characters", field="name")
    statement = (
        select(Household, Resident.name, Resident.birth_date)
        .join(Resident, Resident.household_id == Household.id)
        .where(
            Household.community_id == view.community.id,
            or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
            Resident.consent.not_in(NO_CONSENT),
            lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
        )
        .order_by(Household.std_address)
    )
    if view.actor.role != Role.LOCAL:
        statement = statement.where(Household.cell_id.in_(view.own_cells))
    households: dict[str, Household] = {}
    for row in view.session.execute(statement):
        if row.name and wanted in row.name and is_listed(row.birth_date, view.when.day):
            households.setdefault(row.Household.id, row.Household)
        if len(households) >= limit:
            break
    record(view.session, view.actor, "persons:search", "household", now=now, count=len(households))
    return list(households.values())
