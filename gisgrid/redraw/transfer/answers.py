"""The hand-over sheets of a plan, as they are told."""

from __future__ import annotations

from typing_extensions import TypedDict


class NamedVisitor(TypedDict):
    """Who visits an elder."""

    kind: str
    name: str | None


class VisitToAgree(TypedDict):
    """The visitor of an elder, and the name of the member it is to be agreed with."""

    visitor: NamedVisitor | None
    agree_with: str | None


class ElderRow(VisitToAgree):
    """An elder of a household that passes."""

    name: str | None
    age: int | None


class PassedTask(TypedDict):
    """Something to be done at a household: its form's title by language, until when, whether it is late."""

    title: dict[str, str]
    due: str
    is_late: bool


class PassedHome(TypedDict):
    """A household that passes; its elders as far as the actor may know them.

    `open_tasks` is how many wait there, nothing where that isn't the actor's to know; `tasks` which ones, in
    the actor's own grids.
    """

    id: str
    room: str
    address: str
    elders: int | None
    elders_80: int | None
    names: list[ElderRow]
    open_tasks: int | None
    tasks: list[PassedTask]


class PassedBuilding(TypedDict):
    """The households of a building that pass."""

    address: str
    households: list[PassedHome]


class PassedCase(TypedDict):
    """An open case that passes."""

    id: str
    number: str
    category: str
    address: str | None
    deadline: str | None


class PassedTotals(TypedDict):
    """How much passes; people are null where not all of them are the actor's to know."""

    buildings: int
    households: int
    elders: int | None
    elders_80: int | None
    with_visitor: int | None
    to_agree: int | None
    open_tasks: int | None
    open_cases: int


SheetPart = TypedDict(
    "SheetPart",
    {
        "with": str | None,
        "from": str | None,
        "from_name": str | None,
        "to": str | None,
        "to_name": str | None,
        "totals": PassedTotals,
        "buildings": list[PassedBuilding],
        "cases": list[PassedCase],
        "community": str | None,
    },
)
"""What passes between two grids, with whom, and to or from which other community."""


class SheetView(TypedDict):
    """What one member gives and takes."""

    worker: str | None
    member: str | None
    gives: list[SheetPart]
    takes: list[SheetPart]


class HandoverView(TypedDict):
    """The hand-over sheets of a plan."""

    plan: str
    name: str
    state: str
    revision: int | None
    sheets: list[SheetView]


SheetLine = TypedDict(
    "SheetLine",
    {
        "member": str | None,
        "direction": str,
        "with": str | None,
        "from": str | None,
        "to": str | None,
        "kind": str,
        "address": str | None,
        "elders": int | str | None,
        "elders_80": int | str | None,
        "names": list[str | None],
        "visitors": list[str | None],
        "agree_with": list[str],
        "tasks": list[str],
        "case": str,
    },
)
"""A household or an open case of a sheet as a line of a table."""
