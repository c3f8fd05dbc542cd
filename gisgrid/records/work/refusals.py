"""Days on which a household or a person had said no to a purpose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, select

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.forms.tasks.model import HeldSpan, SpanEnd
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.places.models import Household

Refusal: TypeAlias = "tuple[date, date | None]"
"""Days of a no, half-open."""
_ALWAYS: Final[Refusal] = (date.min, None)


@dataclass(frozen=True, slots=True)
class RefusalDays:
    """The days of every no, by household or person and purpose; who never said no isn't there."""

    by_subject: Mapping[str, Mapping[str, Sequence[Refusal]]]

    def of(
        self, purpose: str | None, household: tuple[str, str | None], person: tuple[str, str | None] | None
    ) -> list[Refusal]:
        """When a purpose was refused: by the household for everybody, or by the person itself.

        Each comes with its present answer to being registered, a no to which is one to every purpose; without
        a purpose nobody is asked.
        """
        if purpose is None:
            return []
        asked = [household] if person is None else [household, person]
        days = []
        for subject_id, registered in asked:
            refused = self.by_subject.get(subject_id, {})
            days += _registration(refused.get(Purpose.REGISTRATION, ()), registered)
            days += refused.get(purpose, ()) if purpose != Purpose.REGISTRATION else ()
        return days


def _registration(refused: Sequence[Refusal], present: str | None) -> list[Refusal]:
    """By the history as far as the present answer, which may have come without one, bears it out."""
    is_open = any(end is None for _start, end in refused)
    if present in NO_CONSENT:
        return [*refused] if is_open else [_ALWAYS]
    return [interval for interval in refused if interval[1] is not None]


def refusal_days(view: View, homes: ColumnElement[bool]) -> RefusalDays:
    """The days of every no in some households (as SQL)."""
    of_homes = _history(view, Consent.household_id, select(Household.id).where(homes))
    people = select(Resident.id).join(Household, Household.id == Resident.household_id).where(homes)
    return RefusalDays({**of_homes, **_history(view, Consent.resident_id, people)})


def _history(view: View, subject: Any, wanted: Any) -> dict[str, dict[str, list[Refusal]]]:
    """The answers of those alone who ever said no to anything."""
    refusing = select(subject).where(Consent.status.in_(NO_CONSENT), subject.in_(wanted))
    statement = (
        select(subject, Consent.purpose, Consent.status, Consent.asked_at)
        .where(subject.in_(refusing))
        .order_by(Consent.asked_at, Consent.id)
    )
    history: dict[tuple[str, str], list[tuple[date, bool]]] = defaultdict(list)
    for subject_id, purpose, status, asked_at in view.session.execute(statement):
        history[subject_id, purpose].append((day_of(asked_at, view.tz), status in NO_CONSENT))
    days: dict[str, dict[str, list[Refusal]]] = defaultdict(dict)
    for (subject_id, purpose), answers in history.items():
        days[subject_id][purpose] = _intervals(answers)
    return days


def _intervals(answers: Iterable[tuple[date, bool]]) -> list[Refusal]:
    """Intervals of no; of several answers on a day the last one holds."""
    by_day = dict(answers)
    intervals: list[Refusal] = []
    for day, is_no in by_day.items():
        is_open = bool(intervals) and intervals[-1][1] is None
        if is_no and not is_open:
            intervals.append((day, None))
        elif not is_no and is_open:
            intervals[-1] = (intervals[-1][0], day)
    return intervals


def without(span: HeldSpan, refused: Iterable[Refusal]) -> list[HeldSpan]:
    """A span without the days of any no; what ends by one says so."""
    parts = [span]
    for start, end in refused:
        parts = [part for known in parts for part in _cut(known, start, end)]
    return parts


def _cut(span: HeldSpan, start: date, end: date | None) -> list[HeldSpan]:
    if (end is not None and end <= span.start) or (span.end is not None and span.end <= start):
        return [span]
    parts = []
    if span.start < start:
        parts.append(HeldSpan(start=span.start, end=start, why=SpanEnd.CONSENT))
    if end is not None and (span.end is None or end < span.end):
        parts.append(HeldSpan(start=max(end, span.start), end=span.end, why=span.why))
    return parts
