"""Keeps cases that another system recorded: in bulk, each once, none lost for want of a place or a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import ScalarSelect, func, insert, select, update
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.imports import ImportNotes
from gisgrid.access.installation import installation_code
from gisgrid.analysis.disclosure import BIN_RADIUS_M
from gisgrid.areas.communities import touch
from gisgrid.areas.division import Division
from gisgrid.areas.locate import Spots, locate_many
from gisgrid.areas.models import PlacedKind, Placement
from gisgrid.cases.core.audience import areas_of
from gisgrid.cases.core.case_state import IMPORTED, Channel, Event
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.numbers import keep_numbered
from gisgrid.cases.core.rules import CaseState, Severity, receipt_code
from gisgrid.cases.core.store import line_values, log_details
from gisgrid.cases.core.workflow import ENDED_STATES, OPEN_STATES, CaseAction
from gisgrid.cases.deadlines.deadlines import Arrival, deadline_for, pauses_of
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.intake.external_numbers import number_at_home
from gisgrid.cases.intake.import_notifications import tell_arrived
from gisgrid.cases.intake.import_updates import Known, notable_fields
from gisgrid.cases.intake.imported_case import ImportedCase, RecordedAreas, compare_recorded
from gisgrid.cases.referrals.clock import go_on
from gisgrid.cases.referrals.completion import call_off
from gisgrid.crs import FloatArray
from gisgrid.days import day_of
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.places.import_rows import points_of
from gisgrid.storage.base import new_id

_AT_ONCE: Final = 500


@dataclass(slots=True, kw_only=True)
class SavedCases:
    """What became of the cases of a file; see `save_cases`.

    ``moved_by_lattice``: cases that lie in another cell than they would with the digits of the file.
    ``elsewhere``: rows whose source and number belong to a case of another community; they are not taken.
    """

    new: int = 0
    unchanged: int = 0
    updated: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    no_position: int = 0
    outside: int = 0
    on_border: int = 0
    moved_by_lattice: int = 0
    recorded: RecordedAreas = field(default_factory=RecordedAreas)


def save_cases(  # noqa: PLR0913 - who, where, what, when, and what is told of it
    session: Session,
    actor: Actor,
    division: Division,
    *,
    cases: Sequence[ImportedCase],
    now: datetime,
    tz: tzinfo,
    pulse: Pulse = no_pulse,
    notes: ImportNotes | None = None,
) -> SavedCases:
    """Keep cases of a community, new ones with a number of their day, known ones with what changed.

    Their category is the code of one. Positions go to the lattice and are located by the one tie rule; a
    case outside all cells, or without position, is kept without a cell. A known case never goes back a
    step: what was settled here in the meantime stays settled. ``notes`` take down what is made and changed,
    so that it can be undone.
    """
    require(actor, Action.CASES_IMPORT)
    saved = SavedCases()
    xs, ys = np.array([case.lon for case in cases]), np.array([case.lat for case in cases])
    spots = _located(division, xs, ys, cases)
    saved.no_position = int(np.isnan(xs).sum())
    saved.outside = int((spots.cell < 0).sum()) - saved.no_position
    saved.on_border = int(spots.is_on_border.sum())
    saved.moved_by_lattice = _moved(division, xs, ys, spots=spots)
    saved.recorded = compare_recorded(division, cases, spots=spots)
    severity = {row.code: row.severity for row in session.execute(select(Category.code, Category.severity))}
    installation = installation_code(session)
    placer = _Placer(division=division, spots=spots, severity=severity, books=Books(session, tz))
    arrived: list[dict[str, Any]] = []
    for start in range(0, len(cases), _AT_ONCE):
        batch = cases[start : start + _AT_ONCE]
        stored_rows = _known(session, batch, installation)
        fresh: list[tuple[ImportedCase, dict[str, Any]]] = []
        steps: list[Known] = []
        points = points_of(xs[start : start + _AT_ONCE], ys[start : start + _AT_ONCE])
        for index, (case, point) in enumerate(zip(batch, points, strict=True), start):
            values, stored = placer.values(case, index, point), stored_rows.get((case.source, case.key))
            if stored is None:
                fresh.append((case, values))
            else:
                steps.append(Known(one=case, stored=stored, values=values, books=placer.books))
        arrived += _insert(session, actor, fresh, tz=tz, notes=notes)
        saved.new += len(fresh)
        arrived += _update(session, actor, steps, placer=placer, saved=saved, now=now, notes=notes)
        pulse(start + len(batch))
    tell_arrived(session, actor, division, arrived, now=now)
    if saved.new or saved.updated:
        touch(session, [division.community_id])
    record(
        session,
        actor,
        "cases:import",
        "case",
        now=now,
        object_id=division.community_id,
        count=saved.new + len(saved.updated),
        reason=f"{saved.new} new, {len(saved.updated)} changed, {saved.unchanged} unchanged",
    )
    return saved


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placer:
    """Turns given cases into column values; ``severity`` is each category's."""

    division: Division
    spots: Spots
    severity: Mapping[str, str]
    books: Books

    def values(self, case: ImportedCase, index: int, point: shapely.Point | None) -> dict[str, Any]:
        """The columns of the case at a position of the file, for an insert."""
        at = int(self.spots.cell[index])
        cell = self.division.cell_ids[at] if at >= 0 else None
        grid = self.division.grid_of(cell)
        near = float(self.spots.near_border_m[index])
        severity = case.severity or Severity(self.severity[case.category])
        return {
            "community_id": self.division.community_id,
            "category_code": case.category,
            "severity": severity.value,
            "description": case.description if case.has_whole_texts else "",
            "public_description": None if case.has_whole_texts else case.description or None,
            "position": point,
            "accuracy_m": BIN_RADIUS_M if point is not None and not case.is_place_exact else None,
            "datum": case.datum,
            "cell_id": cell,
            "reported_grid_id": grid.id if grid else None,
            "is_on_border": bool(self.spots.is_on_border[index]),
            "near_border_m": None if np.isnan(near) else round(near, 2),
            "address": case.address or None,
            "building_id": case.building,
            "reporter_contact": case.contact or None,
            "recorded_area": case.recorded_area or None,
            "reported_at": case.reported_at,
            "closed_at": case.closed_at,
            "state": case.state.value,
            "result": case.result or None,
            **self._promise(case, severity),
            **_feedback(case.state, case.closed_at),
        }

    def _promise(self, case: ImportedCase, severity: Severity) -> dict[str, Any]:
        """By when it falls due; the level it has reached by now is told to nobody."""
        return deadline_for(
            self.books,
            community_id=self.division.community_id,
            category=case.category,
            severity=severity,
            reported_at=case.reported_at,
            given=case.due_at,
            hotline=case.hotline,
            arrival=Arrival.ENDED if case.closed_at or case.state in ENDED_STATES else Arrival.UNDERWAY,
        ).columns()


