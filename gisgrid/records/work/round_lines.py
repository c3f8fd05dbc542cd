"""The subjects of a round as they stand now: where they lie, whether they are done or excused, in sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, null, select

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NOT_ASKED
from gisgrid.places.models import Building, Facility, Household, HouseholdKind
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import Excuse, RoundState, SubjectKind
from gisgrid.records.core.work_models import Round, RoundSubject
from gisgrid.records.work.refusals import RefusalDays, refusal_days
from gisgrid.records.work.round_records import (
    NO_VISITS,
    RoundRecord,
    RoundVisits,
    key_of,
    records_of_round,
    round_visits,
)
from gisgrid.records.work.work_tasks import WorkScope

OF_ROUNDS: Final = frozenset(
    {SubjectKind.PERSON, SubjectKind.HOUSEHOLD, SubjectKind.BUILDING, SubjectKind.FACILITY}
)
"""Kinds of subjects that rounds are of."""
_OF_HOMES: Final = frozenset({SubjectKind.PERSON, SubjectKind.HOUSEHOLD})
GONE: Final = frozenset({Excuse.REFUSED, Excuse.ERASED})
"""Excuses that hold whatever was noted before: their records stand for nobody any more."""
_COLUMNS: Final = (
    RoundSubject.id.label("row"),
    RoundSubject.cell_id.label("cell_then"),
    RoundSubject.excused,
)
_HOME: Final = (
    Household.id.label("home"),
    Household.community_id,
    Household.cell_id.label("cell"),
    Household.building_id.label("building"),
    Household.kind,
    Household.consent,
    Household.lived_to,
)
_PERSON: Final = (
    Resident.id.label("subject"),
    Resident.consent.label("own_consent"),
    Resident.lived_to.label("own_lived_to"),
    Resident.erased_at,
)


class RoundLine(NamedTuple):
    """A subject of a round: ``cell`` of today, ``cell_then`` when the round was opened.

    ``done`` is the day of the record that answers it, ``excuse`` why it isn't missed without one; it has
    one of the two at most. ``misses``: how often in a row nobody was met.
    """

    row: str
    subject: str
    household: str | None
    building: str | None
    cell: str | None
    cell_then: str | None
    excuse: Excuse | None
    done: date | None
    misses: int


@dataclass(frozen=True, kw_only=True)
class OpenedRound:
    """A round with the code, the kind of subject and the purpose of its form."""

    row: Round
    form: str
    is_confidential: bool
    kind: SubjectKind
    purpose: str | None


def rounds_of(view: View, *, states: tuple[RoundState, ...] = tuple(RoundState)) -> list[OpenedRound]:
    """The rounds of the community in some states, the one that ends last at the head."""
    statement = _rounds().where(Round.community_id == view.community.id, Round.state.in_(states))
    rows = view.session.execute(statement.order_by(Round.last_day.desc(), Round.id.desc()))
    return [_opened(row) for row in rows]


def round_of(view: View, round_id: str, *, lock: bool = False) -> OpenedRound | None:
    """A round of the community by its id, or nothing."""
    statement = _rounds().where(Round.community_id == view.community.id, Round.id == round_id)
    row = view.session.execute(statement.with_for_update(of=Round) if lock else statement).one_or_none()
    return None if row is None else _opened(row)


def _rounds() -> Any:
    return (
        select(Round, FieldForm.code, FieldForm.subject, FieldForm.purpose, FieldForm.is_confidential)
        .join(FormVersion, FormVersion.id == Round.form_version_id)
        .join(FieldForm, FieldForm.id == FormVersion.form_id)
    )


def _opened(row: Any) -> OpenedRound:
    return OpenedRound(
        row=row.Round,
        form=row.code,
        is_confidential=row.is_confidential,
        kind=SubjectKind(row.subject),
        purpose=row.purpose,
    )


@dataclass(frozen=True, kw_only=True)
class LineReader:
    """Reads the lines of a round: of all its subjects, or of those within a scope.

    A subject that went to another community is within no scope but is still one of the round.
    """

    view: View
    round: OpenedRound
    scope: WorkScope | None = None

    def lines(self) -> list[RoundLine]:
        """The lines, in no order. Those of a closed round are excused as they were when it was closed."""
        visits = self._visits()
        excuse = self._excuses()
        return [
            self._line(row, visits.get(row.subject, NO_VISITS), excuse(row))
            for row in self.view.session.execute(self._statement())
        ]

    def _line(self, row: Any, visits: RoundVisits, excuse: Excuse | None) -> RoundLine:
        is_excused = excuse is not None and (excuse in GONE or visits.done is None)
        return RoundLine(
            row=row.row,
            subject=row.subject,
            household=row.home,
            building=row.building,
            cell=row.cell,
            cell_then=row.cell_then,
            excuse=excuse if is_excused else None,
            done=None if is_excused else visits.done,
            misses=visits.misses,
        )

    def _statement(self) -> Select[Any]:
        statement = self._joined(select(*_COLUMNS, *_FACTS[self.round.kind]))
        return statement.where(RoundSubject.round_id == self.round.row.id)

    def _joined(self, statement: Select[Any]) -> Select[Any]:
        kind = self.round.kind
        if kind == SubjectKind.PERSON:
            statement = statement.join(Resident, Resident.id == RoundSubject.resident_id)
            statement = statement.join(Household, Household.id == Resident.household_id)
        elif kind == SubjectKind.HOUSEHOLD:
            statement = statement.join(Household, Household.id == RoundSubject.household_id)
        elif kind == SubjectKind.BUILDING:
            statement = statement.join(Building, Building.id == RoundSubject.building_id)
        else:
            statement = statement.join(Facility, Facility.id == RoundSubject.facility_id)
        return statement if self.scope is None else statement.where(self._within(self.scope))

    def _within(self, scope: WorkScope) -> Any:
        sites = {SubjectKind.BUILDING: scope.buildings, SubjectKind.FACILITY: scope.facilities}
        return sites.get(self.round.kind, scope.homes)

    def _visits(self) -> dict[str, RoundVisits]:
        key = key_of(self.round.kind)
        of_round = RoundSubject.round_id == self.round.row.id
        wanted = self._joined(select(getattr(RoundSubject, key)).select_from(RoundSubject)).where(of_round)
        statement = records_of_round(self.round.row, self.round.form, key, wanted)
        closed_at = self.round.row.closed_at
        last = None if closed_at is None else day_of(closed_at, self.view.tz)
        return round_visits(map(RoundRecord._make, self.view.session.execute(statement)), last)

    def _excuses(self) -> Callable[[Any], Excuse | None]:
        if self.round.row.state == RoundState.CLOSED:
            return lambda row: None if row.excused is None else Excuse(row.excused)
        if self.round.kind not in _OF_HOMES:
            return self._site_excuse
        here = Household.community_id == self.view.community.id
        homes = here if self.scope is None else self.scope.homes
        refused = refusal_days(self.view, homes)
        return lambda row: self._home_excuse(row, refused)

    def _site_excuse(self, row: Any) -> Excuse | None:
        return None if row.community_id == self.view.community.id else Excuse.MOVED

    def _home_excuse(self, row: Any, refused: RefusalDays) -> Excuse | None:
        today = self.view.when.day
        if row.erased_at is not None:
            return Excuse.ERASED
        ends = (row.lived_to, row.own_lived_to)
        is_elsewhere = row.community_id != self.view.community.id
        if is_elsewhere or any(end is not None and end <= today for end in ends):
            return Excuse.MOVED
        if self._is_refused(row, refused):
            return Excuse.REFUSED
        return Excuse.VACANT if row.kind == HouseholdKind.VACANT else None

    def _is_refused(self, row: Any, refused: RefusalDays) -> bool:
        own_consent = None if row.own_consent == NOT_ASKED else row.own_consent
        person = (row.subject, own_consent) if self.round.kind == SubjectKind.PERSON else None
        today = self.view.when.day
        days = refused.of(self.round.purpose, (row.home, row.consent), person)
        return any(start <= today and (end is None or end > today) for start, end in days)


def _blank(*names: str) -> Iterator[Any]:
    return (null().label(name) for name in names)


_FACTS: Final[dict[SubjectKind, tuple[Any, ...]]] = {
    SubjectKind.PERSON: (*_PERSON, *_HOME),
    SubjectKind.HOUSEHOLD: (
        *_HOME,
        Household.id.label("subject"),
        *_blank("own_consent", "own_lived_to", "erased_at"),
    ),
    SubjectKind.BUILDING: (
        Building.id.label("subject"),
        Building.id.label("building"),
        Building.community_id,
        Building.cell_id.label("cell"),
        *_blank("home"),
    ),
    SubjectKind.FACILITY: (
        Facility.id.label("subject"),
        Facility.community_id,
        Facility.cell_id.label("cell"),
        *_blank("home", "building"),
    ),
}
