"""What a plan would change, as it is told."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from gisgrid.redraw.impact.receivers import ReceiverRow


class Withholding(TypedDict):
    """Which figures of a row are withheld, and the sign that stands in their place."""

    suppressed: NotRequired[list[str]]
    reason: NotRequired[str | None]


class SideCounts(Withholding):
    """What a grid holds on one side of a plan."""

    households: int
    residents: int | None
    elders: int | None
    open_cases: int
    elders_80: int | None
    facilities: int
    facility_types: dict[str, int]


class MemberLoad(TypedDict):
    """A primary member before and after a plan, over all grids held."""

    worker: str
    name: str | None
    grids_before: list[str]
    grids_after: list[str]
    households_before: int
    households_after: int
    load_before: float
    load_after: float


class ImpactGrid(TypedDict):
    """Counts of a grid; nothing where it is new or gone."""

    code: str
    name: str
    before: SideCounts | None
    load_before: float | None
    compactness_before: float | None
    after: SideCounts | None
    load_after: float | None
    compactness_after: float | None
    members: list[MemberLoad]


class MovedCounts(Withholding):
    """How much changes hands."""

    buildings: int
    households: int
    elders: int | None
    open_cases: int
    elders_80: int | None
    with_visitor: int | None
    facilities: int


_Hands = TypedDict("_Hands", {"from": str | None, "to": str | None})


class MoveRow(_Hands, MovedCounts):
    """What goes over by pair of grids; nothing for a grid stands for land outside all."""


class TransferRow(MovedCounts):
    """A grid that is given to another community, with what goes along."""

    grid: str
    name: str
    to: str
    to_name: str


class DutyChangeRow(TypedDict):
    """A duty that ends or begins."""

    area: str
    area_name: str
    worker: str
    name: str | None
    kind: str
    primary: bool
    change: str


CodeChange = TypedDict("CodeChange", {"from": str, "to": str, "name": str | None})
"""A code that is given anew."""


class HouseholdNorm(TypedDict):
    """How many households a grid and a member ought to have."""

    ok_from: int
    ok_to: int
    high_to: int
    per_member: int


class ImpactFacts(TypedDict):
    """What a plan changes: counts of grids and members before and after, and what changes hands.

    `receivers`: who gets the open cases of grids whose member can't open them; `codes`: codes given anew;
    `norm`: what grids are held against.
    """

    grids: list[ImpactGrid]
    members: list[MemberLoad]
    moves: list[MoveRow]
    duties: list[DutyChangeRow]
    receivers: list[ReceiverRow]
    codes: list[CodeChange]
    norm: HouseholdNorm


class ImpactView(ImpactFacts):
    """The same with what goes to another community with a grid."""

    transfers: list[TransferRow]
