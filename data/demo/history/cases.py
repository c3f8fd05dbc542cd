"""Twenty-four months of cases, with what is planted among them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from data.demo.ground.quarter import Chance
from data.demo.ground.site import Site
from data.demo.history.case_places import (
    DemoSpot,
    PlaceChooser,
    as_gcj02,
    beyond_places,
    border_places,
    hotspot_place,
)
from data.demo.history.case_times import course, reported
from data.demo.history.clock import now, zone
from data.demo.history.habits import Habit, categories, channels, habits
from data.demo.history.recent_cases import brought_up
from data.demo.planted import (
    BORDER_CASES,
    CASES,
    DUPLICATE_CASES,
    OUTSIDE_CASES,
    WRONG_DATUM_CASES,
    hotspots,
)
from data.demo.records import DemoCase, PlantedCase
from gisgrid.cases.core.rules import NUMBERS_A_DAY, case_number

_USUAL_SEVERITY: Final = 0.92
_NUMBERS_PER_DAY: Final = 100
"""More than a community has cases on a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _DraftCase:
    """A case before it has its number, with what is special about it."""

    case: DemoCase
    kind: str | None = None
    detail: str = ""
    copy_of: int | None = None
    is_recent: bool = False


def cases_of(
    site: Site, *, homes: dict[str, int], grid_of: dict[str, str], chance: Chance, at: datetime
) -> tuple[list[DemoCase], list[PlantedCase]]:
    """All cases by time up to ``at``, numbered per day, and the list of those that are planted.

    ``homes``: households per building; ``grid_of``: cell key to grid code; ``chance``: the community's, with
    its number, so that numbers of cases differ between communities.
    """
    rng = chance.of("cases")
    chooser = PlaceChooser(site, homes, rng=rng)
    drafts = list(_planted(site, chooser, grid_of=grid_of, rng=rng))
    ordinary = CASES - DUPLICATE_CASES - len(drafts)
    drafts += [_DraftCase(case=_ordinary(site, chooser, rng=rng)) for _ in range(ordinary)]
    drafts += _duplicates(site, drafts, rng=rng)
    drafts = _brought_up(drafts, at=at, rng=chance.of("recent cases"))
    return _numbered(_with_work_everywhere(drafts, grid_of), chance.community)


def _brought_up(drafts: list[_DraftCase], *, at: datetime, rng: random.Random) -> list[_DraftCase]:
    """All as they stand ``at`` a moment: ordinary ones that nothing hangs on also fall into the last days."""
    originals = {draft.copy_of for draft in drafts}
    movable = {i for i, draft in enumerate(drafts) if draft.kind is None and i not in originals}
    hours = {code: habit.hours for code, habit in habits().items()}
    cases, recent = brought_up([draft.case for draft in drafts], movable=movable, hours=hours, at=at, rng=rng)
    return [
        replace(draft, case=case, is_recent=i in recent)
        for i, (draft, case) in enumerate(zip(drafts, cases, strict=True))
    ]


def _with_work_everywhere(drafts: list[_DraftCase], grid_of: dict[str, str]) -> list[_DraftCase]:
    """The last ordinary case of a grid that has none open is open too: every grid member finds something."""
    busy = {_grid(draft, grid_of) for draft in drafts if draft.case.closed_at is None}
    last: dict[str | None, int] = {}
    for place, draft in enumerate(drafts):
        grid, is_ordinary = _grid(draft, grid_of), draft.kind is None
        known = last.get(grid)
        if is_ordinary and (known is None or draft.case.reported_at > drafts[known].case.reported_at):
            last[grid] = place
    result = list(drafts)
    for grid in sorted(set(grid_of.values()) - busy):
        draft = drafts[last[grid]]
        case = replace(draft.case, state="reported", handled_at=None, closed_at=None)
        result[last[grid]] = replace(draft, case=case)
    return result


def _grid(draft: _DraftCase, grid_of: dict[str, str]) -> str | None:
    return grid_of.get(draft.case.cell or "")


def _planted(
    site: Site, chooser: PlaceChooser, *, grid_of: dict[str, str], rng: random.Random
) -> Iterator[_DraftCase]:
    for spot in hotspots():
        habit = habits()[spot.category]
        for _ in range(spot.cases):
            at = reported(rng, hours=habit.hours, season="flat", first=spot.first, last=spot.last)
            case = _case(site, habit, spot=hotspot_place(site, spot, rng=rng), rng=rng, at=at)
            yield _DraftCase(case=case, kind="hotspot", detail=spot.name)
    for place in border_places(site, grid_of, count=BORDER_CASES, rng=rng):
        yield _DraftCase(case=_case(site, _habit(rng, "street"), spot=place, rng=rng), kind="border")
    for place in beyond_places(site, count=OUTSIDE_CASES, rng=rng):
        yield _DraftCase(case=_case(site, _habit(rng, "street"), spot=place, rng=rng), kind="outside")
    for _ in range(WRONG_DATUM_CASES):
        true = chooser.inside()
        wrong = replace(true, point=as_gcj02(true.point))
        case = _case(site, _habit(rng, "building"), spot=wrong, rng=rng)
        yield _DraftCase(case=case, kind="wrong_datum", detail=f"{true.point.x:.8f} {true.point.y:.8f}")


