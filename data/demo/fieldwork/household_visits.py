"""Other fieldwork: checks of households, visits in five steps with their answers, care, screenings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from data.demo.fieldwork.grounds import FieldGround, at_work
from data.demo.fieldwork.records import DemoRecord
from data.demo.tables import read_records
from gisgrid.records.core.rules import SubjectKind

_CHECKED: Final = 0.012
_IN_VAIN: Final = 0.12
_DONE: Final = 0.4
_VISITED: Final = 0.014
_ANSWERED: Final = 0.7
_AIDED: Final = 0.75
_POOR: Final = frozenset({"min_allowance", "no_income"})
_SCREENED: Final = 0.12
_LATELY: Final = timedelta(days=90)
_PROMISED: Final = timedelta(days=7)
_RESULTS: Final = ("done", "done", "done", "under_way", "explained")
_CONTENT: Final = ("content", "content", "content", "fair", "not_content")
_DISPUTES: Final = (("none",), ("none",), ("none",), ("neighbour",), ("noise",), ("parking",))
_AID: Final = (("festival", "goods", 120), ("hardship", "money", 300), ("illness", "money", 500))
_GIVERS: Final = ("街道民政办(示例)", "社区居委会(示例)", "银龄互助社(示例)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a visit hears, how often, and how it is gone about."""

    topic_group: str | None = None
    topic: str | None = None
    wish: str | None = None
    coordination: str
    urgency: str | None = None
    opinion: str | None = None
    share: float

    def answers(self) -> dict[str, Any]:
        """The answers of a visit that heard it."""
        if self.opinion is None:
            return {}
        answers: dict[str, Any] = {
            "topic_groups": [self.topic_group],
            "topics": [self.topic],
            "opinion": self.opinion,
            "urgency": self.urgency,
            "coordination": self.coordination,
        }
        return answers | ({"wishes": [self.wish]} if self.wish else {})


def household_records(ground: FieldGround, rng: random.Random) -> Iterator[DemoRecord]:
    """Checks of households, and visits in five steps with the answers that were promised."""
    opinions = read_records(Opinion, "demo/fieldwork/visits")
    shares = [opinion.share for opinion in opinions]
    for key in ground.households:
        if key not in ground.consents or not ground.is_open(key):
            continue
        day = _some_day(ground, key, rng)
        chance = rng.random()
        if day is None:
            continue
        if chance < _CHECKED and not ground.is_in_round(key):
            yield _check(ground, key, day, rng)
        elif chance < _CHECKED + _VISITED:
            yield from _in_steps(ground, key, day, rng.choices(opinions, shares)[0], rng)


def round_records(ground: FieldGround, rng: random.Random) -> Iterator[DemoRecord]:
    """Checks of the round that runs: two of five of its households since its first day."""
    days = range(1, (ground.until - ground.round_since).days + 1)
    for key in ground.households:
        if not ground.is_in_round(key) or rng.random() > _DONE:
            continue
        day = ground.until - timedelta(days=rng.choice(days))
        if ground.is_open(key) and ground.days_of(key)[0] <= day:
            yield _check(ground, key, day, rng)


def care_records(ground: FieldGround, rng: random.Random) -> Iterator[DemoRecord]:
    """Aid for most with minimum living allowance or without income; some have had none for a year."""
    poor = dict.fromkeys(need.resident for need in ground.needs if need.kind in _POOR)
    for person in poor:
        home = ground.residents[person].household
        if rng.random() > _AIDED:
            continue
        day = _some_day(ground, home, rng)
        if day is None or not ground.is_open(home):
            continue
        occasion, kind, value = rng.choice(_AID)
        answers = {"occasion": occasion, "aid_kind": kind, "value": value, "handed_over": "yes"}
        yield DemoRecord(
            key=f"{person}-care-{day:%y%m%d}",
            form="care_visit",
            subject=SubjectKind.PERSON,
            of=person,
            worker=ground.members[home],
            day=day,
            filled_at=at_work(day, rng),
            answers={**answers, "given_by": rng.choice(_GIVERS)},
        )


def building_records(ground: FieldGround, rng: random.Random) -> Iterator[DemoRecord]:
    """A screening for disputes of some of the houses; nobody is named."""
    homes = {home.building: key for key, home in ground.households.items() if key in ground.consents}
    for building, key in homes.items():
        day = _some_day(ground, key, rng)
        if day is None or rng.random() > _SCREENED:
            continue
        kinds = list(rng.choice(_DISPUTES))
        more = {} if kinds == ["none"] else {"parties": 2, "grade": "general", "clue_made": "no"}
        yield DemoRecord(
            key=f"{building}-{day:%y%m%d}",
            form="dispute_screen",
            subject=SubjectKind.BUILDING,
            of=building,
            worker=ground.members[key],
            day=day,
            filled_at=at_work(day, rng),
            answers={"kinds": kinds, **more},
        )


def _check(ground: FieldGround, household: str, day: date, rng: random.Random) -> DemoRecord:
    """Somebody comes to confirm who lives here; now and then in vain."""
    persons = ground.households[household].persons
    count = {"people_told": persons} if persons else {}
    answers = {"outcome": "met", **count} if rng.random() >= _IN_VAIN else {"outcome": "nobody"}
    return _of_household(ground, "household_check", household, day, answers, rng)


def _some_day(ground: FieldGround, household: str, rng: random.Random) -> date | None:
    """A day of the last quarter on which somebody may have come; nothing where nobody was asked by then."""
    first, last = ground.days_of(household)
    first = max(first, ground.until - _LATELY)
    return first + timedelta(days=rng.randrange((last - first).days)) if first < last else None


def _in_steps(
    ground: FieldGround, household: str, day: date, opinion: Opinion, rng: random.Random
) -> Iterator[DemoRecord]:
    answers = {"manner": "home", "spoken_with": rng.randint(1, 3), **opinion.answers()}
    is_promised = opinion.coordination in {"case", "somebody"}
    if is_promised:
        answers["promise_day"] = (day + _PROMISED).isoformat()
    yield _of_household(ground, "visit5", household, day, answers, rng)
    back = day + timedelta(days=rng.randint(2, 9))
    if is_promised and back <= ground.days_of(household)[1] and rng.random() < _ANSWERED:
        result = {"result": rng.choice(_RESULTS), "content": rng.choice(_CONTENT)}
        answers = {"answered_by": "member", "channel": rng.choice(("home", "phone")), **result}
        yield _of_household(ground, "visit5_feedback", household, back, answers, rng)


def _of_household(
    ground: FieldGround, form: str, household: str, day: date, answers: dict[str, Any], rng: random.Random
) -> DemoRecord:
    return DemoRecord(
        key=f"{household}-{form}-{day:%y%m%d}",
        form=form,
        subject=SubjectKind.HOUSEHOLD,
        of=household,
        worker=ground.members[household],
        day=day,
        filled_at=at_work(day, rng),
        answers=answers,
    )
