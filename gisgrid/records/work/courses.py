"""A rule through all its versions, and the days on which its choice held for a subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from gisgrid.forms.tasks.model import HeldSpan, SpanEnd, TaskRule
from gisgrid.records.work.choices import ChoiceBound, RuleChoice
from gisgrid.records.work.fact_lines import WorkSubject, days_of_change

AHEAD: Final = timedelta(days=40)
"""So far ahead it is looked whether a choice will still hold: to the end of this month and beyond."""


@dataclass(frozen=True)
class RuleCourse:
    """The versions of a rule that follow one another without a gap, the one of today last.

    What is to be filled when goes by the last one for the whole course, so that a change in the middle of a
    month neither loses the month nor asks twice; whom it is for goes by the version of each day. ``purpose``
    is that of its form.
    """

    versions: tuple[TaskRule, ...]
    purpose: str | None = None

    @cached_property
    def rule(self) -> TaskRule:
        """The rule as it is computed: the last version, from the first day of the first one on."""
        return replace(self.versions[-1], valid_from=self.versions[0].valid_from)

    @cached_property
    def choices(self) -> tuple[tuple[date, RuleChoice], ...]:
        """The choice of each version with the day from which it counts."""
        return tuple((version.valid_from, RuleChoice(version.who)) for version in self.versions)

    @cached_property
    def bound(self) -> ChoiceBound:
        """Whom the versions may hold for."""
        bound = ChoiceBound()
        for _since, choice in self.choices:
            bound = bound.either(choice.bound)
        return bound

    def spans(self, subject: WorkSubject, today: date) -> tuple[HeldSpan, ...]:
        """The days on which it held for a subject and holds as far as can be seen, with why they ended."""
        last = today + AHEAD
        spans: list[HeldSpan] = []
        for span in subject.spans.get(self.purpose, ()):
            start = max(span.start, self.rule.valid_from)
            if start <= last and (span.end is None or start < span.end):
                spans += self._held(subject, replace(span, start=start) if start > span.start else span, last)
        return tuple(spans)

    def _held(self, subject: WorkSubject, span: HeldSpan, last: date) -> Iterator[HeldSpan]:
        """The parts of a span on which the choice of the day holds."""
        start: date | None = None
        for day in self._days(subject, span, last):
            choice = self._choice(day)
            if choice.is_held(subject.values(choice, day), day):
                start = start or day
            elif start is not None:
                yield HeldSpan(start=start, end=day, why=SpanEnd.FACTS)
                start = None
        if start is not None:
            yield span if start == span.start else HeldSpan(start=start, end=span.end, why=span.why)

    def _days(self, subject: WorkSubject, span: HeldSpan, last: date) -> Sequence[date]:
        """The first day of a span and those on which anything may change in it."""
        end = last if span.end is None else min(last, span.end - timedelta(days=1))
        days = {span.start} | {since for since, _choice in self.choices if span.start < since <= end}
        for choice in {choice.who: choice for _since, choice in self.choices}.values():
            days.update(days_of_change(subject, choice, span.start, end))
        return sorted(days)

    def _choice(self, day: date) -> RuleChoice:
        return next(choice for since, choice in reversed(self.choices) if since <= day)
