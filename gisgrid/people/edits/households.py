"""New doors and new children: households added by hand, and births that raise the count below 14."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shapely import Point
from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.changes import EditAct, begin_edit
from gisgrid.people.edits.field_states import states_of
from gisgrid.people.edits.fields import HOUSEHOLD_KIND, MINORS, PEOPLE_TOLD
from gisgrid.people.edits.head_counts import HeadCount, head_count
from gisgrid.people.edits.register import settle_vacancy
from gisgrid.people.edits.repeats import id_faults, was_taken
from gisgrid.people.edits.scope import EditSubject, editable_household, reason_faults
from gisgrid.people.edits.service import check_open
from gisgrid.people.edits.values import past_day
from gisgrid.places.models import Building, Household, HouseholdKind
from gisgrid.places.registered import Place, RegisteredAddress, load_buildings

ADDED: Final = "household.added"
_LONGEST: Final = 20
_ANYWHERE: Final = frozenset({Role.HEAD, Role.LOCAL})
_UNASKED_KINDS: Final = (HouseholdKind.VACANT.value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHousehold:
    """A door of a building that the register lacks, with an id made by the sender.

    Before anybody there was asked, it may only be said to be vacant.
    """

    id: str
    room: str
    unit: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """A child born into a household, with an id of the act made by the sender; the day is an ISO date."""

    id: str
    day: str


class HouseholdAnswer(TypedDict):
    """A household that was added or grew: its address, the changes in the history, its counts."""

    household: str
    address: str
    changes: list[str]
    count: HeadCount


def editable_building(view: View, building_id: str) -> Building:
    """A building of the community whose doors the actor may edit.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such building within what the actor may edit.
    """
    require(view.actor, Action.PERSONS_EDIT)
    own = select(Building).where(Building.id == building_id, Building.community_id == view.community.id)
    if view.actor.role not in _ANYWHERE:
        own = own.where(Building.cell_id.in_(view.own_cells))
    building = view.session.scalar(own)
    if building is None:
        raise NotFound("no such building")
    return building


def add_household(
    view: View, building_id: str, new: NewHousehold, *, reason: str | None = None, now: datetime
) -> HouseholdAnswer:
    """Add a door to a building, as an address where nobody was asked; the same again is the same answer.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such building within what the actor may edit.
    InvalidInput
        The door, its kind or the reason can't be so: all faults at once.
    Conflict
        A household has this address, or the id is that of something else.
    """
    building = editable_building(view, building_id)
    _check_door(view, new, reason)
    wait_for_others(view.session, view.community.id)
    home = _home(view, building, new)
    content = {"address": home.std_address, "kind": new.kind or None}
    known = view.session.scalar(select(Household).where(Household.id == new.id))
    if known is not None:
        subject = EditSubject(household=known)
        if not was_taken(view.session, new.id, ADDED, subject, content):
            raise Conflict("something else was sent under this id")
        return _answer(view, known, [new.id])
    _refuse_known(view, home.std_address)
    household = _made(view, building, home, new, now)
    act = begin_edit(view, EditSubject(household=household), reason, now)
    act.keep(ADDED, Purpose.REGISTRATION, before=None, after=content, change_id=new.id)
    settle_vacancy(view.session, household, now=now, tz=view.tz)
    act.close("households:add", [ADDED])
    return _answer(view, household, [new.id])


def add_birth(
    view: View, household_id: str, birth: Birth, *, reason: str | None = None, now: datetime
) -> HouseholdAnswer:
    """Count a newborn child: one more below 14, and one more by what the household says, if it said.

    There is no entry of the child. The same act again is the same answer.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such household within what the actor may edit.
    InvalidInput
        The day, the id or the reason can't be so, or consent is missing: all faults at once.
    Conflict
        The id is that of something else.
    """
    subject = editable_household(view, household_id)
    act = begin_edit(view, subject, reason, now)
    _check_birth(act, birth)
    household = subject.household
    content = {"day": birth.day}
    if was_taken(view.session, birth.id, "household.birth", subject, content):
        return _answer(view, household, [birth.id])
    act.keep("household.birth", Purpose.REGISTRATION, before=None, after=content, change_id=birth.id)
    changes = [birth.id, act.write(MINORS, (household.minors or 0) + 1)]
    if household.people_told is not None:
        changes.append(act.write(PEOPLE_TOLD, household.people_told + 1))
    act.close("households:birth", [MINORS.code])
    return _answer(view, household, changes)


def _check_door(view: View, new: NewHousehold, reason: str | None) -> None:
    faults = [*reason_faults(view, reason), *id_faults(new.id)]
    for name, text, least in (("unit", new.unit or "", 0), ("room", new.room, 1)):
        if not least <= len(text.strip()) <= _LONGEST:
            said = say("{least} to {most} characters are needed", least=least, most=_LONGEST)
            faults.append(Fault(message=said, field=name))
    if new.kind and new.kind not in _UNASKED_KINDS:
        unasked = "before anybody was asked, a dwelling can only be said to be vacant"
        faults.append(Fault(message=say(unasked), field=HOUSEHOLD_KIND.code))
    if faults:
        raise InvalidInput(faults)


def _check_birth(act: EditAct, birth: Birth) -> None:
    faults = [*reason_faults(act.view, act.reason), *id_faults(birth.id)]
    try:
        check_open(MINORS, states_of(act.view.session, act.subject.household))
    except InvalidInput as error:
        faults += error.faults
    try:
        past_day(birth.day, day_of(act.now, act.view.tz))
    except ValueError as error:
        faults.append(Fault(message=error.args[0], field="day"))
    if faults:
        raise InvalidInput(faults)


def _home(view: View, building: Building, new: NewHousehold) -> RegisteredAddress:
    """The standard address of a door, as imports would write it."""
    place = Place(
        building=building.code or building.address, unit=(new.unit or "").strip(), room=new.room.strip()
    )
    home = load_buildings(view.session, view.community.id).home(place)
    if home.building is None or home.building.id != building.id:
        raise Conflict("another building here has the same address")
    return home


def _refuse_known(view: View, address: str) -> None:
    here = (Household.community_id == view.community.id, Household.std_address == address)
    if view.session.scalar(select(Household.id).where(*here)) is not None:
        raise Conflict("a household has this address already")


def _made(
    view: View, building: Building, home: RegisteredAddress, new: NewHousehold, now: datetime
) -> Household:
    household = Household(
        id=new.id,
        community_id=view.community.id,
        building_id=building.id,
        unit=home.unit,
        room=home.room,
        std_address=home.std_address,
        position=_point(home),
        cell_id=building.cell_id,
        kind=new.kind or None,
        lived_from=day_of(now, view.tz),
    )
    view.session.add(household)
    view.session.flush()
    return household


def _point(home: RegisteredAddress) -> Point | None:
    return None if home.building is None or home.building.point.is_empty else home.building.point


def _answer(view: View, household: Household, changes: list[str]) -> HouseholdAnswer:
    return HouseholdAnswer(
        household=household.id,
        address=household.std_address,
        changes=changes,
        count=head_count(view, household),
    )
