"""Who serves the community: heads, cadres, members, police and leaders, each with dated duties."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final

from data.demo.ground.compounds import compound_plans
from data.demo.history.areas import DivisionPart, compound_code
from data.demo.history.clock import moment
from data.demo.history.divisions import DemoDivision
from data.demo.personas.names import given_name, surname
from data.demo.personas.records import DemoDuty, DemoWorker
from data.demo.personas.shares import share_of
from data.demo.records import DemoBuilding
from data.demo.tables import read_records

_CO_MEMBERS: Final = 5
_BUILDINGS_PER_STEWARD: Final = 8
_FORMER_MEMBERS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What somebody is hired for: title on the door, schooling, and the duty it brings from a day on."""

    key: str
    title: str
    education: str
    in_party: bool
    duty: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Education:
    """How many of some people have which schooling."""

    of: str
    shares: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Workers and duties; ``posts`` lists the workers' keys by the key of their post, in area order."""

    workers: list[DemoWorker] = field(default_factory=list)
    duties: list[DemoDuty] = field(default_factory=list)
    posts: dict[str, list[str]] = field(default_factory=dict)

    def hire(self, key: str, *, rng: random.Random) -> str:
        """Adds a worker, mostly of 40 to 55 years, and gives the key."""
        post = _posts()[key]
        number = len(self.workers) + 1
        sex = rng.choice("mf")
        is_middle_aged = rng.random() < share_of("middle_aged")
        born = 2026 - (rng.randint(40, 55) if is_middle_aged else rng.randint(25, 59))
        schooling = _schooling()[post.education]
        worker = DemoWorker(
            key=f"W{number:03d}",
            name=surname(rng) + given_name(rng, sex=sex, birth_year=born),
            sex=sex,
            birth_year=born,
            education=rng.choices(list(schooling), list(schooling.values()))[0],
            post=post.title,
            phone=f"0527-8000{number:04d}",
            party_member=post.in_party or rng.random() < share_of("party"),
        )
        self.workers.append(worker)
        self.posts.setdefault(key, []).append(worker.key)
        return worker.key

    def serve(
        self,
        key: str,
        worker: str,
        *,
        area: str | None = None,
        building: str | None = None,
        primary: bool = True,
        since: date | None = None,
    ) -> None:
        """Gives a worker the duty of a post in an area or a building, from its day on or another one."""
        post = _posts()[key]
        first = since or post.since
        if first is None:
            raise ValueError(f"{key} has no duty")
        duty = DemoDuty(
            worker=worker,
            kind=post.duty,
            area=area,
            building=building,
            primary=primary,
            valid_from=moment(first),
            valid_to=moment(post.until) if post.until else None,
        )
        self.duties.append(duty)


@cache
def _posts() -> dict[str, Post]:
    return {post.key: post for post in read_records(Post, "demo/personas/posts")}


@cache
def _schooling() -> dict[str, dict[str, float]]:
    return {
        education.of: education.shares for education in read_records(Education, "demo/personas/education")
    }


def staff_of(
    community: str, present: DemoDivision, *, buildings: Sequence[DemoBuilding], rng: random.Random
) -> Staff:
    """Everyone on duty in the present division, and the members who handed over to others in 2024."""
    staff = Staff()
    for post in ("head", "head", "resident_leader"):
        staff.hire(post, rng=rng)
    _serve_grids(staff, present.grids, rng=rng)
    for micro in present.micro:
        staff.serve("micro_grid_leader", staff.hire("micro_grid_leader", rng=rng), area=micro.code)
    for plan in compound_plans():
        _serve_compound(staff, compound_code(community, plan.key), rng=rng)
        _steward_buildings(staff, [b for b in buildings if b.compound == plan.key], rng=rng)
    return staff


def _serve_grids(staff: Staff, grids: Sequence[DivisionPart], *, rng: random.Random) -> None:
    """One supervisor and one primary member each; the first supervisor stands in for two grids more."""
    for grid in grids:
        staff.serve("supervisor", staff.hire("supervisor", rng=rng), area=grid.code)
    for grid in grids[1:3]:
        staff.serve("supervisor", staff.posts["supervisor"][0], area=grid.code, primary=False)
    for number, grid in enumerate(grids):
        has_changed = number % 3 == 2 and number < 3 * _FORMER_MEMBERS
        since = _posts()["former_member"].until if has_changed else None
        staff.serve("member", staff.hire("member", rng=rng), area=grid.code, since=since)
        if has_changed:
            staff.serve("former_member", staff.hire("former_member", rng=rng), area=grid.code)
    for grid in grids[:: len(grids) // _CO_MEMBERS][:_CO_MEMBERS]:
        staff.serve("co_member", staff.hire("co_member", rng=rng), area=grid.code, primary=False)


def _serve_compound(staff: Staff, area: str, *, rng: random.Random) -> None:
    """Police, a party cadre, and the two leaders of the branch."""
    for post in ("police", "cadre"):
        staff.serve(post, staff.hire(post, rng=rng), area=area)
    for is_first in (True, False):
        staff.serve("branch_leader", staff.hire("branch_leader", rng=rng), area=area, primary=is_first)


def _steward_buildings(staff: Staff, buildings: Sequence[DemoBuilding], *, rng: random.Random) -> None:
    for start in range(0, len(buildings), _BUILDINGS_PER_STEWARD):
        worker = staff.hire("steward", rng=rng)
        for building in buildings[start : start + _BUILDINGS_PER_STEWARD]:
            staff.serve("steward", worker, building=building.key)
