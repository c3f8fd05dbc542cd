"""A dispute as lists and its card show it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.areas.answers import GridPlace
from gisgrid.cases.core.answers import NamedCase


class NumberedCase(TypedDict):
    """A case by its id and number."""

    id: str
    number: str


class MergeTarget(NumberedCase):
    """A dispute into which a clue can be merged."""

    address: str | None
    category_name: str


class DisputeRow(NamedCase, GridPlace):
    """A dispute in the list: no texts."""

    stage: str
    grade: str | None
    grade_name: str | None
    address: str | None
    mediator: str | None
    reported_at: str
    follow_up_on: str | None
    late: Annotated[bool, Field(description="its follow-up is overdue")]
    repeated: bool
    merged: Annotated[int, Field(description="how many clues were merged into it")]


DisputeLogLine = TypedDict(
    "DisputeLogLine",
    {
        "at": str,
        "step": str,
        "from": str | None,
        "to": str | None,
        "who": str | None,
        "text": str | None,
        "place": str | None,
        "people": str | None,
        "met_at": str | None,
        "mediator": str | None,
        "grade": str | None,
        "outcome": str | None,
        "channel": str | None,
        "holds": bool | None,
    },
)
"""A step of a dispute with what came with it."""


class MergedClue(NumberedCase):
    """What was merged into a dispute, with its own log."""

    address: str | None
    description: str
    reported_at: str
    parties: str | None
    log: list[DisputeLogLine]


class DisputeCard(DisputeRow):
    """A dispute with what is sealed, its log, the clues merged into it, and the steps that can be taken."""

    description: str
    case_state: str
    parties: str | None
    agreement: str | None
    outcome: str | None
    settled_on: str | None
    planned: list[str]
    follow_ups: int
    sessions: int
    holds: bool | None
    merged_into: NumberedCase | None
    clues: list[MergedClue]
    log: list[DisputeLogLine]
    steps: list[str]
