"""Who serves a need of a person: noted from a day on, ended, and never changed otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.care.servers import NewServer, Server, checked_server
from gisgrid.days import day_of
from gisgrid.errors import Fault, InvalidInput, NotFound
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.edits.field_states import states_of
from gisgrid.people.edits.fields import NEEDS, RegisterField
from gisgrid.people.edits.register import read_field
from gisgrid.people.edits.scope import EditSubject, editable_person, reason_faults
from gisgrid.people.edits.service import check_open
from gisgrid.people.edits.values import past_day
from gisgrid.storage.base import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNeedService:
    """Who serves a need from a day on (ISO), today or one that is over."""

    server: NewServer
    since: str


def set_service(
    view: View, person_id: str, kind: str, new: NewNeedService, *, reason: str | None = None, now: datetime
) -> bool:
    """Note who serves a need that holds; who did until then ends there. False: it was known already.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit, or no such kind of need.
    InvalidInput
        The need doesn't hold or isn't agreed to, the server isn't here, the day or the reason can't be so:
        all faults at once.
    Conflict
        The person was erased or has refused to be registered.
    """
    subject = editable_person(view, person_id)
    server, since = _checked(view, subject, _need_field(kind), new, reason, now)
    present = running_service(view, person_id, kind)
    if present is not None and _as_server(present) == server and present.since == since:
        return False
    if present is not None:
        _end(view, present, max(present.since, since), now)
    row = NeedService(
        id=new_id(),
        resident_id=person_id,
        kind=kind,
        server=server.kind,
        worker_id=server.worker,
        organisation_id=server.organisation,
        facility_id=server.facility,
        name=server.name,
        since=since,
        noted_at=now,
        noted_by=view.actor.account_id,
    )
    view.session.add(row)
    _keep(view, "services:set", person_id, kind, reason, now)
    return True


def end_service(view: View, person_id: str, kind: str, *, reason: str | None = None, now: datetime) -> bool:
    """Note that nobody serves a need from today on. False: nobody did. Needs no consent any more.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit, or no such kind of need.
    InvalidInput
        The reason can't be so.
    Conflict
        The person was erased or has refused to be registered.
    """
    editable_person(view, person_id)
    _need_field(kind)
    if faults := reason_faults(view, reason):
        raise InvalidInput(faults)
    present = running_service(view, person_id, kind)
    if present is None:
        return False
    _end(view, present, max(present.since, day_of(now, view.tz)), now)
    _keep(view, "services:end", person_id, kind, reason, now)
    return True


def running_service(view: View, person_id: str, kind: str) -> NeedService | None:
    """Who serves a need now. Asks no right."""
    own = (NeedService.resident_id == person_id, NeedService.kind == kind, NeedService.until.is_(None))
    return view.session.scalar(select(NeedService).where(*own))


def _checked(
    view: View,
    subject: EditSubject,
    field: RegisterField,
    new: NewNeedService,
    reason: str | None,
    now: datetime,
) -> tuple[Server, date]:
    faults = [*reason_faults(view, reason), *_need_faults(view, subject, field)]
    server, since = None, None
    try:
        server = checked_server(view, new.server, now=now)
    except InvalidInput as error:
        faults += error.faults
    try:
        since = past_day(new.since, day_of(now, view.tz))
    except ValueError as error:
        faults.append(Fault(message=error.args[0], field="since"))
    if faults or server is None or since is None:
        raise InvalidInput(faults)
    return server, since


def _need_field(kind: str) -> RegisterField:
    field = NEEDS.get(kind)
    if field is None:
        raise NotFound("there is no such need")
    return field


def _need_faults(view: View, subject: EditSubject, field: RegisterField) -> list[Fault]:
    """Why nobody can serve a need: it isn't agreed to, or doesn't hold."""
    try:
        check_open(field, states_of(view.session, subject.household, subject.person))
    except InvalidInput as error:
        return list(error.faults)
    if read_field(view.session, subject, field, view.tz) is None:
        return [Fault(message="this need does not hold: note the need first", field="kind")]
    return []


def _as_server(row: NeedService) -> Server:
    return Server(
        kind=row.server,
        worker=row.worker_id,
        organisation=row.organisation_id,
        facility=row.facility_id,
        name=row.name,
    )


def _end(view: View, row: NeedService, day: date, now: datetime) -> None:
    row.until, row.ended_at, row.ended_by = day, now, view.actor.account_id
    view.session.flush()


def _keep(view: View, action: str, person_id: str, kind: str, reason: str | None, now: datetime) -> None:
    record(
        view.session,
        view.actor,
        action,
        "resident",
        now=now,
        object_id=person_id,
        fields=(NEEDS[kind].code, "server"),
        reason=(reason or "").strip() or None,
    )
    touch(view.session, [view.community.id])
    view.session.flush()
