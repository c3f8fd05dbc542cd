"""Reporting and settling cases. One outside all cells is kept for review, unless it lies far from all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

import orjson
import shapely
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.areas.communities import touch, visible_communities, wait_for_others
from gisgrid.areas.locate import Spot, find_spot
from gisgrid.areas.models import CommunityState, UnitCell
from gisgrid.areas.nearness import refusal_of_place
from gisgrid.areas.view import Caches
from gisgrid.cases.core.audience import areas_around
from gisgrid.cases.core.case_state import REPORTED, Event, Route
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case, Category, IdempotencyKey
from gisgrid.cases.core.notifications import tell_reported
from gisgrid.cases.core.numbers import keep_numbered
from gisgrid.cases.core.outbox import announce
from gisgrid.cases.core.routes import first_route
from gisgrid.cases.core.rules import CaseState, Severity, receipt_code
from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.core.store import log_details, log_line
from gisgrid.cases.deadlines.deadlines import deadline_for
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.cases.intake.hotline import HOTLINES, refuse_class
from gisgrid.cases.photos.models import PhotoKind
from gisgrid.cases.photos.pictures import Picture
from gisgrid.cases.photos.service import photo_faults, put_photos
from gisgrid.crs import Datum, position_fault, shift_datum, to_lattice
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound
from gisgrid.places.models import Building
from gisgrid.storage.base import new_id

_DESCRIPTION_LIMIT = 4000
_PURPOSE: Final = "case:repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCase:
    """What somebody reports. ``lon, lat`` in degrees of ``datum``; ``building`` is a building's id.

    ``source`` is the channel; only who handles cases names a patrol or the hotline, this with the class
    (``hotline``) of its work order. ``record`` is the id of the record it arose from, which the caller has
    checked: the log keeps it.
    """

    lon: float
    lat: float
    category: str
    description: str
    severity: Severity | None = None
    address: str | None = None
    building: str | None = None
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    contact: str | None = None
    needs_coordination: bool = False
    source: str = "web"
    hotline: HotlineClass | None = None
    photos: tuple[Picture, ...] = ()
    record: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A report as it was kept, with the spot it fell on; ``is_new`` is false for a repeated one."""

    case: Case
    spot: Spot
    is_new: bool


def report(
    session: Session,
    actor: Actor,
    command: ReportCase,
    *,
    caches: Caches,
    now: datetime,
    tz: tzinfo,
    repeat: Repeatable | None = None,
) -> Reported:
    """Keep a case, its log and its audit entry in one commit, with the grid it falls to and its deadline.

    Raises
    ------
    NotAllowed
        The role reports nothing, or handles no cases and names the hotline or a patrol.
    InvalidInput
        All faults of the report at once; nothing is kept.
    Conflict
        The key was used for another report before.
    """
    require(actor, Action.CASES_REPORT)
    if command.source in (CaseSource.PATROL, *HOTLINES):
        require(actor, Action.CASES_HANDLE)
    category, building = _checked(session, command)
    known = _repeated(session, command, repeat)
    if known is not None:
        return Reported(case=known, spot=_spot_of(session, caches, known, now=now), is_new=False)
    lon, lat = _stored_position(command)
    cell = building.cell_id if building else None
    community, spot = find_spot(session, caches.divisions, (lon, lat), at=now, building_cell=cell)
    closed = _closed_meanwhile(session, community, spot)
    if closed is not None:
        community, spot = find_spot(session, caches.divisions, (lon, lat), at=closed, building_cell=cell)
    wrong = None if community else refusal_of_place(session, lon, lat, at=now)
    if wrong:
        raise InvalidInput(wrong, field="lon")
    case = _case(command, category, spot, now=now)
    case.position = shapely.Point(lon, lat)
    case.community_id = community or _review_community(session, actor, now=now)
    wait_for_others(session, case.community_id)
    case.reporter_id = actor.account_id
    books = Books(session, tz)
    if case.route == Route.GRID and spot.grid:
        rules = books.rules(books.version_at(case.community_id, now))
        case.claim_until = now + timedelta(minutes=rules.claim_minutes)
    deadline_for(
        books,
        community_id=case.community_id,
        category=category.code,
        severity=Severity(case.severity),
        reported_at=now,
        hotline=command.hotline,
    ).keep(case)
    try:
        with session.begin_nested():
            _keep(session, actor, case, command, spot=spot, repeat=repeat, tz=tz)
    except IntegrityError:
        # The same key was stored by a twin of this request in the meantime.
        twin = _repeated(session, command, repeat)
        if twin is None:
            raise
        return Reported(case=twin, spot=spot, is_new=False)
    return Reported(case=case, spot=spot, is_new=True)


def _closed_meanwhile(session: Session, community: str | None, spot: Spot) -> datetime | None:
    """When a spot's cell was closed by somebody who published while it was being found, if it was.

    Whoever publishes in the community waits from here on, or has been waited for.
    """
    if community is None:
        return None
    session.execute(
        select(CommunityState.data_version).where(CommunityState.community_id == community).with_for_update()
    )
    return session.scalar(select(UnitCell.valid_to).where(UnitCell.id == spot.cell_id))


