"""The norm a community is held against: its own, else the national one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.analysis.workload import NormPolicy
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.workforce.models import Norm


@dataclass(frozen=True, slots=True, kw_only=True)
class Norms:
    """Households per grid and member, and how many micro grids a divided grid has at least and at most."""

    households: NormPolicy = field(default_factory=NormPolicy)
    micro_from: int = 2
    micro_to: int = 8

    def __post_init__(self) -> None:
        """Refuses bounds that don't rise."""
        if not 0 < self.micro_from <= self.micro_to:
            raise InvalidInput("the bounds of the norm have to rise from 1", field="norm")


def norms_of(view: View) -> Norms:
    """The norm of the community that is looked at."""
    return view.remembered("norms", make=lambda: _read(view))


def _read(view: View) -> Norms:
    row = view.session.get(Norm, view.community.id)
    if row is None:
        return Norms()
    policy = NormPolicy(ok_from=row.ok_from, ok_to=row.ok_to, high_to=row.high_to, per_member=row.per_member)
    return Norms(households=policy, micro_from=row.micro_from, micro_to=row.micro_to)


def set_norms(view: View, norms: Norms, *, now: datetime) -> None:
    """Give the community a norm of its own."""
    require(view.actor, Action.NORM_CHANGE)
    before, after = flat_norms(_read(view)), flat_norms(norms)
    row = view.session.get(Norm, view.community.id) or Norm(community_id=view.community.id)
    for name, value in asdict(norms.households).items():
        setattr(row, name, value)
    row.micro_from, row.micro_to = norms.micro_from, norms.micro_to
    view.session.add(row)
    view.session.flush()
    touch(view.session, [view.community.id])
    change = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    record(
        view.session,
        view.actor,
        "norm:change",
        "area",
        now=now,
        object_id=view.community.id,
        fields=tuple(change),
        change=change,
    )


def flat_norms(norms: Norms) -> dict[str, int]:
    """A norm as names and whole numbers."""
    return {**asdict(norms.households), "micro_from": norms.micro_from, "micro_to": norms.micro_to}
