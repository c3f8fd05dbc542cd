"""Who mediates: a directory with specialty and place, and whom to ask for a dispute: able, suited, near.

Only those are suggested who are on duty in the community, can sign in and could open the dispute once asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field
from sqlalchemy import ColumnElement, Subquery, func, literal, null, or_, select, union_all
from sqlalchemy import delete as sql_delete
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Duty, Role, Worker
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.models import AreaOutline, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category, WorkerSkill
from gisgrid.cases.core.requirements import serves_here
from gisgrid.cases.disputes.case_guard import is_dispute
from gisgrid.cases.disputes.models import MEDIATION, Dispute, MediatorProfile
from gisgrid.cases.disputes.pipeline import DisputeStage
from gisgrid.errors import Fault, InvalidInput, NotFound, say
from gisgrid.places.models import Building, Facility
from gisgrid.storage.base import valid_at
from gisgrid.storage.dialect import metres_between
from gisgrid.storage.types import Shape

_ABLE: Final = frozenset({Role.HEAD, Role.STAFF, Role.MEMBER})
"""Roles that may open a confidential case which they handle."""
MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorFields:
    """What is kept of a mediator. ``building`` and ``facility`` are ids; at most one of them."""

    specialties: tuple[str, ...] = ()
    building: str | None = None
    facility: str | None = None
    is_resting: bool = False


class MediatorName(TypedDict):
    """Somebody who mediates, or could."""

    worker: str
    name: str


class MediatorChoice(MediatorName):
    """Somebody who can be asked, with how many disputes they are mediating."""

    suits: Annotated[str, Field(description="special, any or other")]
    distance_m: int | None
    load: int


class MediatorRow(MediatorName):
    """Somebody of the directory; ``able``: who can be asked."""

    phone: str | None
    specialties: list[str]
    place: str | None
    resting: bool
    able: bool
    load: int


def able_workers(view: View, *, now: datetime) -> ColumnElement[bool]:
    """Who can be asked: a mediator's skill, on duty here, not resting, with an account that opens it."""
    accounts = accounts_of(view.session, view.community.id, _ABLE, now=now)
    able = select(Account.worker_id).where(Account.id.in_(accounts), Account.password_hash.is_not(None))
    skilled = select(WorkerSkill.worker_id).where(WorkerSkill.skill == MEDIATION)
    resting = select(MediatorProfile.worker_id).where(MediatorProfile.is_resting)
    on_duty = select(Duty.worker_id).where(
        Duty.area_id.in_(view.present.tree.areas) | Duty.building_id.in_(_buildings(view)),
        valid_at(Duty, now),
    )
    return Worker.id.in_(able) & Worker.id.in_(skilled) & Worker.id.in_(on_duty) & Worker.id.not_in(resting)


def is_able(view: View, worker_id: str, *, now: datetime) -> bool:
    """Whether somebody can be asked to mediate here."""
    statement = select(Worker.id).where(Worker.id == worker_id, able_workers(view, now=now))
    return view.session.scalar(statement) is not None and serves_here(view, worker_id, now=now)


def suggested_mediators(view: View, case: Case, *, now: datetime) -> list[MediatorChoice]:
    """Whom to ask: whose specialty it is, then those for all, then others; in each the nearest first.

    ``distance_m`` is to their building or station, else to the nearest of their grids; nothing where the case
    or they have no place.
    """
    session = view.session
    places = _places(view, now=now)
    distance = (
        func.min(metres_between(session, places.c.geom, literal(case.position, Shape("POINT"))))
        if case.position is not None
        else null()
    ).label("distance")
    rows = session.execute(
        select(Worker.id, Worker.name, MediatorProfile.specialties, distance)
        .outerjoin(MediatorProfile, MediatorProfile.worker_id == Worker.id)
        .outerjoin(places, places.c.worker_id == Worker.id)
        .where(able_workers(view, now=now))
        .group_by(Worker.id, Worker.name, MediatorProfile.worker_id)
    ).all()
    loads = _loads(view)
    choices: list[MediatorChoice] = [
        {
            "worker": row.id,
            "name": row.name,
            "suits": _suits(row.specialties or (), case.category_code),
            "distance_m": None if row.distance is None else round(row.distance),
            "load": loads.get(row.id, 0),
        }
        for row in rows
    ]
    choices.sort(key=_order)
    return choices[:MOST]


