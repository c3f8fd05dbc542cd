"""Opening a round freezes whom it asks; closing it freezes who is excused; a head opens it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotFound, say
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import RoundState, SubjectKind, VersionState
from gisgrid.records.core.subjects import KEYS
from gisgrid.records.core.versions import OpenedForm, opened_form
from gisgrid.records.core.work_models import Round, RoundSubject
from gisgrid.records.rounds.drafts import ids_of, keep_subjects, trial_of
from gisgrid.records.rounds.inputs import reason_faults, selector_of
from gisgrid.records.work.round_lines import LineReader, OpenedRound, round_of


def open_round(view: View, round_id: str, *, now: datetime) -> int:
    """Open a draft: its subjects are frozen with the cells in which they lie now; how many it asks.

    Raises
    ------
    NotAllowed
        The role opens no rounds.
    NotFound
        No such round in the community.
    Conflict
        It is no draft.
    InvalidInput
        Its last day is over, its version of the form isn't filled any more, or it would ask nothing new.
    """
    require(view.actor, Action.ROUNDS_OPEN)
    opened = _locked(view, round_id, RoundState.DRAFT)
    if opened.row.last_day < view.when.day:
        raise InvalidInput(say("the last day of this round is over"), field="last_day")
    form, selector = _form(view, opened.row), selector_of(opened.row.selector)
    # Who moved away since a list was drafted is still of the round, and excused.
    ids = _kept(view, opened) if selector.ids is not None else ids_of(view, form, selector)
    trial = trial_of(view, form, ids)
    view.session.execute(delete(RoundSubject).where(RoundSubject.round_id == round_id))
    keep_subjects(view, opened.row, opened.kind, trial.ids)
    opened.row.state, opened.row.opened_at = RoundState.RUNNING, now
    view.session.flush()
    _keep_cells(view, opened)
    _keep_excuses(view, opened)
    _log(view, "rounds:open", opened, now, count=len(trial.ids))
    return len(trial.ids)


def close_round(view: View, round_id: str, *, now: datetime) -> None:
    """Close a running round, whatever share of it is done; who is excused now stays excused.

    Records of days up to this one that come later still count for their day.

    Raises
    ------
    NotAllowed
        The role opens no rounds.
    NotFound
        No such round in the community.
    Conflict
        It doesn't run.
    """
    require(view.actor, Action.ROUNDS_OPEN)
    opened = _locked(view, round_id, RoundState.RUNNING)
    _keep_excuses(view, opened)
    opened.row.state, opened.row.closed_at = RoundState.CLOSED, now
    _log(view, "rounds:close", opened, now)


def reopen_round(view: View, round_id: str, reason: str, *, now: datetime) -> None:
    """Let a closed round run again for the same subjects; the reason stands in the trail.

    Raises
    ------
    NotAllowed
        The role opens no rounds.
    NotFound
        No such round in the community.
    InvalidInput
        There is no reason, or it is too long.
    Conflict
        It isn't closed.
    """
    require(view.actor, Action.ROUNDS_OPEN)
    if faults := reason_faults(reason):
        raise InvalidInput(faults)
    opened = _locked(view, round_id, RoundState.CLOSED)
    opened.row.state, opened.row.closed_at = RoundState.RUNNING, None
    _log(view, "rounds:reopen", opened, now, reason=reason.strip())


def discard_round(view: View, round_id: str, *, now: datetime) -> None:
    """Throw a draft of a round away.

    Raises
    ------
    NotAllowed
        The role drafts no rounds.
    NotFound
        No such round in the community.
    Conflict
        It is no draft.
    """
    require(view.actor, Action.ROUNDS_DRAFT)
    opened = _locked(view, round_id, RoundState.DRAFT)
    view.session.execute(delete(RoundSubject).where(RoundSubject.round_id == round_id))
    _log(view, "rounds:discard", opened, now)
    view.session.delete(opened.row)
    view.session.flush()


def _locked(view: View, round_id: str, state: RoundState) -> OpenedRound:
    """A round of the community in a state, locked against a second writer."""
    wait_for_others(view.session, view.community.id)
    opened = round_of(view, round_id, lock=True)
    if opened is None:
        raise NotFound("no such round")
    if opened.row.state != state:
        raise Conflict("this round is in another state by now")
    return opened


def _form(view: View, row: Round) -> OpenedForm:
    version = view.session.get_one(FormVersion, row.form_version_id)
    form = view.session.get_one(FieldForm, version.form_id)
    if version.state != VersionState.PUBLISHED or form.closed_at is not None:
        message = say("this version of the form is not filled any more: draft the round anew")
        raise InvalidInput(message, field="form")
    return opened_form(view, form, version)


def _kept(view: View, opened: OpenedRound) -> list[str]:
    key: Any = getattr(RoundSubject, KEYS[opened.kind])
    return list(view.session.scalars(select(key).where(RoundSubject.round_id == opened.row.id)))


def _keep_cells(view: View, opened: OpenedRound) -> None:
    """Keep in which cells the subjects lie now."""
    of_round = RoundSubject.round_id == opened.row.id
    cell = _CELLS[opened.kind].correlate(RoundSubject).scalar_subquery()
    view.session.execute(
        update(RoundSubject).where(of_round).values(cell_id=cell),
        execution_options={"synchronize_session": False},
    )


_CELLS: Final[dict[SubjectKind, Any]] = {
    SubjectKind.PERSON: select(Household.cell_id)
    .join(Resident, Resident.household_id == Household.id)
    .where(Resident.id == RoundSubject.resident_id),
    SubjectKind.HOUSEHOLD: select(Household.cell_id).where(Household.id == RoundSubject.household_id),
    SubjectKind.BUILDING: select(Building.cell_id).where(Building.id == RoundSubject.building_id),
    SubjectKind.FACILITY: select(Facility.cell_id).where(Facility.id == RoundSubject.facility_id),
}


def _keep_excuses(view: View, opened: OpenedRound) -> None:
    """Keep why subjects are excused now."""
    of_round = RoundSubject.round_id == opened.row.id
    lines = LineReader(view=view, round=opened).lines()
    excused = [{"id": line.row, "excused": line.excuse.value} for line in lines if line.excuse is not None]
    view.session.execute(
        update(RoundSubject).where(of_round).values(excused=None),
        execution_options={"synchronize_session": False},
    )
    if excused:
        view.session.execute(update(RoundSubject), excused)


def _log(
    view: View, action: str, opened: OpenedRound, now: datetime, *, count: int = 1, reason: str | None = None
) -> None:
    object_id = opened.row.id
    record(
        view.session, view.actor, action, "round", now=now, object_id=object_id, count=count, reason=reason
    )
    touch(view.session, [view.community.id])
    view.session.flush()
