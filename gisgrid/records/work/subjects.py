"""People and households as subjects of tasks, read in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, true

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.forms.tasks.model import HeldSpan, SpanEnd
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.rules import LISTED_AGE, NOT_ASKED, Leaving, ResidenceStatus, latest_birth
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Household
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.work.cell_changes import Left, cells_left, cells_since
from gisgrid.records.work.choices import ChoiceBound
from gisgrid.records.work.fact_lines import WorkSubject
from gisgrid.records.work.linked_facts import LinkedRows, linked_rows
from gisgrid.records.work.refusals import RefusalDays, refusal_days, without

_HOME: Final = (
    Household.id.label("home"),
    Household.cell_id,
    Household.building_id,
    Household.kind,
    Household.consent.label("home_consent"),
    Household.lived_from.label("stands_from"),
    Household.lived_to.label("stands_to"),
)
_PERSON: Final = (
    Resident.id,
    Resident.birth_date,
    Resident.sex,
    Resident.residence_status,
    Resident.consent,
    Resident.lived_from,
    Resident.lived_to,
    Resident.leaving,
)


@dataclass(frozen=True, kw_only=True)
class HomePast:
    """What some households (as SQL) said no to, and which cells they lay in since a day; read once."""

    view: View
    homes: ColumnElement[bool]
    since: date

    @cached_property
    def refused(self) -> RefusalDays:
        """The days of every no."""
        return refusal_days(self.view, self.homes)

    @cached_property
    def left(self) -> Left:
        """The cells that households were taken out of."""
        wanted = select(Household.id).where(self.homes)
        return cells_left(self.view, PlacedKind.HOUSEHOLD, wanted, since=self.since)


@dataclass(frozen=True, kw_only=True)
class WorkReader:
    """Reads the subjects of some households with what changed since a day, up to ``today``."""

    view: View
    past: HomePast
    purposes: frozenset[str | None]
    today: date

    @property
    def homes(self) -> ColumnElement[bool]:
        """The households, as SQL."""
        return self.past.homes

    @property
    def since(self) -> date:
        """The day since which changes matter."""
        return self.past.since

    def households(self) -> list[WorkSubject]:
        """Households that stand there, or did since the day."""
        refused, left = self.past.refused, self.past.left
        statement = select(*_HOME, Household.last_verified_at).where(self.homes, self._stands())
        answered = self._answered()
        return [
            self._household(row, answered.get(row.home), refused, left.get(row.home, []))
            for row in self.view.session.execute(statement)
        ]

    def persons(
        self, bound: ChoiceBound, others: Collection[str], visitors: dict[str, str | None]
    ) -> list[WorkSubject]:
        """People within a bound, and ``others`` by id; ``visitors`` is filled with who visits whom now."""
        refused, left = self.past.refused, self.past.left
        linked = linked_rows(self.view, self.homes)
        visitors.update({person: rows.visitor for person, rows in linked.items() if rows.visitor})
        wanted = {*others, *(linked if bound.is_linked else ())}
        return [
            self._person(row, linked.get(row.id), refused, left.get(row.home, []))
            for row in self._person_rows(bound, wanted)
        ]

    def _person_rows(self, bound: ChoiceBound, wanted: set[str]) -> Iterator[Any]:
        statement = (
            select(*_PERSON, *_HOME)
            .join(Household, Household.id == Resident.household_id)
            .where(
                self.homes,
                self._stands(),
                Resident.erased_at.is_(None),
                or_(Resident.lived_to.is_(None), Resident.lived_to > self.since),
                Resident.residence_status != ResidenceStatus.ABSENT,
                or_(
                    Resident.birth_date.is_(None), Resident.birth_date <= latest_birth(LISTED_AGE, self.today)
                ),
            )
        )
        if bound.is_open:
            yield from self.view.session.execute(statement)
            return
        seen: set[str] = set()
        if bound.least_age is not None:
            # A day ahead of today they may be of that age too.
            is_of_age = Resident.birth_date <= latest_birth(bound.least_age, self.today)
            for row in self.view.session.execute(statement.where(is_of_age)):
                seen.add(row.id)
                yield row
        for few in batches(sorted(wanted - seen)):
            yield from self.view.session.execute(statement.where(Resident.id.in_(few)))

    def _stands(self) -> ColumnElement[bool]:
        return or_(Household.lived_to.is_(None), Household.lived_to > self.since) & true()

    def _answered(self) -> dict[str, Any]:
        """When households last answered anything: then somebody stood at their doors."""
        statement = (
            select(Consent.household_id, func.max(Consent.asked_at))
            .join(Household, Household.id == Consent.household_id)
            .where(self.homes)
            .group_by(Consent.household_id)
        )
        return {str(row[0]): row[1] for row in self.view.session.execute(statement)}

    def _household(self, row: Any, answered: Any, refused: RefusalDays, left: Any) -> WorkSubject:
        own = (row.home, row.home_consent)
        stands = HeldSpan(start=row.stands_from, end=row.stands_to, why=_moved(row.stands_to))
        moments = [at for at in (row.last_verified_at, answered) if at is not None]
        verified = () if not moments else (day_of(max(moments), self.view.tz),)
        return WorkSubject(
            kind=SubjectKind.HOUSEHOLD,
            id=row.home,
            cell=row.cell_id,
            building=row.building_id,
            household=row.home,
            fixed={"household_kind": row.kind or ""},
            clocks={"lived_days": (row.stands_from,), "verified_days": verified},
            spans=self._spans([stands], lambda purpose: refused.of(purpose, own, None)),
            cells=cells_since(row.cell_id, left),
        )

    def _person(self, row: Any, linked: LinkedRows | None, refused: RefusalDays, left: Any) -> WorkSubject:
        home = (row.home, row.home_consent)
        own = (row.id, None if row.consent == NOT_ASKED else row.consent)
        ask = lambda purpose: refused.of(purpose, home, own)  # noqa: E731
        start = max(row.lived_from, row.stands_from)
        end = min((day for day in (row.lived_to, row.stands_to) if day is not None), default=None)
        died = row.leaving == Leaving.DIED and end == row.lived_to
        lived = HeldSpan(start=start, end=end, why=SpanEnd.DIED if died else _moved(end))
        is_lived = end is None or start < end
        return WorkSubject(
            kind=SubjectKind.PERSON,
            id=row.id,
            cell=row.cell_id,
            building=row.building_id,
            household=row.home,
            born=row.birth_date,
            fixed={
                "sex": row.sex or "",
                "residence": row.residence_status,
                "household_kind": row.kind or "",
            },
            lines={} if linked is None else linked.lines(ask),
            clocks={"lived_days": (row.lived_from,)},
            spans=self._spans([lived] if is_lived else [], ask),
            cells=cells_since(row.cell_id, left),
        )

    def _spans(self, spans: Sequence[HeldSpan], ask: Any) -> dict[str | None, tuple[HeldSpan, ...]]:
        by_purpose = {}
        for purpose in self.purposes:
            days = ask(purpose)
            by_purpose[purpose] = (
                tuple(part for span in spans for part in without(span, days)) if days else tuple(spans)
            )
        return by_purpose


def _moved(end: date | None) -> SpanEnd | None:
    return SpanEnd.MOVED if end is not None else None