_SUITS: Final = ("special", "any", "other")


def _order(row: MediatorChoice) -> tuple[Any, ...]:
    far = row["distance_m"]
    return (_SUITS.index(row["suits"]), far is None, far or 0, row["load"], row["name"], row["worker"])


def _suits(specialties: Sequence[str], category: str) -> str:
    if not specialties:
        return "any"
    return "special" if category in specialties else "other"


def _places(view: View, *, now: datetime) -> Subquery:
    """Where each worker is found: one's building or station; without either, the areas of one's duties."""
    own = select(MediatorProfile.worker_id).where(
        or_(MediatorProfile.building_id.is_not(None), MediatorProfile.facility_id.is_not(None))
    )
    duties = (
        select(Duty.worker_id, AreaOutline.geom.expression.label("geom"))
        .join(AreaOutline, (AreaOutline.area_id == Duty.area_id) & valid_at(AreaOutline, now))
        .where(valid_at(Duty, now), Duty.area_id.in_(view.present.tree.areas), Duty.worker_id.not_in(own))
    )
    buildings = select(MediatorProfile.worker_id, func.ST_Centroid(Building.footprint).label("geom")).join(
        Building, Building.id == MediatorProfile.building_id
    )
    stations = select(MediatorProfile.worker_id, Facility.position.expression.label("geom")).join(
        Facility, Facility.id == MediatorProfile.facility_id
    )
    return union_all(duties, buildings, stations).subquery("place")


def _loads(view: View) -> dict[str, int]:
    rows = view.session.execute(
        select(Dispute.mediator_id, func.count())
        .join(Case, Case.id == Dispute.case_id)
        .where(is_of(view, PlacedKind.CASE, Case), is_dispute(), Dispute.stage == DisputeStage.MEDIATING)
        .group_by(Dispute.mediator_id)
    )
    return {row[0]: row[1] for row in rows if row[0]}


def _buildings(view: View) -> Any:
    return select(Building.id).where(Building.community_id == view.community.id)


def list_mediators(view: View, *, now: datetime) -> list[MediatorRow]:
    """Everybody at work in the community who has the skill, by name; ``able`` says who can be asked.

    Raises
    ------
    NotAllowed
        The role keeps no directory of mediators.
    """
    require(view.actor, Action.MEDIATORS_KEEP)
    session = view.session
    able = set(session.scalars(select(Worker.id).where(able_workers(view, now=now))))
    rows = session.execute(
        select(Worker, MediatorProfile, Building.address, Facility.name.label("facility_name"))
        .join(WorkerSkill, (WorkerSkill.worker_id == Worker.id) & (WorkerSkill.skill == MEDIATION))
        .outerjoin(MediatorProfile, MediatorProfile.worker_id == Worker.id)
        .outerjoin(Building, Building.id == MediatorProfile.building_id)
        .outerjoin(Facility, Facility.id == MediatorProfile.facility_id)
        .where(Worker.id.in_(_known(view)))
        .order_by(Worker.name, Worker.id)
    )
    loads = _loads(view)
    return [
        {
            "worker": row.Worker.id,
            "name": row.Worker.name,
            "phone": row.Worker.office_phone,
            "specialties": list(row.MediatorProfile.specialties) if row.MediatorProfile else [],
            "place": row.address or row.facility_name,
            "resting": bool(row.MediatorProfile and row.MediatorProfile.is_resting),
            "able": row.Worker.id in able,
            "load": loads.get(row.Worker.id, 0),
        }
        for row in rows
    ]


