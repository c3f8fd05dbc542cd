"""What the routes of plans and revisions answer, as models for the interface's description.

Answers may say more than is described here; what is described is there.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

Responses = dict[str | int, type[BaseModel] | dict[Any, Any] | None]

UNCHANGED: Final[Responses] = {"304": {"description": "What the asker has is still right"}}


def file_response(media_type: str, description: str) -> Responses:
    """A file to be kept, under its media type."""
    schema = {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}
    return {"200": {"description": description, "content": {media_type: {"schema": schema}}}}


TABLE: Final = file_response(
    "text/csv",
    "UTF-8 with a byte order mark. Asked for with a token, heads are the names of the JSON fields (an "
    "inner one joined to its outer one by `_`) and words are codes, in any language; with a cookie, both are "
    "in the reader's language.",
)
"""A table as CSV."""


class ShapeFeature(BaseModel):
    """A GeoJSON feature in EPSG:4326; one that is gone has no geometry."""

    type: Literal["Feature"]
    id: str | None
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class Shapes(BaseModel):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[ShapeFeature]


GEOJSON: Final[Responses] = {
    "200": {
        "description": "GeoJSON",
        "content": {"application/geo+json": {"schema": {"$ref": "#/components/schemas/Shapes"}}},
    }
}
"""Where `Shapes` is described by another route."""


class PlanRow(BaseModel):
    """A plan in the list."""

    id: str
    name: str
    state: str
    revision: int
    drafter: str | None
    created_at: str
    edits: int
    effective_at: str | None
    may: list[str]


class PlanRows(BaseModel):
    """Plans, the newest first."""

    rows: list[PlanRow]


class MadePlan(BaseModel):
    """A plan that has just been opened, on which revision."""

    id: str
    revision: int
    name: str
    state: str


class ReopenedGrid(BaseModel):
    """A grid that was closed: its code of then, its name, and the code it comes back under."""

    code: str
    name: str
    now: str


class RestoredPlan(MadePlan):
    """A plan that lays a revision over today's cells."""

    restores: int
    reopened: list[ReopenedGrid]


class EditRow(BaseModel):
    """A step of a plan, without its geometry."""

    position: int
    op: str
    at: str
    by: str | None
    summary: dict[str, Any]


class NoteRow(BaseModel):
    """What was said or decided about a plan."""

    kind: str
    at: str
    by: str | None
    text: str
    accepted: list[dict[str, Any]]


class PlanView(BaseModel):
    """A plan with its steps, notes, locked grids, and what the reader may do with it."""

    id: str
    name: str
    state: str
    revision: int
    published_revision: int | None
    drafter: str | None
    created_at: str
    is_current: bool
    edits: list[EditRow]
    can_undo: bool
    can_redo: bool
    locks: list[str]
    names: dict[str, str] = Field(description="What grids and micro grids are called, by their code.")
    notes: list[NoteRow]
    may: list[str]


class GoneThing(BaseModel):
    """Something that has been put away."""

    id: str


class FindingRow(BaseModel):
    """Something out of order: `block`, `warn` or `hint`; `touched`: the plan itself changes that grid."""

    rule: str
    level: Literal["block", "warn", "hint"]
    grid: str | None
    touched: bool
    message: str


class FindingRows(BaseModel):
    """Findings, the blocking ones first."""

    rows: list[FindingRow]


class ImpactGrid(BaseModel):
    """Counts of a grid; nothing where it is new or gone."""

    code: str
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ImpactView(BaseModel):
    """What a plan changes, and what changes hands."""

    grids: list[ImpactGrid]
    members: list[dict[str, Any]]
    moves: list[dict[str, Any]]
    transfers: list[dict[str, Any]]
    duties: list[dict[str, Any]]
    receivers: list[dict[str, Any]]
    codes: list[dict[str, Any]]
    norm: dict[str, Any]


class CellChange(BaseModel):
    """A cell an edit has changed; `gone` where it is no more, `geometry` where it has another shape."""

    id: str
    grid: str | None
    micro_grid: str | None
    households: int | None = None
    geometry: dict[str, Any] | None = None
    gone: bool = False


