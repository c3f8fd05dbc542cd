"""Facts of a subject as they changed over the days, and the days on which a rule's choice can change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, TypeAlias

from gisgrid.forms.tasks.facts import FACTS, FactKind
from gisgrid.forms.tasks.model import CellPlacement, HeldSpan
from gisgrid.people.core.rules import age_on
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.work.choices import CLOCKS, FactValue, RuleChoice

FactLine: TypeAlias = "tuple[tuple[date, FactValue], ...]"
"""Values of a fact, each from a day on, in order; before the first it is blank."""
BLANK: Final[Mapping[str, FactValue]] = {
    name: False if kind == FactKind.TRUTH else "" for name, kind in FACTS.items()
}
_DAY: Final = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class WorkSubject:
    """Whom or what tasks are about: what is known of it, and on which days it can be visited at all.

    ``fixed`` are facts that never change, ``lines`` those that do, ``clocks`` the days from which counted
    days count. ``spans``: it lives there, or stands there, and nobody said no; by the purpose of a form.
    """

    kind: SubjectKind
    id: str
    cell: str | None
    building: str | None
    household: str | None = None
    born: date | None = None
    fixed: dict[str, FactValue] = field(default_factory=dict)
    lines: dict[str, FactLine] = field(default_factory=dict)
    clocks: dict[str, tuple[date, ...]] = field(default_factory=dict)
    spans: dict[str | None, tuple[HeldSpan, ...]] = field(default_factory=dict)
    cells: tuple[CellPlacement, ...] = ()

    def fact(self, name: str, day: date) -> FactValue:
        """A fact on a day; blank where it isn't known."""
        if name in self.fixed:
            return self.fixed[name]
        if name == "age":
            return float(age_on(self.born, day)) if self.born and self.born <= day else ""
        if name in CLOCKS:
            since = last_until(self.clocks.get(name, ()), day)
            return "" if since is None else float((day - since).days)
        return value_on(self.lines.get(name, ()), day, BLANK[name])

    def values(self, choice: RuleChoice, day: date) -> tuple[FactValue, ...]:
        """The facts that a choice asks for, on a day."""
        return tuple([self.fact(name, day) for name in choice.names])


def last_until(days: Sequence[date], day: date) -> date | None:
    """The last of some days, in order, up to another."""
    for known in reversed(days):
        if known <= day:
            return known
    return None


def value_on(line: FactLine, day: date, blank: FactValue) -> FactValue:
    """The value of a line on a day."""
    for since, value in reversed(line):
        if since <= day:
            return value
    return blank


def line_of(intervals: Iterable[tuple[date, date | None, FactValue]], blank: FactValue) -> FactLine:
    """Half-open intervals of days with a value each as a line; of several that overlap the greatest holds."""
    known = [interval for interval in intervals if interval[1] is None or interval[0] < interval[1]]
    if len(known) == 1:
        start, end, value = known[0]
        return ((start, value),) if end is None else ((start, value), (end, blank))
    days = sorted({day for start, end, _value in known for day in (start, end) if day is not None})
    return tuple((day, _greatest(known, day, blank)) for day in days)


def _greatest(intervals: list[tuple[date, date | None, FactValue]], day: date, blank: FactValue) -> FactValue:
    values = [value for start, end, value in intervals if start <= day and (end is None or day < end)]
    return max(values, key=lambda value: (value != "", value), default=blank)


def days_of_change(subject: WorkSubject, choice: RuleChoice, first: date, last: date) -> list[date]:
    """Days after ``first`` up to ``last`` on which the choice may hold as it did not the day before.

    They come in any order, some of them twice.
    """
    if choice.borders is None:
        return [first + _DAY * number for number in range(1, (last - first).days + 1)]
    borders = choice.borders
    changes = (day for name in choice.names for day in _changes(subject, name, borders, first, last))
    return [day for day in changes if first < day <= last]


def _changes(
    subject: WorkSubject, name: str, borders: tuple[int, ...], first: date, last: date
) -> Iterator[date]:
    if name == "age":
        if subject.born:
            yield from (_birthday(subject.born, year) for year in range(first.year, last.year + 1))
    elif name in CLOCKS:
        for since in subject.clocks.get(name, ()):
            yield since
            # The last of these days is soon over for whoever has lived there for years.
            if borders and since + _DAY * (borders[-1] + 1) > first:
                yield from (since + _DAY * (border + more) for border in borders for more in (0, 1))
    else:
        for since, _value in subject.lines.get(name, ()):
            yield since


def _birthday(born: date, year: int) -> date:
    """The day on which a year is completed: of those born on 29 February 1 March in other years."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