def _feedback(state: CaseState, closed_at: datetime | None) -> dict[str, Any]:
    """Another system has told who asked: how is not known here."""
    is_settled = state in (CaseState.CLOSED, CaseState.RATED)
    channel = Channel.IMPORTED.value if is_settled else None
    return {"feedback_channel": channel, "feedback_at": closed_at if is_settled else None}


def _located(division: Division, xs: FloatArray, ys: FloatArray, cases: Sequence[ImportedCase]) -> Spots:
    if len(division.cell_ids) and len(xs):
        hints = [division.positions.get(case.building_cell or "", -1) for case in cases]
        return locate_many(division, xs, ys, building_cell=np.array(hints, dtype=np.int64))
    return Spots(
        cell=np.full(len(xs), -1, dtype=np.int64),
        is_on_border=np.zeros(len(xs), dtype=np.bool_),
        near_border_m=np.full(len(xs), np.nan),
    )


def _known(session: Session, batch: Sequence[ImportedCase], installation: str) -> dict[tuple[str, str], Any]:
    """Stored cases of a batch by source and key: what came from outside by the number it had there.

    Our own numbers are asked for cases that were born here alone, and only where the file names this house:
    a number that was given out to a row of the file is never the number of another of its rows.
    """
    columns = (*Case.__table__.columns, _reopened().label("reopened_at"))
    stored: dict[tuple[str, str], Any] = {}
    for source in {case.source for case in batch}:
        keys = [case.key for case in batch if case.source == source]
        here = select(*columns).where(Case.source == source)
        rows = session.execute(here.where(Case.external_number.in_(keys)))
        stored |= {(source, row.external_number): row for row in rows}
        own = {number: key for key in keys if (number := number_at_home(installation, key))}
        rows = session.execute(here.where(Case.external_number.is_(None), Case.number.in_(own)))
        stored |= {(source, own[row.number]): row for row in rows}
    return stored


def _reopened() -> ScalarSelect[datetime]:
    """When a case was last opened again here."""
    lines = CaseLog.case_id == Case.id, CaseLog.action == CaseAction.REOPEN
    return select(func.max(CaseLog.at)).where(*lines).correlate(Case).scalar_subquery()


def _insert(
    session: Session,
    actor: Actor,
    fresh: Sequence[tuple[ImportedCase, dict[str, Any]]],
    *,
    tz: tzinfo,
    notes: ImportNotes | None,
) -> list[dict[str, Any]]:
    """Write new cases with the first line of each; gives the columns of those that are open."""
    if not fresh:
        return []
    rows, log = [], []
    for case, placed in fresh:
        case_id = new_id()
        values = {**placed, **_own_course(case)}
        rows.append(
            {
                **values,
                "id": case_id,
                "receipt": receipt_code(),
                "source": case.source,
                "external_number": case.key,
            }
        )
        log.append(_log(actor, case_id, values, at=case.reported_at, after=values["state"]))

    def add(numbers: Sequence[str]) -> None:
        for row, number in zip(rows, numbers, strict=True):
            row["number"] = number
        # Without nulls in the statement, rows with other gaps would each be a statement of their own.
        session.execute(insert(Case).execution_options(render_nulls=True), rows)

    keep_numbered(session, [day_of(case.reported_at, tz) for case, _placed in fresh], add)
    session.execute(insert(CaseLog), log)
    if notes:
        notes.made(Case, rows)  # the one line each has goes with it
    return [row for row in rows if row["state"] in OPEN_STATES]


