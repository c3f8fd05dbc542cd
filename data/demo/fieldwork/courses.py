"""The whole fieldwork of a community from its people, its needs and who serves whom."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

from data.demo.fieldwork.elder_visits import VisitCourses
from data.demo.fieldwork.grounds import FieldGround
from data.demo.fieldwork.household_visits import (
    building_records,
    care_records,
    household_records,
    round_records,
)
from data.demo.fieldwork.records import Fieldwork, RunningRound

_LEFT: Final = timedelta(days=18)
"""So long the round still runs."""


def fieldwork_of(ground: FieldGround, rng: random.Random) -> Fieldwork:
    """All records up to the evening before ``ground.until``, by time."""
    visits = VisitCourses(ground, rng)
    records = [
        *visits,
        *household_records(ground, rng),
        *care_records(ground, rng),
        *building_records(ground, rng),
        *round_records(ground, rng),
    ]
    last = ground.until - timedelta(days=1)
    records = sorted((row for row in records if row.day <= last), key=lambda row: (row.filled_at, row.key))
    checking = RunningRound(
        grid=ground.round_grid, first_day=ground.round_since, last_day=ground.until + _LEFT
    )
    return Fieldwork(
        records=tuple(records), refused=tuple(visits.refused), idle=ground.idle, checking=checking
    )
