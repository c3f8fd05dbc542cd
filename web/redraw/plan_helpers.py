"""What drawing a plan needs beside edits: people to give duties to, two plans compared, the norm."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.models import DutyKind
from gisgrid.access.tokens import ApiPart
from gisgrid.analysis.workload import NormPolicy
from gisgrid.areas.view import View
from gisgrid.redraw.ground.neighbours import RecipientRow, recipients
from gisgrid.redraw.impact.answers import HouseholdNorm
from gisgrid.redraw.impact.duties import DutyCandidate, workers
from gisgrid.redraw.impact.impact import norm_of
from gisgrid.redraw.views.comparison import ComparisonRows, compare
from gisgrid.redraw.views.forecast import ForetoldRow, foretold_cuts
from gisgrid.workforce.norms import Norms, norms_of, set_norms
from web.answer_models import UNCHANGED, Rows, Shapes
from web.answers import feature_collection, fresh_answer, json_answer, writing_view
from web.blueprints import Api
from web.context import now, services, view_of
from web.i18n import tell
from web.redraw.edits import SentEdit
from web.request_models import PlaceQuery

planning_api = Api("planning", __name__, part=ApiPart.PLANS)


class ComparedPlans(ComparisonRows):
    """Two plans beside each other."""

    areas: Annotated[list[Shapes], Field(description="Of both plans the grids that differ, by their `code`.")]
    plots: Annotated[Shapes, Field(description="Land that differs, with its grid in both plans (`a`, `b`).")]


class NormView(HouseholdNorm):
    """What grids are held against."""

    micro_from: int
    micro_to: int


class WorkersQuery(PlaceQuery):
    """People for a duty, or all."""

    kind: DutyKind | None = None


class PlanPairQuery(PlaceQuery):
    """Two plans."""

    a: str = Field(max_length=36)
    b: str = Field(max_length=36)


class SentForetelling(BaseModel):
    """An edit that isn't made yet, and the plan it would be added to (default: one on today's grids)."""

    edit: SentEdit
    plan: str | None = Field(default=None, max_length=36)


class SentNorm(BaseModel):
    """The norm of a community: households per grid and member, micro grids per divided grid."""

    ok_from: int = Field(ge=1, le=100_000)
    ok_to: int = Field(ge=1, le=100_000)
    high_to: int = Field(ge=1, le=100_000)
    per_member: int = Field(ge=1, le=100_000)
    micro_from: int = Field(default=2, ge=1, le=1000)
    micro_to: int = Field(default=8, ge=1, le=1000)


@planning_api.get("/workers", right=Action.REDRAW_EDIT, responses={"200": Rows[DutyCandidate]})
def list_workers(query: WorkersQuery) -> Response:
    """Who can be given a duty: those who serve in the community, with their areas, and who serves nowhere."""
    view = view_of(query.view_request)
    return json_answer({"rows": workers(view, query.kind)})


@planning_api.get("/plans/compare", right=Action.REDRAW_VIEW, responses={"200": ComparedPlans})
def compared(query: PlanPairQuery) -> Response:
    """Figures of every grid in both plans, and the cells that differ."""
    view = view_of(query.view_request)
    comparison = compare(view, query.a, query.b, caches=services().cache)
    answer: ComparedPlans = {
        **comparison.rows,
        "areas": [feature_collection(shapes) for shapes in comparison.areas],
        "plots": feature_collection(comparison.plots),
    }
    return json_answer(answer)


@planning_api.get("/plans/takers", right=Action.REDRAW_OUTLINE, responses={"200": Rows[RecipientRow]})
def show_recipients(query: PlaceQuery) -> Response:
    """Communities with a border to this one, which could take a grid in, with the grids along it."""
    return json_answer({"rows": recipients(view_of(query.view_request))})


@planning_api.post(
    "/plans/foretell", right=Action.REDRAW_EDIT, reads=True, responses={"200": Rows[ForetoldRow]}
)
def foretell(query: PlaceQuery, body: SentForetelling) -> Response:
    """The buildings an edit would cut, by grid, as rule G07 would say it afterwards; nothing is kept."""
    op: dict[str, Any] = body.edit.model_dump()
    rows = foretold_cuts(view_of(query.view_request), body.plan, op, caches=services().cache)
    return json_answer({"rows": [{**row, "message": tell(row["message"])} for row in rows]})


@planning_api.get("/norm", right=Action.AREAS_VIEW, responses={"200": NormView, **UNCHANGED})
def norm(query: PlaceQuery) -> Response:
    """What grids are held against."""
    view = view_of(query.view_request)
    return fresh_answer(view, Action.AREAS_VIEW, lambda: _norm(view))


@planning_api.post("/norm", right=Action.NORM_CHANGE, responses={"200": NormView})
def change_norm(query: PlaceQuery, body: SentNorm) -> Response:
    """Give the community a norm of its own."""
    policy = NormPolicy(
        ok_from=body.ok_from, ok_to=body.ok_to, high_to=body.high_to, per_member=body.per_member
    )
    norms = Norms(households=policy, micro_from=body.micro_from, micro_to=body.micro_to)
    with writing_view(query.view_request) as view:
        set_norms(view, norms, now=now())
    return json_answer(_flat(norms))


def _norm(view: View) -> NormView:
    return _flat(norms_of(view))


def _flat(norms: Norms) -> NormView:
    return {**norm_of(norms.households), "micro_from": norms.micro_from, "micro_to": norms.micro_to}