def possible_mediators(view: View) -> list[MediatorName]:
    """People of the community who could be taken into the directory, by name.

    Raises
    ------
    NotAllowed
        The role keeps no directory of mediators.
    """
    require(view.actor, Action.MEDIATORS_KEEP)
    skilled = select(WorkerSkill.worker_id).where(WorkerSkill.skill == MEDIATION)
    rows = view.session.execute(
        select(Worker.id, Worker.name)
        .where(Worker.id.in_(_known(view)), Worker.id.not_in(skilled))
        .order_by(Worker.name, Worker.id)
    )
    return [{"worker": row.id, "name": row.name} for row in rows]


def _known(view: View) -> Any:
    """Workers who have, or had, a duty in the community."""
    return select(Duty.worker_id).where(
        Duty.area_id.in_(view.present.tree.areas) | Duty.building_id.in_(_buildings(view))
    )


def keep_mediator(view: View, worker_id: str, given: MediatorFields, *, now: datetime) -> None:
    """Take somebody into the directory, or change what is kept of them.

    Raises
    ------
    NotAllowed
        The role keeps no directory of mediators.
    InvalidInput
        Nobody of that id works here, a specialty is no category of disputes, or a place isn't here.
    """
    require(view.actor, Action.MEDIATORS_KEEP)
    session = view.session
    _check(view, worker_id, given)
    if session.get(WorkerSkill, (worker_id, MEDIATION)) is None:
        session.add(WorkerSkill(worker_id=worker_id, skill=MEDIATION))
    row = session.get(MediatorProfile, worker_id)
    if row is None:
        row = MediatorProfile(worker_id=worker_id)
        session.add(row)
    row.specialties, row.is_resting = sorted(given.specialties), given.is_resting
    row.building_id, row.facility_id = given.building, given.facility
    session.flush()
    record(session, view.actor, "mediators:keep", "worker", now=now, object_id=worker_id)


def drop_mediator(view: View, worker_id: str, *, now: datetime) -> None:
    """Take somebody out of the directory; disputes in their hands stay there.

    Raises
    ------
    NotAllowed
        The role keeps no directory of mediators.
    NotFound
        Nobody of that id who works here is in the directory.
    """
    require(view.actor, Action.MEDIATORS_KEEP)
    session = view.session
    kept = select(WorkerSkill.worker_id).where(
        WorkerSkill.worker_id == worker_id,
        WorkerSkill.skill == MEDIATION,
        WorkerSkill.worker_id.in_(_known(view)),
    )
    if session.scalar(kept) is None:
        raise NotFound("there is no such mediator")
    own = (WorkerSkill.worker_id == worker_id, WorkerSkill.skill == MEDIATION)
    session.execute(sql_delete(WorkerSkill).where(*own))
    session.execute(sql_delete(MediatorProfile).where(MediatorProfile.worker_id == worker_id))
    session.flush()
    session.expire_all()
    record(session, view.actor, "mediators:drop", "worker", now=now, object_id=worker_id)


def _check(view: View, worker_id: str, given: MediatorFields) -> None:
    session, faults = view.session, []
    if session.scalar(select(Worker.id).where(Worker.id == worker_id, Worker.id.in_(_known(view)))) is None:
        faults.append(
            Fault(message=say("there is nobody of that id on duty in this community"), field="worker")
        )
    known = set(session.scalars(select(Category.code).where(Category.skill == MEDIATION)))
    if set(given.specialties) - known:
        faults.append(Fault(message=say("a specialty is a category of disputes"), field="specialties"))
    if given.building and given.facility:
        faults.append(Fault(message=say("a mediator is found at one place"), field="facility"))
    for name, table, value in (
        ("building", Building, given.building),
        ("facility", Facility, given.facility),
    ):
        here = select(table.id).where(table.id == value, table.community_id == view.community.id)
        if value and session.scalar(here) is None:
            faults.append(Fault(message=say("there is no such place in this community"), field=name))
    if faults:
        raise InvalidInput(faults)
