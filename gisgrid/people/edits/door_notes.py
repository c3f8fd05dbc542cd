"""What stewards note of doors, without a person: moved in, moved out, empty; members look into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.days import day_of, local_text, local_text_or_none
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.people.core.edit_models import DoorNote, DoorNoteKind, DoorOutcome
from gisgrid.people.edits.repeats import id_faults
from gisgrid.people.edits.values import past_day
from gisgrid.places.models import Building

_LONGEST: Final = 20
_ANYWHERE: Final = frozenset({Role.HEAD, Role.LOCAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDoorNote:
    """What was seen at a door of a building, on a day (ISO), with an id made by the sender."""

    id: str
    building: str
    room: str
    kind: str
    day: str
    unit: str | None = None


class DoorNoteRow(TypedDict):
    """A note about a door, and what came of it, if anything."""

    id: str
    building: str
    address: str
    unit: str | None
    room: str
    kind: DoorNoteKind
    day: str
    at: str
    outcome: DoorOutcome | None
    settled_at: str | None


def note_door(view: View, new: NewDoorNote, *, now: datetime) -> DoorNoteRow:
    """Keep what a steward saw at a door; the same again is the same answer.

    Raises
    ------
    NotAllowed
        The role notes no doors.
    NotFound
        No such building among the steward's.
    InvalidInput
        The door, the day or what was seen can't be so: all faults at once.
    Conflict
        Something else was sent under this id.
    """
    require(view.actor, Action.DOORS_NOTE)
    building = view.session.scalar(select(Building).where(Building.id == new.building, _noted_by(view)))
    if building is None:
        raise NotFound("no such building")
    day = _check(view, new, now)
    note = DoorNote(
        id=new.id,
        building_id=building.id,
        unit=(new.unit or "").strip() or None,
        room=new.room.strip(),
        kind=new.kind,
        day=day,
        at=now,
        account_id=view.actor.account_id,
    )
    known = view.session.get(DoorNote, new.id)
    if known is not None:
        _refuse_other(known, note)
        return _row(view, known, building)
    view.session.add(note)
    _log(view, "doors:note", note, now)
    return _row(view, note, building)


def list_door_notes(view: View, *, now: datetime) -> list[DoorNoteRow]:
    """Notes that wait, and for stewards their own of any state: the newest first. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role sees no notes.
    """
    require(view.actor, Action.DOORS_VIEW)
    statement = select(DoorNote, Building).join(Building, Building.id == DoorNote.building_id)
    if view.actor.role == Role.STEWARD:
        statement = statement.where(_noted_by(view), DoorNote.account_id == view.actor.account_id)
    else:
        statement = statement.where(_looked_into_by(view), DoorNote.outcome.is_(None))
    rows = view.session.execute(statement.order_by(DoorNote.at.desc(), DoorNote.id.desc())).all()
    record(view.session, view.actor, "doors:list", "building", now=now, count=len(rows))
    return [_row(view, note, building) for note, building in rows]


def settle_door_note(view: View, note_id: str, outcome: str, *, now: datetime) -> DoorNoteRow:
    """Keep what came of a note; what the register gains by it is edited by hand.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such note within what the actor may edit.
    InvalidInput
        No such outcome.
    Conflict
        It was settled already, otherwise.
    """
    require(view.actor, Action.PERSONS_EDIT)
    if outcome not in set(DoorOutcome):
        choices = ", ".join(DoorOutcome)
        raise InvalidInput(say("one of these is needed: {choices}", choices=choices), field="outcome")
    row = view.session.execute(
        select(DoorNote, Building)
        .join(Building, Building.id == DoorNote.building_id)
        .where(DoorNote.id == note_id, _looked_into_by(view))
    ).one_or_none()
    if row is None:
        raise NotFound("no such note")
    note, building = row
    if note.outcome not in {None, outcome}:
        raise Conflict("this note was settled already")
    if note.outcome is None:
        note.outcome, note.settled_at, note.settled_by = outcome, now, view.actor.account_id
        _log(view, "doors:settle", note, now)
    return _row(view, note, building)


def _noted_by(view: View) -> ColumnElement[bool]:
    here = Building.community_id == view.community.id
    return here & Building.id.in_(view.actor.buildings)


def _looked_into_by(view: View) -> ColumnElement[bool]:
    here = Building.community_id == view.community.id
    return here if view.actor.role in _ANYWHERE else here & Building.cell_id.in_(view.own_cells)


def _check(view: View, new: NewDoorNote, now: datetime) -> date:
    faults, today = id_faults(new.id), day_of(now, view.tz)
    for name, text, least in (("unit", new.unit or "", 0), ("room", new.room, 1)):
        if not least <= len(text.strip()) <= _LONGEST:
            said = say("{least} to {most} characters are needed", least=least, most=_LONGEST)
            faults.append(Fault(message=said, field=name))
    if new.kind not in set(DoorNoteKind):
        choices = ", ".join(DoorNoteKind)
        said = say("one of these is needed: {choices}", choices=choices)
        faults.append(Fault(message=said, field="kind"))
    day = today
    try:
        day = past_day(new.day, today)
    except ValueError as error:
        faults.append(Fault(message=error.args[0], field="day"))
    if faults:
        raise InvalidInput(faults)
    return day


def _refuse_other(known: DoorNote, note: DoorNote) -> None:
    names = ("building_id", "unit", "room", "kind", "day", "account_id")
    if any(getattr(known, name) != getattr(note, name) for name in names):
        raise Conflict("something else was sent under this id")


def _log(view: View, action: str, note: DoorNote, now: datetime) -> None:
    record(view.session, view.actor, action, "building", now=now, object_id=note.building_id)
    touch(view.session, [view.community.id])
    view.session.flush()


def _row(view: View, note: DoorNote, building: Building) -> DoorNoteRow:
    return DoorNoteRow(
        id=note.id,
        building=building.id,
        address=building.address,
        unit=note.unit,
        room=note.room,
        kind=DoorNoteKind(note.kind),
        day=note.day.isoformat(),
        at=local_text(note.at, view.tz),
        outcome=DoorOutcome(note.outcome) if note.outcome else None,
        settled_at=local_text_or_none(note.settled_at, view.tz),
    )
