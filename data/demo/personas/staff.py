"""Who serves the community: heads, cadres, members, police and leaders, each with dated duties."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from data.demo.ground.compound_plans import PLANS
from data.demo.history.areas import DivisionPart, compound_code
from data.demo.history.clock import moment
from data.demo.history.divisions import DemoDivision
from data.demo.personas.names import given_name, surname
from data.demo.personas.records import DemoDuty, DemoWorker
from data.demo.records import DemoBuilding

_CO_MEMBERS: Final = 5
_BUILDINGS_PER_STEWARD: Final = 8
_FORMER_MEMBERS: Final = 6
_FIRST_DUTY: Final = date(2019, 7, 1)
_HANDOVER: Final = date(2024, 1, 1)

_LOCAL_EDUCATION: Final = {"小学": 0.08, "初中": 0.6, "高中": 0.24, "大专": 0.08}
_CADRE_EDUCATION: Final = {"高中": 0.15, "大专": 0.5, "本科": 0.35}
_POLICE_EDUCATION: Final = {"大专": 0.4, "本科": 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Workers and duties; ``posts`` lists the workers' keys by what they were hired for, in area order."""

    workers: list[DemoWorker] = field(default_factory=list)
    duties: list[DemoDuty] = field(default_factory=list)
    posts: dict[str, list[str]] = field(default_factory=dict)

    def hire(self, post: str, education: dict[str, float], *, rng: random.Random) -> str:
        """Adds a worker, mostly of 40 to 55 years, and gives the key."""
        number = len(self.workers) + 1
        sex = rng.choice("mf")
        born = 2026 - (rng.randint(40, 55) if rng.random() < 0.82 else rng.randint(25, 59))
        worker = DemoWorker(
            key=f"W{number:03d}",
            name=surname(rng) + given_name(rng, sex=sex, birth_year=born),
            sex=sex,
            birth_year=born,
            education=rng.choices(list(education), list(education.values()))[0],
            post=post,
            phone=f"0527-8000{number:04d}",
            party_member=post in _PARTY_POSTS or rng.random() < 0.2,
        )
        self.workers.append(worker)
        self.posts.setdefault(post, []).append(worker.key)
        return worker.key

    def put(self, worker: str, kind: str, *, area: str, primary: bool, since: date = _FIRST_DUTY) -> None:
        """Gives a worker a duty in an area."""
        duty = DemoDuty(
            worker=worker, kind=kind, area=area, building=None, primary=primary, valid_from=moment(since)
        )
        self.duties.append(duty)


HEAD: Final = "社区负责人"
RESIDENT_LEADER: Final = "驻点领导"
SUPERVISOR: Final = "网管员"
MEMBER: Final = "网格员"
CO_MEMBER: Final = "协管网格员"
LEADER: Final = "网格长"
BRANCH_LEADER: Final = "支部网格长"
CADRE: Final = "党员干部"
POLICE: Final = "社区民警"
STEWARD: Final = "楼栋管家"

_PARTY_POSTS: Final = frozenset({HEAD, RESIDENT_LEADER, LEADER, BRANCH_LEADER, CADRE})


def staff_of(
    community: str, present: DemoDivision, *, buildings: Sequence[DemoBuilding], rng: random.Random
) -> Staff:
    """Everyone on duty in the present division, and the members who handed over to others in 2024."""
    staff = Staff()
    for _ in range(2):
        staff.hire(HEAD, _CADRE_EDUCATION, rng=rng)
    staff.hire(RESIDENT_LEADER, _CADRE_EDUCATION, rng=rng)
    _serve_grids(staff, present.grids, rng=rng)
    for micro in present.micro:
        worker = staff.hire(LEADER, _LOCAL_EDUCATION, rng=rng)
        staff.put(worker, "grid_leader", area=micro.code, primary=True)
    for plan in PLANS:
        _serve_compound(staff, compound_code(community, plan.key), rng=rng)
        _steward_buildings(staff, [b for b in buildings if b.compound == plan.key], rng=rng)
    return staff


def _serve_grids(staff: Staff, grids: Sequence[DivisionPart], *, rng: random.Random) -> None:
    """One supervisor and one primary member each; the first supervisor stands in for two grids more."""
    for grid in grids:
        worker = staff.hire(SUPERVISOR, _CADRE_EDUCATION, rng=rng)
        staff.put(worker, "grid_supervisor", area=grid.code, primary=True)
    for grid in grids[1:3]:
        staff.put(staff.posts[SUPERVISOR][0], "grid_supervisor", area=grid.code, primary=False)
    for number, grid in enumerate(grids):
        has_changed = number % 3 == 2 and number < 3 * _FORMER_MEMBERS
        worker = staff.hire(MEMBER, _LOCAL_EDUCATION, rng=rng)
        since = _HANDOVER if has_changed else _FIRST_DUTY
        staff.put(worker, "grid_member", area=grid.code, primary=True, since=since)
        if has_changed:
            _add_former(staff, grid.code, rng=rng)
    for grid in grids[:: len(grids) // _CO_MEMBERS][:_CO_MEMBERS]:
        worker = staff.hire(CO_MEMBER, _LOCAL_EDUCATION, rng=rng)
        staff.put(worker, "grid_member", area=grid.code, primary=False, since=_HANDOVER)


def _add_former(staff: Staff, grid: str, *, rng: random.Random) -> None:
    """The member before: the duty ended on the day the present one began."""
    worker = staff.hire("前任网格员", _LOCAL_EDUCATION, rng=rng)
    staff.duties.append(
        DemoDuty(
            worker=worker,
            kind="grid_member",
            area=grid,
            building=None,
            primary=True,
            valid_from=moment(_FIRST_DUTY),
            valid_to=moment(_HANDOVER),
        )
    )


def _serve_compound(staff: Staff, area: str, *, rng: random.Random) -> None:
    """Police, a party cadre, and the two leaders of the branch."""
    staff.put(staff.hire(POLICE, _POLICE_EDUCATION, rng=rng), "community_police", area=area, primary=True)
    staff.put(staff.hire(CADRE, _CADRE_EDUCATION, rng=rng), "party_cadre", area=area, primary=True)
    for number in range(2):
        worker = staff.hire(BRANCH_LEADER, _LOCAL_EDUCATION, rng=rng)
        staff.put(worker, "grid_leader", area=area, primary=number == 0)


def _steward_buildings(staff: Staff, buildings: Sequence[DemoBuilding], *, rng: random.Random) -> None:
    for start in range(0, len(buildings), _BUILDINGS_PER_STEWARD):
        worker = staff.hire(STEWARD, _LOCAL_EDUCATION, rng=rng)
        for building in buildings[start : start + _BUILDINGS_PER_STEWARD]:
            duty = DemoDuty(
                worker=worker,
                kind="building_steward",
                area=None,
                building=building.key,
                primary=True,
                valid_from=moment(_HANDOVER),
            )
            staff.duties.append(duty)
