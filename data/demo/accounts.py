"""The demo accounts: names that other programs rely on, with role, worker and scope. No passwords."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from data.demo.areas import Part, compound_code
from data.demo.compound_plans import PLANS
from data.demo.history import Division
from data.demo.people_records import Account, Household
from data.demo.staff import HEAD, LEADER, MEMBER, RESIDENT_LEADER, STEWARD, SUPERVISOR, Staff

_ORGS: Final = ("示例邻里帮扶社", "示例文明劝导队", "示例绿色家园志愿队")
"""Social organisations that work in the whole community."""
_STEWARDS = 5
_RESIDENTS = 10


def accounts_of(
    community: str, present: Division, *, staff: Staff, households: Sequence[Household]
) -> list[Account]:
    """Accounts of one community, in the order of the roles."""
    heads = staff.posts[HEAD]
    return [
        Account(name="admin", role="admin", worker=None, areas=()),
        Account(name="head", role="head", worker=heads[0], areas=(community,)),
        Account(name="head2", role="head", worker=heads[1], areas=(community,)),
        *_supervisors(present.grids, staff),
        *_numbered("member", "member", workers=staff.posts[MEMBER], parts=present.grids),
        *_numbered("grid_leader", "grid_leader", workers=staff.posts[LEADER], parts=present.micro),
        *_stewards(staff),
        Account(
            name="leader",
            role="leader",
            worker=staff.posts[RESIDENT_LEADER][0],
            areas=(community[:9],),
            may_instruct=True,
        ),
        *_companies(community),
        *_organisations(),
        Account(name="evaluator", role="evaluator", worker=None, areas=()),
        *_residents(households),
    ]


def _supervisors(grids: Sequence[Part], staff: Staff) -> list[Account]:
    """``staff`` holds the first three grids, ``staff02`` and up one each."""
    three = tuple(grid.code for grid in grids[:3])
    first, *others = staff.posts[SUPERVISOR]
    return [
        Account(name="staff", role="staff", worker=first, areas=three),
        *(
            Account(name=f"staff{number:02d}", role="staff", worker=worker, areas=(grid.code,))
            for number, (worker, grid) in enumerate(zip(others, grids[1:], strict=True), start=2)
        ),
    ]


def _numbered(name: str, role: str, *, workers: Sequence[str], parts: Sequence[Part]) -> list[Account]:
    pairs = enumerate(zip(workers, parts, strict=True), start=1)
    return [
        Account(name=f"{name}{number:02d}", role=role, worker=worker, areas=(part.code,))
        for number, (worker, part) in pairs
    ]


def _stewards(staff: Staff) -> list[Account]:
    """The scope of a steward is the buildings of the duty, so no area is named."""
    workers = enumerate(staff.posts[STEWARD][:_STEWARDS], start=1)
    return [Account(name=f"steward{n:02d}", role="steward", worker=worker, areas=()) for n, worker in workers]


def _companies(community: str) -> list[Account]:
    """One account per compound that has a property company."""
    managed = [plan for plan in PLANS if plan.property_company]
    return [
        Account(
            name=f"property{number:02d}",
            role="property",
            worker=None,
            areas=(compound_code(community, plan.key),),
            organisation=plan.property_company,
        )
        for number, plan in enumerate(managed, start=1)
    ]


def _organisations() -> list[Account]:
    return [
        Account(name=f"org{number:02d}", role="org", worker=None, areas=(), organisation=name)
        for number, name in enumerate(_ORGS, start=1)
    ]


def _residents(households: Sequence[Household]) -> list[Account]:
    """Residents of registered households, spread over the community."""
    registered = [household for household in households if household.persons]
    chosen = registered[:: len(registered) // _RESIDENTS][:_RESIDENTS]
    return [
        Account(name=f"resident{n:02d}", role="resident", worker=None, areas=(), household=household.key)
        for n, household in enumerate(chosen, start=1)
    ]
