"""Who looks in on the elders of the demo: mostly the member of their grid. Nobody in it exists."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from data.demo.history.clock import moment
from data.demo.personas.families import TODAY
from data.demo.personas.names import given_name, surname
from data.demo.personas.records import DemoNeed, DemoResident, DemoVisitor
from data.demo.tables import read_records
from gisgrid.people.core.rules import OLD_ELDER_AGE, latest_birth

_VOLUNTEERS: Final = 24
_FIRST: Final = date(2024, 6, 1)
"""The present members have served since before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorHabit:
    """How many of those who are to be visited have a visitor of a kind; some are waiting for one."""

    kind: str | None = None
    share: float
    names: tuple[str, ...] = ()


def visitors_of(
    residents: Sequence[DemoResident],
    needs: Sequence[DemoNeed],
    *,
    members: Mapping[str, str],
    rng: random.Random,
) -> Iterator[DemoVisitor]:
    """Visitors of those of 80 and over who live here, and of elders who live alone.

    Parameters
    ----------
    members
        The worker who serves the grid of a household, by the household's key.
    """
    volunteers = [_name(rng) for _ in range(_VOLUNTEERS)]
    alone = {need.resident for need in needs if need.kind == "living_alone"}
    born = latest_birth(OLD_ELDER_AGE, TODAY)
    habits = read_records(VisitorHabit, "demo/personas/visitors")
    for person in residents:
        if person.birth_date > born and person.key not in alone:
            continue
        habit = rng.choices(habits, [row.share for row in habits])[0]
        first = max(_FIRST, person.lived_from)
        since = first + timedelta(days=rng.randrange(max((TODAY - first).days, 1)))
        name = rng.choice(volunteers if habit.kind == "volunteer" else habit.names or ("",)) or None
        if habit.kind is None or person.residence_status == "absent" or since >= TODAY:
            continue
        yield DemoVisitor(
            resident=person.key,
            kind=habit.kind,
            worker=members[person.household] if habit.kind == "worker" else None,
            name=name,
            since=moment(since),
        )


def _name(rng: random.Random) -> str:
    sex = rng.choice("mf")
    return surname(rng) + given_name(rng, sex=sex, birth_year=rng.randint(1956, 2004))
