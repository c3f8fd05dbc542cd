"""Whom a round is for: subjects of today for whom its choice holds, or those of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import Fault, InvalidInput, say, some_of
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import LISTED_AGE, latest_birth
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.rules import MOST_SUBJECTS, SubjectKind
from gisgrid.records.rounds.inputs import RoundSelector
from gisgrid.records.work.choices import RuleChoice
from gisgrid.records.work.fact_lines import WorkSubject
from gisgrid.records.work.kept_records import TABLES
from gisgrid.records.work.sites import SiteReader
from gisgrid.records.work.subjects import HomePast, WorkReader
from gisgrid.storage.base import lived_on


def selected_ids(view: View, kind: SubjectKind, purpose: str | None, selector: RoundSelector) -> list[str]:
    """The ids of a round's subjects today, in order.

    People below 14, those registered here who live elsewhere, and whoever comes later are not among them;
    who said no is, and will be excused.

    Raises
    ------
    InvalidInput
        There are none or too many, a grid is unknown, or ids of a list stand for nothing here.
    """
    if selector.ids is not None:
        ids = _listed(view, kind, sorted(set(selector.ids)))
    else:
        ids = sorted(_chosen(view, kind, purpose, selector))
    if not ids:
        raise InvalidInput(say("this choice holds for nothing"), field="who")
    if len(ids) > MOST_SUBJECTS:
        message = say(
            "this choice holds for {count}; a round has at most {most}", count=len(ids), most=MOST_SUBJECTS
        )
        raise InvalidInput(message, field="who")
    return ids


def grid_faults(view: View, codes: Sequence[str]) -> list[Fault]:
    """Grids that the community doesn't have."""
    known = {grid.code for grid in view.present.tree.at_level(Level.GRID)}
    unknown = set(codes) - known
    if not unknown:
        return []
    return [Fault(message=say("no grid with the code {code}", code=some_of(unknown)), field="grids")]


def _chosen(view: View, kind: SubjectKind, purpose: str | None, selector: RoundSelector) -> Iterator[str]:
    choice, today = RuleChoice(selector.who), view.when.day
    for subject in _candidates(view, kind, purpose, choice, _cells(view, selector)):
        since = subject.clocks.get("lived_days", ())
        is_here = not since or since[0] <= today
        if is_here and choice.is_held(subject.values(choice, today), today):
            yield subject.id


def _cells(view: View, selector: RoundSelector) -> frozenset[str] | None:
    if not selector.grids:
        return None
    wanted = [grid.id for grid in view.present.tree.at_level(Level.GRID) if grid.code in selector.grids]
    return frozenset(view.present.cells_of(wanted))


def _candidates(
    view: View, kind: SubjectKind, purpose: str | None, choice: RuleChoice, cells: frozenset[str] | None
) -> list[WorkSubject]:
    """Whoever the choice may hold for, with the facts of today."""
    within = [_within(view, table, cells) for table in (Household, Building, Facility)]
    today, purposes = view.when.day, frozenset({purpose})
    if kind in {SubjectKind.PERSON, SubjectKind.HOUSEHOLD}:
        past = HomePast(view=view, homes=within[0], since=today)
        reader = WorkReader(view=view, past=past, purposes=purposes, today=today)
        return reader.households() if kind == SubjectKind.HOUSEHOLD else reader.persons(choice.bound, (), {})
    sites = SiteReader(view=view, buildings=within[1], facilities=within[2], purposes=purposes, since=today)
    return sites.building_subjects() if kind == SubjectKind.BUILDING else sites.facility_subjects()


def _within(view: View, table: Any, cells: frozenset[str] | None) -> ColumnElement[bool]:
    here: ColumnElement[bool] = table.community_id == view.community.id
    return here if cells is None else here & table.cell_id.in_(cells)


def _listed(view: View, kind: SubjectKind, ids: Sequence[str]) -> list[str]:
    """The ids of a list that stand there today; refused where any stands for nothing of the kind here."""
    known = [
        row_id
        for few in batches(ids)
        for row_id in view.session.scalars(_standing_there(view, kind).where(TABLES[kind].id.in_(few)))
    ]
    if missing := len(ids) - len(known):
        message = say("{count} ids of the list stand for nothing here today", count=missing)
        raise InvalidInput(message, field="ids")
    return sorted(known)


def _standing_there(view: View, kind: SubjectKind) -> Any:
    table = TABLES[kind]
    statement: Any = select(table.id)
    if kind in {SubjectKind.BUILDING, SubjectKind.FACILITY}:
        return statement.where(table.community_id == view.community.id)
    here = Household.community_id == view.community.id
    stands = lived_on(Household.lived_from, Household.lived_to, view.when.day)
    if kind == SubjectKind.HOUSEHOLD:
        return statement.where(here, stands)
    old_enough = Resident.birth_date <= latest_birth(LISTED_AGE, view.when.day)
    return statement.join(Household, Household.id == Resident.household_id).where(
        here,
        stands,
        lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
        Resident.erased_at.is_(None),
        Resident.birth_date.is_(None) | old_enough,
    )
