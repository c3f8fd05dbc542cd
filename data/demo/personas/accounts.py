"""The demo accounts: names that other programs rely on, with role, worker and scope. No passwords."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from data.demo.ground.compound_plans import PLANS
from data.demo.history.areas import DivisionPart, compound_code
from data.demo.history.divisions import DemoDivision
from data.demo.personas.records import DemoAccount, DemoHousehold
from data.demo.personas.staff import HEAD, LEADER, MEMBER, RESIDENT_LEADER, STEWARD, SUPERVISOR, Staff

_ORGS: Final = ("示例邻里帮扶社", "示例文明劝导队", "示例绿色家园志愿队")
"""Social organisations that work in the whole community."""
_STEWARDS = 5
_RESIDENTS = 10


def accounts_of(
    community: str, present: DemoDivision, *, staff: Staff, households: Sequence[DemoHousehold]
) -> list[DemoAccount]:
    """Accounts of one community, in the order of the roles."""
    heads = staff.posts[HEAD]
    return [
        DemoAccount(name="admin", role="admin", worker=None, areas=()),
        DemoAccount(name="head", role="head", worker=heads[0], areas=(community,)),
        DemoAccount(name="head2", role="head", worker=heads[1], areas=(community,)),
        *_supervisors(present.grids, staff),
        *_numbered("member", "member", workers=staff.posts[MEMBER], parts=present.grids),
        *_numbered("grid_leader", "grid_leader", workers=staff.posts[LEADER], parts=present.micro),
        *_stewards(staff),
        DemoAccount(
            name="leader",
            role="leader",
            worker=staff.posts[RESIDENT_LEADER][0],
            areas=(community[:9],),
            may_instruct=True,
        ),
        *_companies(community),
        *_organisations(),
        DemoAccount(name="evaluator", role="evaluator", worker=None, areas=()),
        *_residents(households),
    ]


def _supervisors(grids: Sequence[DivisionPart], staff: Staff) -> list[DemoAccount]:
    """``staff`` holds the first three grids, ``staff02`` and up one each."""
    three = tuple(grid.code for grid in grids[:3])
    first, *others = staff.posts[SUPERVISOR]
    return [
        DemoAccount(name="staff", role="staff", worker=first, areas=three),
        *(
            DemoAccount(name=f"staff{number:02d}", role="staff", worker=worker, areas=(grid.code,))
            for number, (worker, grid) in enumerate(zip(others, grids[1:], strict=True), start=2)
        ),
    ]


def _numbered(
    name: str, role: str, *, workers: Sequence[str], parts: Sequence[DivisionPart]
) -> list[DemoAccount]:
    pairs = enumerate(zip(workers, parts, strict=True), start=1)
    return [
        DemoAccount(name=f"{name}{number:02d}", role=role, worker=worker, areas=(part.code,))
        for number, (worker, part) in pairs
    ]


def _stewards(staff: Staff) -> list[DemoAccount]:
    """The scope of a steward is the buildings of the duty, so no area is named."""
    workers = enumerate(staff.posts[STEWARD][:_STEWARDS], start=1)
    return [
        DemoAccount(name=f"steward{n:02d}", role="steward", worker=worker, areas=()) for n, worker in workers
    ]


def _companies(community: str) -> list[DemoAccount]:
    """One account per compound that has a property company."""
    managed = [plan for plan in PLANS if plan.property_company]
    return [
        DemoAccount(
            name=f"property{number:02d}",
            role="property",
            worker=None,
            areas=(compound_code(community, plan.key),),
            organisation=plan.property_company,
        )
        for number, plan in enumerate(managed, start=1)
    ]


def _organisations() -> list[DemoAccount]:
    return [
        DemoAccount(name=f"org{number:02d}", role="org", worker=None, areas=(), organisation=name)
        for number, name in enumerate(_ORGS, start=1)
    ]


def _residents(households: Sequence[DemoHousehold]) -> list[DemoAccount]:
    """Residents of registered households, spread over the community."""
    registered = [household for household in households if household.persons]
    chosen = registered[:: len(registered) // _RESIDENTS][:_RESIDENTS]
    return [
        DemoAccount(name=f"resident{n:02d}", role="resident", worker=None, areas=(), household=household.key)
        for n, household in enumerate(chosen, start=1)
    ]