class EditedPlan(BaseModel):
    """What an edit, an undo or a redo changes."""

    plan: PlanView
    areas: Shapes
    cells: list[CellChange]
    findings: FindingRows
    impact: ImpactView


class PlanChanges(BaseModel):
    """`areas`: touched grids without the plan (`code`); `plots`: what gets another grid (`from`, `to`)."""

    areas: Shapes
    plots: Shapes


class PublishedPlan(BaseModel):
    """The revision a plan has become."""

    revision: int
    effective_at: str
    memberships: int


class ComparedPlans(BaseModel):
    """Two plans beside each other."""

    plans: list[dict[str, Any]]
    grids: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    areas: list[Shapes] = Field(description="Of both plans the grids that differ, by their `code`.")
    plots: Shapes = Field(description="Land that differs, with its grid in both plans (`a`, `b`).")


class DutyCandidate(BaseModel):
    """Somebody a duty can be given to."""

    id: str
    name: str
    kinds: list[str]
    areas: list[str]
    primary: list[str]


class WorkerRows(BaseModel):
    """People for a duty."""

    rows: list[DutyCandidate]


class TakerRow(BaseModel):
    """A community beside this one, with the grids along the border to it."""

    code: str
    name: str
    grids: list[str]


class TakerRows(BaseModel):
    """Communities that could take a grid in."""

    rows: list[TakerRow]


class ForetoldRow(BaseModel):
    """The buildings an edit would cut in a grid."""

    rule: str
    grid: str
    name: str
    message: str
    addresses: list[str | None]
    lon: float
    lat: float


class ForetoldRows(BaseModel):
    """What an edit would cut, by grid."""

    rows: list[ForetoldRow]


class NormView(BaseModel):
    """What grids are held against."""

    ok_from: int
    ok_to: int
    high_to: int
    per_member: int
    micro_from: int
    micro_to: int


class AskedProposal(BaseModel):
    """A proposal that is being worked out, and what can be said before."""

    job: str
    grids: int | None
    notes: list[str]


class ProposalView(AskedProposal):
    """How far a proposal is; `result` when it is done."""

    kind: str
    state: str
    progress: float = Field(description="0 to 1")
    options: dict[str, Any]
    is_stale: bool
    message: str | None
    result: dict[str, Any] | None


class GoneProposal(BaseModel):
    """A proposal that has been put away."""

    job: str
    state: str


class SheetView(BaseModel):
    """What one member gives and takes."""

    worker: str | None
    member: str | None
    gives: list[dict[str, Any]]
    takes: list[dict[str, Any]]


class HandoverView(BaseModel):
    """The hand-over sheets of a plan."""

    plan: str
    name: str
    state: str
    revision: int | None
    sheets: list[SheetView]


class RevisionRow(BaseModel):
    """A division there has been, or one that waits for its day."""

    id: str
    revision: int
    published_at: str
    effective_at: str
    backdated: bool
    scheduled: bool
    reason: str
    by: str | None
    changes: dict[str, Any]


class WithdrawnRow(BaseModel):
    """A scheduled revision that was withdrawn before its day; its number is not given again."""

    revision: int
    published_at: str
    effective_at: str
    reason: str
    by: str | None
    withdrawn_at: str
    withdrawn_by: str | None
    withdrawn_reason: str


class RevisionRows(BaseModel):
    """The divisions there have been, and what was withdrawn, each with the newest first."""

    rows: list[RevisionRow]
    withdrawn: list[WithdrawnRow]


class VisitRow(BaseModel):
    """Who visits or visited a resident, by days; `agree_with`: with whom that is to be agreed anew."""

    kind: str
    name: str | None
    worker: str | None
    since: str
    until: str | None
    agree_with: str | None


class VisitorChoice(BaseModel):
    """Somebody on duty; `near`: in the grid the resident lives in."""

    id: str
    name: str
    near: bool


class VisitorView(BaseModel):
    """A resident's visitor, the former ones, and who could be chosen."""

    resident: str
    visitor: VisitRow | None
    former: list[VisitRow]
    choices: list[VisitorChoice]
