"""Where fieldwork is done: who serves a household's grid, and over which days somebody came there."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final

from data.demo.history.clock import moment, zone
from data.demo.personas.records import DemoConsent, DemoHousehold, DemoNeed, DemoResident, DemoVisitor
from gisgrid.people.core.rules import NO_CONSENT

_YEAR: Final = timedelta(days=365)
_QUARTER: Final = timedelta(days=90)
_YEAR_LONG: Final = slice(14, 17)
"""Which grids tell a whole year, in the order of their codes."""
_IDLE_GRID: Final = 6
"""Which grid has had nobody on duty lately: there all is overdue."""
_IDLE: Final = timedelta(days=40)
_ROUND_DAYS: Final = timedelta(days=12)
"""So long ago that round began."""
_FIRST_HOUR, _HOURS = 9, 8


@dataclass(frozen=True, kw_only=True)
class FieldGround:
    """People and places of a community by their keys; ``grids`` and ``members`` are by household."""

    households: Mapping[str, DemoHousehold]
    residents: Mapping[str, DemoResident]
    needs: Sequence[DemoNeed]
    visitors: Sequence[DemoVisitor]
    consents: Mapping[str, DemoConsent]
    members: Mapping[str, str]
    grids: Mapping[str, str]
    until: date

    @property
    def round_since(self) -> date:
        """The first day of the round that runs."""
        return self.until - _ROUND_DAYS

    @cached_property
    def order(self) -> list[str]:
        """The codes of the grids in order."""
        return sorted(set(self.grids.values()))

    @property
    def round_grid(self) -> str:
        """The grid whose households that round asks."""
        return self.order[0]

    @cached_property
    def idle(self) -> frozenset[str]:
        """The households of the grid where nobody has been on duty lately."""
        return frozenset(home for home, grid in self.grids.items() if grid == self.order[_IDLE_GRID])

    def is_in_round(self, household: str) -> bool:
        """Whether the round asks a household that was asked whether it agrees."""
        return self.grids[household] == self.round_grid and household in self.consents

    def days_of(self, household: str) -> tuple[date, date]:
        """The first and the last day on which somebody comes to a household.

        Three grids tell a year, the others a quarter; one ends 40 days ago.
        """
        grid, order = self.grids[household], self.order
        is_long = grid in order[_YEAR_LONG]
        first = self.until - (_YEAR if is_long else _QUARTER)
        answered = self.consents[household].asked_at.astimezone(zone()).date()
        last = self.until - (_IDLE if household in self.idle else timedelta(days=1))
        return max(first, answered + timedelta(days=1)), last

    def is_open(self, household: str) -> bool:
        """Whether a household agreed to be registered."""
        return self.consents[household].status not in NO_CONSENT


def at_work(day: date, rng: random.Random) -> datetime:
    """A moment of a working day, to the minute."""
    return moment(day, time(_FIRST_HOUR + rng.randrange(_HOURS), rng.randrange(60)))
