"""Elders as a list of work: who is to be visited next, by name for who may know them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.analysis.coverage import is_reached
from gisgrid.areas.view import View
from gisgrid.figures.elder_facts import ElderHome, elders_of
from gisgrid.figures.elder_visits import ElderState, ElderVisits, visits_on
from gisgrid.people.core.models import Resident
from gisgrid.people.edits.openings import is_shown_to
from gisgrid.people.queries import ANYWHERE, masked
from gisgrid.welfare.queries import VisitorRow, visits_of

WALK_M: Final = 500.0
"""How far an elder walks to a station that is said to be in reach."""
PAGE: Final = 50
LONGEST_UNSEEN: Final = 3650
_MOST: Final = 500
_FIELDS: Final = ("name", "age", "needs", "visitor")


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderFilter:
    """Which elders are listed: without a visitor, not met for so many days, in a state, of one grid."""

    without_visitor: bool = False
    unseen_days: int | None = None
    state: ElderState | None = None
    grid: str | None = None


class ElderWorkRow(TypedDict):
    """An elder in the list of work; days are ISO dates.

    Of whom refused visits nothing is told about visits. `age` and `living` are null to heads who gave no
    reason, names are masked then. `rule` is the rule by which visits are due, `station_m` the straight line
    to the nearest station.
    """

    person: str
    household: str
    name: str | None
    age: int | None
    living: str | None
    address: str
    grid: str | None
    state: ElderState
    rule: str | None
    met: str | None
    due: str | None
    overdue_days: int
    visitor_kind: str | None
    visitor: str | None
    reached: bool
    station_m: float | None


class ElderCounts(TypedDict):
    """How many elders there are within one's scope, whatever is listed: each is one count over the same."""

    elders: int
    overdue: int
    without_visitor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderList:
    """A page of the list: of how many that were wanted; ``is_shown``: with whole names."""

    rows: list[ElderWorkRow]
    total: int
    counts: ElderCounts
    is_shown: bool


def list_elders(
    view: View,
    wanted: ElderFilter,
    *,
    page: int | None = 1,
    reason: str | None = None,
    now: datetime,
) -> ElderList:
    """The elders in one's scope, the longest overdue first, then by address; without a page all of them.

    Heads see the community with masked names, with a reason all of it; others see their own grids. Leaves one
    audit entry.

    Raises
    ------
    NotAllowed
        The role lists nobody.
    """
    require(view.actor, Action.PERSONS_LIST)
    reason = (reason or "").strip() or None
    is_shown = is_shown_to(view, reason)
    own = visits_on(view, _in_scope(view), view.when.day)
    listed = [elder for elder in own if _is_wanted(view, elder, wanted)]
    listed.sort(key=lambda elder: -elder.overdue_days(view.when.day))
    shown = listed if page is None else listed[(page - 1) * PAGE : page * PAGE]
    rows = _describe(view, shown, is_shown=is_shown)
    record(
        view.session,
        view.actor,
        "persons:list",
        "resident",
        now=now,
        count=len(rows),
        fields=_FIELDS if is_shown else ("name", "visitor"),
        reason=reason,
    )
    return ElderList(rows=rows, total=len(listed), counts=_counts(own), is_shown=is_shown)


def _in_scope(view: View) -> Iterable[ElderHome]:
    elders = elders_of(view)
    if view.actor.role in ANYWHERE:
        return elders
    return (elder for elder in elders if elder.cell in view.own_cells)


def _is_wanted(view: View, elder: ElderVisits, wanted: ElderFilter) -> bool:
    if wanted.without_visitor and not elder.lacks_visitor:
        return False
    if wanted.unseen_days is not None and not elder.is_unseen(wanted.unseen_days, view.when.day):
        return False
    if wanted.state is not None and elder.state != wanted.state:
        return False
    return wanted.grid is None or _grid(view, elder.home)[0] == wanted.grid


def _counts(own: Sequence[ElderVisits]) -> ElderCounts:
    return ElderCounts(
        elders=len(own),
        overdue=sum(elder.state == ElderState.OVERDUE for elder in own),
        without_visitor=sum(elder.lacks_visitor for elder in own),
    )


def _grid(view: View, elder: ElderHome) -> tuple[str | None, str | None]:
    grid = view.division.grid_of(elder.cell)
    return (grid.code, grid.name) if grid else (None, None)


def _describe(view: View, elders: Sequence[ElderVisits], *, is_shown: bool) -> list[ElderWorkRow]:
    ids = [elder.home.id for elder in elders]
    names, visitors = names_of(view, ids), visits_of(view, ids)
    return [
        _row(view, elder, names.get(elder.home.id), visitors.get(elder.home.id), is_shown=is_shown)
        for elder in elders
    ]


def _row(
    view: View, elder: ElderVisits, name: str | None, visitor: VisitorRow | None, *, is_shown: bool
) -> ElderWorkRow:
    home = elder.home
    visitor = None if elder.state == ElderState.REFUSED else visitor
    return ElderWorkRow(
        person=home.id,
        household=home.household,
        name=name if is_shown else masked(name),
        age=home.age if is_shown else None,
        living=_living(home) if is_shown else None,
        address=home.address,
        grid=_grid(view, home)[1],
        state=elder.state,
        rule=elder.rule,
        met=elder.met.isoformat() if elder.met else None,
        due=elder.due.isoformat() if elder.due else None,
        overdue_days=elder.overdue_days(view.when.day),
        visitor_kind=visitor.kind if visitor else None,
        visitor=visitor.name if visitor else None,
        reached=bool(is_reached(home.station_m, WALK_M)),
        station_m=round(home.station_m, 0) if home.station_m < float("inf") else None,
    )


def _living(elder: ElderHome) -> str | None:
    return next((kind for kind in ("living_alone", "empty_nest") if kind in elder.needs), None)


def names_of(view: View, residents: Sequence[str]) -> dict[str, str | None]:
    """The names of residents by their ids, unsealed. Asks no right: for those who may know them."""
    names: dict[str, str | None] = {}
    for first in range(0, len(residents), _MOST):
        some = Resident.id.in_(residents[first : first + _MOST])
        names |= {
            row.id: row.name for row in view.session.execute(select(Resident.id, Resident.name).where(some))
        }
    return names