def _checked(session: Session, command: ReportCase) -> tuple[Category, Building | None]:
    faults = []
    wrong = position_fault(command.lon, command.lat)
    if wrong:
        faults.append(Fault(message=wrong, field="lon"))
    category = session.get(Category, command.category)
    if category is None or category.closed_at is not None:
        faults.append(Fault(message="there is no such category", field="category"))
    if not command.description.strip():
        faults.append(Fault(message="a report says what has happened", field="description"))
    if len(command.description) > _DESCRIPTION_LIMIT:
        faults.append(Fault(message="a description has at most 4000 characters", field="description"))
    building = session.scalar(select(Building).where(Building.id == command.building))
    if command.building and building is None:
        faults.append(Fault(message="there is no such building", field="building"))
    if command.accuracy_m is not None and not command.accuracy_m >= 0:
        faults.append(Fault(message="an accuracy is a number of metres from 0", field="accuracy_m"))
    try:
        refuse_class(command.source, command.hotline)
    except InvalidInput as error:
        faults += error.faults
    faults += photo_faults(command.photos)
    if faults or category is None:
        raise InvalidInput(faults)
    return category, building


def _stored_position(command: ReportCase) -> tuple[float, float]:
    lon, lat = shift_datum(command.lon, command.lat, command.datum, Datum.WGS84)
    return float(to_lattice(lon)), float(to_lattice(lat))


def _case(command: ReportCase, category: Category, spot: Spot, *, now: datetime) -> Case:
    severity = command.severity or Severity(category.severity)
    route = first_route(severity, needs_coordination=command.needs_coordination)
    return Case(
        id=new_id(),
        receipt=receipt_code(),
        category_code=category.code,
        severity=severity,
        state=CaseState.REPORTED,
        source=command.source,
        description=command.description.strip(),
        address=command.address,
        building_id=command.building or None,
        datum=command.datum,
        accuracy_m=command.accuracy_m,
        cell_id=spot.cell_id,
        is_on_border=spot.is_on_border,
        near_border_m=spot.near_border_m,
        reported_grid_id=spot.grid.id if spot.grid else None,
        reported_at=now,
        net=category.net,
        line_code=category.line_code,
        line_name=category.line_name,
        route=route,
        needs_coordination=command.needs_coordination,
        reporter_contact=command.contact,
    )


def _reported(case: Case, record_id: str | None) -> Event:
    """The first line of a log: what the case began with."""
    details = log_details(
        route=case.route,
        coordination=case.needs_coordination,
        due=case.due_at,
        claim_until=case.claim_until,
        record=record_id,
    )
    return Event(action=REPORTED, at=case.reported_at, to_state=case.state, details=details)


def _review_community(session: Session, actor: Actor, *, now: datetime) -> str:
    """Whose review list a case outside all cells stands in: the actor's own community, else the first."""
    communities = visible_communities(session, actor, now=now)
    if not communities:
        raise NotFound("there is no community here yet")
    return communities[0].id


def _keep(
    session: Session,
    actor: Actor,
    case: Case,
    command: ReportCase,
    *,
    spot: Spot,
    repeat: Repeatable | None,
    tz: tzinfo,
) -> None:
    def add(numbers: Sequence[str]) -> None:
        (case.number,) = numbers
        session.add(case)

    keep_numbered(session, [day_of(case.reported_at, tz)], add)
    if repeat is not None:
        session.add(
            IdempotencyKey(
                key=repeat.key,
                account_key=repeat.client,
                request_digest=Digests(key_ring(session), _PURPOSE).current([_digest(command)]),
                case_id=case.id,
                created_at=case.reported_at,
            )
        )
    put_photos(
        session,
        case.id,
        command.photos,
        kind=PhotoKind.REPORT,
        account_id=actor.account_id,
        now=case.reported_at,
    )
    session.add(log_line(actor, case.id, _reported(case, command.record)))
    where = areas_around(spot.path)
    tell_reported(session, case, where, now=case.reported_at, but=actor.account_id)
    record(session, actor, "cases:report", "case", now=case.reported_at, object_id=case.id)
    touch(session, [case.community_id])
    session.flush()
    announce(session, case, REPORTED, at=case.reported_at)


def _repeated(session: Session, command: ReportCase, repeat: Repeatable | None) -> Case | None:
    if repeat is None:
        return None
    earlier = session.get(IdempotencyKey, (repeat.key, repeat.client))
    if earlier is None:
        return None
    # Without a key it was kept before texts were sealed: whoever guesses a text could try it there.
    digests = Digests(key_ring(session), _PURPOSE)
    known_as = {_digest(command), _digest(command, with_contact=True)}
    if earlier.request_digest not in known_as and not any(
        digests.is_of(earlier.request_digest, [former_digest]) for former_digest in known_as
    ):
        raise Conflict("this key was used for another report before")
    return session.scalar(select(Case).where(Case.id == earlier.case_id))


def _digest(command: ReportCase, *, with_contact: bool = False) -> str:
    """What makes two reports the same. A phone doesn't: a device keeps none, and sends again without it.

    Keys of reports with a phone that were kept before it was left out stay good (``with_contact``).
    """
    values = asdict(replace(command, photos=(), contact=command.contact if with_contact else None))
    if not command.needs_coordination:  # keys that were kept before there were these fields stay good
        del values["needs_coordination"]
    if command.hotline is None:
        del values["hotline"]
    if command.record is None:
        del values["record"]
    del values["photos"]
    if command.photos:
        values["photos"] = [photo.digest for photo in command.photos]
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _spot_of(session: Session, caches: Caches, case: Case, *, now: datetime) -> Spot:
    if case.position is None:
        return Spot(cell_id=None, path=(), is_on_border=False, near_border_m=None)
    place = (case.position.x, case.position.y)
    return find_spot(session, caches.divisions, place, at=now, building_cell=case.cell_id)[1]
