"""Clues: what a member notes in passing, at a building, in a few words that are sealed at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

import shapely
from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.view import Caches, View
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.requirements import MOST_TEXT
from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.disputes.case_guard import is_dispute_category
from gisgrid.cases.disputes.models import MEDIATION, DisputeEntry
from gisgrid.cases.disputes.pipeline import DisputeSnapshot, DisputeStage, DisputeStep
from gisgrid.cases.disputes.store import SealedTexts, event, write_dispute
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import Conflict, Fault, InvalidInput, say
from gisgrid.places.models import Building

_DESCRIPTION: Final = "排查线索 · clue"
"""What stands in the clear for all texts of a clue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """What somebody noted; ``building`` is an id or an address. ``text`` and ``people`` are sealed."""

    category: str
    building: str
    text: str
    people: str = ""


def dispute_categories(view: View) -> list[dict[str, str]]:
    """Categories of disputes in their order.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    rows = view.session.scalars(
        select(Category)
        .where(Category.skill == MEDIATION, Category.is_confidential, Category.closed_at.is_(None))
        .order_by(Category.position, Category.code)
    )
    return [{"code": row.code, "name": row.name, "name_en": row.name_en or row.name} for row in rows]


def clue_buildings(view: View) -> list[dict[str, str]]:
    """Buildings to choose from: of the own grids for members, else of the community; by address.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    statement = select(Building.id, Building.address).where(Building.community_id == view.community.id)
    if view.actor.role is Role.MEMBER:
        statement = statement.where(Building.cell_id.in_(view.own_cells))
    rows = view.session.execute(statement.order_by(Building.address))
    return [{"id": row.id, "address": row.address} for row in rows]


def report_clue(
    view: View, clue: Clue, *, caches: Caches, now: datetime, tz: tzinfo, key: str | None = None
) -> Case:
    """Keep a clue as a case of its category, with what was noted sealed in the dispute's log.

    ``key`` makes sending it twice safe.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    InvalidInput
        Nothing is said, the category is none of disputes, or there is no such building; all at once.
    Conflict
        The key was used for another report before.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    building = _checked(view, clue)
    centre = shapely.centroid(building.footprint)
    command = ReportCase(
        lon=centre.x,
        lat=centre.y,
        category=clue.category,
        description=_DESCRIPTION,
        address=building.address,
        building=building.id,
        source=CaseSource.PATROL,
    )
    repeat = Repeatable(key=key, client=(view.actor.account_id or "local")[:40]) if key else None
    outcome = report(view.session, view.actor, command, caches=caches, now=now, tz=tz, repeat=repeat)
    if outcome.is_new:
        line = event(DisputeSnapshot(), DisputeStep.NOTE, DisputeStage.CLUE, outcome.case.reported_at, {})
        sealed = SealedTexts(text=clue.text.strip(), people=clue.people.strip() or None)
        write_dispute(view.session, view.actor, outcome.case.id, line, sealed)
    elif not _is_same(view, outcome.case.id, clue):
        raise Conflict("this key was used for another report before")
    return outcome.case


def _is_same(view: View, case_id: str, clue: Clue) -> bool:
    """Whether a clue was kept before as it is sent again; its text is no part of the case itself."""
    statement = select(DisputeEntry).where(DisputeEntry.case_id == case_id)
    first = view.session.scalars(statement.order_by(DisputeEntry.at, DisputeEntry.id).limit(1)).first()
    sent = (clue.text.strip(), clue.people.strip() or None)
    return first is not None and (first.text, first.people) == sent


def _checked(view: View, clue: Clue) -> Building:
    faults: list[Fault] = []
    category = view.session.get(Category, clue.category)
    if not is_dispute_category(category) or category is None or category.closed_at is not None:
        faults.append(Fault(message=say("this is no category of disputes"), field="category"))
    if not clue.text.strip():
        faults.append(Fault(message=say("say in a few words what there is to know"), field="text"))
    faults += [
        Fault(message=say("a text has 1 to {most} characters", most=MOST_TEXT), field=name)
        for name in ("text", "people")
        if len(getattr(clue, name)) > MOST_TEXT
    ]
    here: Any = Building.community_id == view.community.id
    named = (Building.id == clue.building) | (Building.address == clue.building.strip())
    building = view.session.scalars(select(Building).where(here, named).limit(1)).first()
    if building is None:
        faults.append(Fault(message=say("there is no such building"), field="building"))
    if faults or building is None:
        raise InvalidInput(faults)
    return building
