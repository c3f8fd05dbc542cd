"""A case as maps, lists and its card show it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.cases.core.answers import NamedCase
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.precision import ShownPlace, place_fields
from gisgrid.cases.deadlines.status import CaseTime, Clocks
from gisgrid.cases.photos.service import PhotoRow
from gisgrid.days import local_text_or_none


class CasePoint(NamedCase, ShownPlace, CaseTime):
    """A case as a point of a map."""

    confidential: bool
    severity: str
    state: str
    source: str
    grid_name: str | None
    supervised: bool
    coordination: bool
    reported_at: str
    closed_at: str | None


class CaseEntry(CasePoint):
    """A case in the list, by itself."""

    grid: str | None
    handler: str | None
    route: str
    distance_m: int | None


class CaseRow(CaseEntry):
    """A case in the list, with what is asked for of all of them at once."""

    owner: Annotated[
        str | None, Field(description="who is answerable for it: its handler, its grid's member, a head")
    ]
    owner_kind: str | None
    repeated: bool


CaseLogLine = TypedDict(
    "CaseLogLine",
    {
        "at": str,
        "action": str,
        "from": str | None,
        "to": str | None,
        "who": str | None,
        "text": str | None,
        "details": dict[str, Any],
    },
)
"""A step of a case: when it was taken, by whom, and what came with it."""


class CoHandlerRow(TypedDict):
    """Somebody who is asked to help with a case."""

    worker: str
    name: str
    asked_at: str
    receipted_at: str | None
    signed_at: str | None


class CaseRating(TypedDict):
    """Stars that the person served gave: 1 to 5."""

    speed: int | None
    effect: int | None


class CaseProgress(TypedDict):
    """What the workflow knows of a case beside its state: how it goes, ended and was told and rated."""

    net: str | None
    line: str | None
    line_name: str | None
    claim_until: str | None
    resolution: str | None
    feedback: str | None
    feedback_at: str | None
    rating: CaseRating | None
    rated_at: str | None
    suspended_at: str | None
    suspended_seconds: int
    duplicate_of: str | None
    co_handlers: list[CoHandlerRow]


class CaseStepRow(TypedDict):
    """A step that can be taken with a case now."""

    action: str
    needs: Annotated[
        list[str],
        Field(
            description="what must come with it: a field of the request each; "
            "helper: a worker who helps with it"
        ),
    ]


class CaseCard(CaseRow, CaseProgress):
    """A case with its log and the steps that can be taken."""

    cases_there: int
    description: str | None
    result: str | None
    datum: str | None
    accuracy_m: float | None
    near_border_m: float | None
    on_border: bool | None
    reported_grid: str | None
    recorded_area: str | None
    contact: str | None
    receipt: str | None
    actions: Annotated[list[str], Field(description="the steps that the account may take now")]
    steps: Annotated[list[CaseStepRow], Field(description="the same steps, each with what it needs")]
    photos: list[PhotoRow]
    may_photograph: Annotated[
        bool, Field(description="whether the account may add photos of the handling now")
    ]
    log: list[CaseLogLine]


def point_of(view: View, row: Any, clocks: Clocks) -> CasePoint:
    """A case with the columns ``category_name`` and ``is_confidential`` beside it, as a map shows it."""
    case: Case = row.Case
    grid = view.division.grid_of(case.cell_id)
    return {
        "id": case.id,
        "number": case.number,
        "category": case.category_code,
        "category_name": row.category_name,
        "confidential": row.is_confidential,
        "severity": case.severity,
        "state": case.state,
        "source": case.source,
        "grid_name": grid.name if grid else None,
        **place_fields(view, case, cell=case.cell_id),
        "supervised": case.is_supervised,
        "coordination": case.needs_coordination,
        "reported_at": case.reported_at.astimezone(view.tz).isoformat(),
        "closed_at": local_text_or_none(case.closed_at, view.tz),
        **clocks.fields(case),
    }