def _own_course(case: ImportedCase) -> dict[str, Any]:
    """What only a list exported from here tells: since when a case is suspended, how it was rated."""
    if case.suspended_at is not None:
        since = max(case.suspended_at, case.reported_at)
        return {"state": CaseState.SUSPENDED.value, "suspended_at": since, "suspended_from": case.state.value}
    if case.rating is not None:
        return {
            "state": CaseState.RATED.value,
            "rated_at": case.rating.at,
            "rating_speed": case.rating.speed,
            "rating_result": case.rating.result,
        }
    return {}


def _log(
    actor: Actor,
    case_id: str,
    values: Mapping[str, Any],
    *,
    at: datetime,
    after: str,
    before: str | None = None,
) -> dict[str, Any]:
    """The line of an import: what another system told of a case."""
    details = log_details(
        due=values.get("due_at"),
        closed=values.get("closed_at"),
        suspended=values.get("suspended_at"),
        rated=values.get("rated_at"),
        speed=values.get("rating_speed"),
        result=values.get("rating_result"),
    )
    text = values.get("result")
    event = Event(action=IMPORTED, at=at, from_state=before, to_state=after, text=text, details=details)
    return line_values(actor, case_id, event)


def _update(
    session: Session,
    actor: Actor,
    steps: Sequence[Known],
    *,
    placer: _Placer,
    saved: SavedCases,
    now: datetime,
    notes: ImportNotes | None,
) -> list[dict[str, Any]]:
    """Write what changed of known cases; gives the columns of those that others have to act on now."""
    changed: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = []
    writes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    left = []
    suspended = [step.stored.id for step in steps if step.stored.suspended_at is not None]
    pauses = pauses_of(session, suspended)
    for step in steps:
        if step.stored.community_id != placer.division.community_id:
            saved.elsewhere.append(step.one.row)
            continue
        changes = step.changes(now, pauses.get(step.stored.id, ()))
        if not changes:
            saved.unchanged += 1
            continue
        saved.updated.append((step.one.row, step.one.number, notable_fields(changes)))
        writes.setdefault(tuple(changes), []).append({"fid": step.stored.fid, **changes})
        changed.append((step.stored.id, step.stored._asdict(), changes))
        if "cell_id" in changes and step.stored.cell_id not in (None, changes["cell_id"]):
            left.append(_placement(step.stored, now))
    _pass_on(session, actor, changed, books=placer.books, now=now)
    log = [
        _log(actor, case_id, fresh, at=now, after=fresh.get("state", was["state"]), before=was["state"])
        for case_id, was, fresh in changed
    ]
    for group in writes.values():
        session.execute(update(Case), group)
    for table, rows in ((CaseLog, log), (Placement, left)):
        if rows:
            session.execute(insert(table), rows)
    if notes:
        notes.changed(Case, changed)
        notes.made(CaseLog, log)
    return [{**was, **fresh} for _id, was, fresh in changed if _is_news(placer.division, was, fresh)]


def _is_news(division: Division, was: Mapping[str, Any], fresh: Mapping[str, Any]) -> bool:
    """Whether a known open case lies where others serve now, or has become an emergency."""
    if fresh.get("state", was["state"]) not in OPEN_STATES:
        return False
    if fresh.get("severity") == Severity.EMERGENCY:
        return True
    before, after = (
        areas_of(division, cell) for cell in (was["cell_id"], fresh.get("cell_id", was["cell_id"]))
    )
    return before != after


def _pass_on(
    session: Session,
    actor: Actor,
    changed: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
    *,
    books: Books,
    now: datetime,
) -> None:
    """What becomes of the errands of cases about to change: of ended ones they end, of others they go on.

    It is written before the lines of the import itself, so that taking that back needs nothing of it.
    """
    ended = [case_id for case_id, _was, fresh in changed if fresh.get("state") in ENDED_STATES]
    since = {
        case_id: was["suspended_at"]
        for case_id, was, fresh in changed
        if "suspended_at" in fresh and fresh.get("state") not in ENDED_STATES
    }
    if ended:
        call_off(session, actor, Case.id.in_(ended), books=books, now=now)
    go_on(session, books, since, now=now)
    if ended or since:
        session.flush()
        session.expire_all()  # the cases are written next by no loaded row


def _placement(stored: Any, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": PlacedKind.CASE,
        "object_id": stored.id,
        "cell_id": stored.cell_id,
        "until": now,
    }


def _moved(division: Division, xs: FloatArray, ys: FloatArray, *, spots: Spots) -> int:
    """How many points lie in another cell than they would with the digits of the file."""
    if not len(division.cell_ids) or not len(xs):
        return 0
    return int((division.index.locate(xs, ys).area != spots.cell).sum())
