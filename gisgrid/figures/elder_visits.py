"""How it stands with visits to each elder on a day, and how many elders of each cell that makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from gisgrid.access.models import Role
from gisgrid.analysis.coverage import WALKS_M, is_reached
from gisgrid.areas.view import View
from gisgrid.figures.elder_facts import ElderHome, days_due, days_met, elders_of
from gisgrid.figures.groups import Groups
from gisgrid.people.edits.field_states import FieldState
from gisgrid.records.work.next_visits import NextVisit

SOON: Final = timedelta(days=7)
VISIT_DAYS: Final = 30
"""Whoever was met within so many days counts as visited on maps."""
GAPS: Final = tuple(f"double_gap_{walk_m}" for walk_m in WALKS_M)
"""Elders whose visit is overdue and who are out of reach of a station, by the walk."""
ASKED_GAP: Final = "double_gap"
VISIT_COLUMNS: Final = ("willing", "agreed", "visited", "overdue", *GAPS)


class ElderState(StrEnum):
    """How it stands with the next visit to an elder. ``SOON``: within a week. ``NO_RULE``: none is due."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NO_RULE = "no_rule"
    NOT_ASKED = "not_asked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderVisits:
    """An elder with how it stands with visits; ``rule`` by which the next one is due."""

    home: ElderHome
    met: date | None
    rule: str | None
    due: date | None
    state: ElderState

    def overdue_days(self, day: date) -> int:
        """How many days the visit is overdue; 0 where it isn't."""
        return (day - self.due).days if self.due and self.state == ElderState.OVERDUE else 0

    def is_unseen(self, days: int, day: date) -> bool:
        """Not met for so many days, or never, where visits may be arranged."""
        if self.home.consent != FieldState.OPEN:
            return False
        return self.met is None or (day - self.met).days >= days

    @property
    def lacks_visitor(self) -> bool:
        """Nobody visits, and nobody has said no to that."""
        return not self.home.has_visitor and self.state != ElderState.REFUSED


def visits_on(view: View, elders: Iterable[ElderHome], day: date) -> list[ElderVisits]:
    """How it stood with visits to elders on a day; of whom hasn't agreed to them nothing is known."""
    met, dues = days_met(view, day), days_due(view, day)
    return [_visits(elder, met.get(elder.id), dues.get(elder.id), day) for elder in elders]


def told_day(view: View) -> date:
    """Until which day visits are told: without exact counts the last one of the quarter that is over."""
    day = view.when.day
    if view.actor.sees_exact_counts:
        return day
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)


def visit_counts(
    view: View, groups: Groups, *, without: frozenset[str], walk_m: float | None = None
) -> pd.DataFrame:
    """Elders by the rows of a level: ``VISIT_COLUMNS``, what lies in the cells ``without`` left out.

    With a walk in metres ``ASKED_GAP`` is the double gap by that one.

    ``willing`` have a visitor or haven't said no to one, ``agreed`` agreed to visits, ``visited`` were met
    within 30 days, ``overdue`` are to be visited and late. Of cells that aren't one's own, roles without
    exact counts are told visits until the last quarter that is over.
    """
    known = view.own_cells if view.actor.role == Role.MEMBER else frozenset()
    present, counted = _counted(view, view.when.day), _counted(view, told_day(view))
    cells = counted["cell"]
    frame = counted.where(~cells.isin(known), present).loc[~cells.isin(without)]
    place = groups.index_of(frame["cell"])
    flags = frame[list(VISIT_COLUMNS)].astype("int64")
    if walk_m is not None:
        flags[ASKED_GAP] = flags["overdue"] * ~is_reached(frame["station_m"].astype("float64"), walk_m)
    summed = flags.groupby(place).sum().drop(index=-1, errors="ignore")
    counts: pd.DataFrame = summed.reindex(range(len(groups.rows)), fill_value=0)
    return counts


def _counted(view: View, day: date) -> pd.DataFrame:
    """A row for each elder, with ``cell``, ``station_m`` and whether it counts in each column."""
    return view.remembered("elders by visits", day, make=lambda: _count(view, day))


def _count(view: View, day: date) -> pd.DataFrame:
    visits = visits_on(view, elders_of(view), day)
    is_overdue = np.array([elder.state == ElderState.OVERDUE for elder in visits], dtype=np.bool_)
    metres = np.array([elder.home.station_m for elder in visits], dtype=np.float64)
    far = {gap: ~is_reached(metres, walk_m) for gap, walk_m in zip(GAPS, WALKS_M, strict=True)}
    columns = {
        "willing": [elder.home.has_visitor or elder.state != ElderState.REFUSED for elder in visits],
        "agreed": [elder.home.consent == FieldState.OPEN for elder in visits],
        "visited": [_is_visited(elder, day) for elder in visits],
        "overdue": is_overdue,
        **{gap: is_overdue & is_far for gap, is_far in far.items()},
    }
    cells = pd.Series([elder.home.cell for elder in visits], dtype=object)
    frame = pd.DataFrame({name: np.array(flags, np.bool_) for name, flags in columns.items()})
    return frame.assign(cell=cells, station_m=metres)


def _is_visited(elder: ElderVisits, day: date) -> bool:
    return elder.home.consent == FieldState.OPEN and not elder.is_unseen(VISIT_DAYS, day)


def _visits(elder: ElderHome, met: date | None, coming: NextVisit | None, day: date) -> ElderVisits:
    if elder.consent != FieldState.OPEN:
        state = ElderState(elder.consent.value)
        return ElderVisits(home=elder, met=None, rule=None, due=None, state=state)
    due, rule = (coming.due, coming.rule.code) if coming else (None, None)
    return ElderVisits(home=elder, met=met, rule=rule, due=due, state=visit_state(due, day))


def visit_state(due: date | None, day: date) -> ElderState:
    """How it stands with a visit on a day that is due by another."""
    if due is None:
        return ElderState.NO_RULE
    if due < day:
        return ElderState.OVERDUE
    return ElderState.SOON if due <= day + SOON else ElderState.LATER