def _habit(rng: random.Random, place: str | None = None) -> Habit:
    chosen = [habit for habit in habits().values() if place in (None, habit.place)]
    return rng.choices(chosen, [habit.weight for habit in chosen])[0]


def _ordinary(site: Site, chooser: PlaceChooser, *, rng: random.Random) -> DemoCase:
    habit = _habit(rng)
    spot = chooser.inside() if habit.place == "building" else chooser.outside()
    return _case(site, habit, spot=spot, rng=rng)


def _case(
    site: Site, habit: Habit, *, spot: DemoSpot, rng: random.Random, at: datetime | None = None
) -> DemoCase:
    at = at or reported(rng, hours=habit.hours, season=habit.season)
    usual = next(category.severity for category in categories() if category.code == habit.code)
    severity = usual if rng.random() < _USUAL_SEVERITY else rng.choice(("small", "big", "hard"))
    went = course(at, severity, rng=rng)
    return DemoCase(
        number="",
        category=habit.code,
        severity=severity,
        description=rng.choice(habit.texts),
        channel=rng.choices(channels(), [channel.share for channel in channels()])[0].channel,
        state=went.state,
        reported_at=went.reported_at,
        handled_at=went.handled_at,
        closed_at=went.closed_at,
        due_at=went.due_at,
        address=spot.address,
        building=spot.building,
        datum="WGS-84",
        geom=spot.point,
        cell=_cell(site, spot),
    )


def _cell(site: Site, spot: DemoSpot) -> str | None:
    """The building's cell where it covers the point, else the covering cell of lowest number."""
    if spot.building is not None:
        own = site.cell_of_building(spot.building)
        if own.geom.covers(spot.point):
            return own.key
    return site.cell_at(spot.point)


def _duplicates(site: Site, drafts: list[_DraftCase], *, rng: random.Random) -> list[_DraftCase]:
    """The same matter told again within hours by someone else, a few steps away."""
    open_ended = [i for i, draft in enumerate(drafts) if draft.kind is None]
    copies = []
    for i in rng.sample(open_ended, DUPLICATE_CASES):
        first = drafts[i].case
        at = min(first.reported_at + timedelta(minutes=rng.randint(5, 360)), now() - timedelta(minutes=5))
        x, y = site.metres(first.geom)
        point = site.point(x + rng.uniform(-4, 4), y + rng.uniform(-4, 4))
        spot = DemoSpot(point=point, address=first.address, building=first.building)
        habit = habits()[first.category]
        again = _case(site, habit, spot=spot, rng=rng, at=at)
        copies.append(_DraftCase(case=again, kind="duplicate", copy_of=i))
    return copies


def _numbered(drafts: list[_DraftCase], index: int) -> tuple[list[DemoCase], list[PlantedCase]]:
    """Cases in order of time with numbers of their local day; duplicates name the first one's number.

    Recent ones get theirs last: the others keep their numbers whenever the demo is opened.
    """
    order = sorted(range(len(drafts)), key=lambda i: (drafts[i].case.reported_at, i))
    per_day: Counter[date] = Counter()
    numbers: dict[int, str] = {}
    for i in sorted(order, key=lambda i: drafts[i].is_recent):
        day = drafts[i].case.reported_at.astimezone(zone()).date()
        per_day[day] += 1
        numbers[i] = case_number(day, _drawn(day, index)[per_day[day] - 1])
    cases = [_finished(drafts[i], i, numbers=numbers) for i in order]
    planted = [
        PlantedCase(number=numbers[i], kind=draft.kind, detail=_detail(draft, numbers))
        for i, draft in ((i, drafts[i]) for i in order)
        if draft.kind is not None
    ]
    return cases, planted


@cache
def _drawn(day: date, community: int) -> Sequence[int]:
    """The digits behind a day for the cases of a community, none of them those of another one."""
    rng = random.Random(f"numbers of {day}")
    digits: dict[int, None] = {}
    while len(digits) < (community + 1) * _NUMBERS_PER_DAY:
        digits[rng.randrange(NUMBERS_A_DAY)] = None
    return list(digits)[-_NUMBERS_PER_DAY:]


def _finished(draft: _DraftCase, i: int, *, numbers: dict[int, str]) -> DemoCase:
    original = None if draft.copy_of is None else numbers[draft.copy_of]
    return replace(draft.case, number=numbers[i], duplicate_of=original)


def _detail(draft: _DraftCase, numbers: dict[int, str]) -> str:
    return draft.detail if draft.copy_of is None else numbers[draft.copy_of]
