"""The demo accounts: names that other programs rely on, with role, worker and scope. No passwords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Any

from data.demo.ground.compounds import compound_plans
from data.demo.history.areas import compound_code
from data.demo.history.divisions import DemoDivision
from data.demo.personas.records import DemoAccount, DemoHousehold
from data.demo.personas.staff import Staff
from data.demo.tables import read_records


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRule:
    """Accounts of one kind, ``#`` in the name for their number: one for each worker of a post or each scope.

    They begin with the ``first`` of these, and there are ``most``, or as many as there are.
    """

    name: str
    role: str
    post: str | None = None
    first: int
    most: int | None = None
    scope: str | None = None
    organisation: str | None = None
    may_instruct: bool


def accounts_of(
    community: str, present: DemoDivision, *, staff: Staff, households: Sequence[DemoHousehold]
) -> list[DemoAccount]:
    """Accounts of one community, in the order of the table."""
    return [
        account
        for rule in read_records(AccountRule, "demo/personas/accounts")
        for account in _accounts(rule, staff, _scopes(rule, community, present, households=households))
    ]


def _accounts(rule: AccountRule, staff: Staff, scopes: Iterable[dict[str, Any]]) -> Iterator[DemoAccount]:
    workers = staff.posts[rule.post] if rule.post else repeat(None)
    last = None if rule.most is None else rule.first - 1 + rule.most
    pairs = enumerate(zip(workers, scopes, strict=False), start=1)
    for number, (worker, scope) in islice(pairs, rule.first - 1, last):
        yield DemoAccount(
            name=rule.name.replace("#", f"{number:02d}"),
            role=rule.role,
            worker=worker,
            may_instruct=rule.may_instruct,
            **{"areas": (), "organisation": rule.organisation} | scope,
        )


def _scopes(
    rule: AccountRule, community: str, present: DemoDivision, *, households: Sequence[DemoHousehold]
) -> Iterable[dict[str, Any]]:
    """What the accounts of a rule are for: nothing is named where the scope is that of the duty."""
    registered = [household.key for household in households if household.persons]
    managed = [plan for plan in compound_plans() if plan.property_company]
    scopes: dict[str | None, Iterable[dict[str, Any]]] = {
        None: repeat({}),
        "community": repeat({"areas": (community,)}),
        "subdistrict": repeat({"areas": (community[:9],)}),
        "first_grids": [{"areas": tuple(grid.code for grid in present.grids[:3])}],
        "grid": [{"areas": (grid.code,)} for grid in present.grids],
        "micro_grid": [{"areas": (part.code,)} for part in present.micro],
        "managed_compound": [
            {"areas": (compound_code(community, plan.key),), "organisation": plan.property_company}
            for plan in managed
        ],
        "household": [{"household": key} for key in registered[:: len(registered) // (rule.most or 1)]],
    }
    return scopes[rule.scope]
