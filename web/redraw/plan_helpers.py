"""What drawing a plan needs beside edits: people to give duties to, two plans compared, the norm."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.models import DutyKind
from gisgrid.access.tokens import ApiPart
from gisgrid.analysis.workload import NormPolicy
from gisgrid.areas.view import Look
from gisgrid.redraw.ground.neighbours import takers
from gisgrid.redraw.impact.duties import workers
from gisgrid.redraw.views.comparison import compare
from gisgrid.redraw.views.forecast import foretold_cuts
from gisgrid.workforce.norms import Norms, norms_of, set_norms
from web.answer_models import UNCHANGED, ComparedPlans, ForetoldRows, NormView, TakerRows, WorkerRows
from web.answers import feature_collection, fresh_answer, json_answer, writing_look
from web.blueprints import Api
from web.context import look_at, now, services
from web.i18n import tell
from web.redraw.edits import SentEdit
from web.request_models import AskedPlace

planning_api = Api("planning", __name__, part=ApiPart.PLANS)


class AskedWorkers(AskedPlace):
    """People for a duty, or all."""

    kind: DutyKind | None = None


class AskedPair(AskedPlace):
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


@planning_api.get("/workers", right=Action.REDRAW_EDIT, responses={"200": WorkerRows})
def list_workers(query: AskedWorkers) -> Response:
    """Who can be given a duty: those who serve in the community, with their areas, and who serves nowhere."""
    look = look_at(query.asked)
    return json_answer({"rows": workers(look, query.kind)})


@planning_api.get("/plans/compare", right=Action.REDRAW_VIEW, responses={"200": ComparedPlans})
def compared(query: AskedPair) -> Response:
    """Figures of every grid in both plans, and the cells that differ."""
    look = look_at(query.asked)
    found = compare(look, query.a, query.b, caches=services().cache)
    areas = [feature_collection(rows) for rows in found["areas"]]
    return json_answer(found | {"areas": areas, "plots": feature_collection(found["plots"])})


@planning_api.get("/plans/takers", right=Action.REDRAW_OUTLINE, responses={"200": TakerRows})
def show_takers(query: AskedPlace) -> Response:
    """Communities with a border to this one, which could take a grid in, with the grids along it."""
    return json_answer({"rows": takers(look_at(query.asked))})


@planning_api.post("/plans/foretell", right=Action.REDRAW_EDIT, reads=True, responses={"200": ForetoldRows})
def foretell(query: AskedPlace, body: SentForetelling) -> Response:
    """The buildings an edit would cut, by grid, as rule G07 would say it afterwards; nothing is kept."""
    op: dict[str, Any] = body.edit.model_dump()
    rows = foretold_cuts(look_at(query.asked), body.plan, op, caches=services().cache)
    return json_answer({"rows": [{**row, "message": tell(row["message"])} for row in rows]})


@planning_api.get("/norm", right=Action.AREAS_VIEW, responses={"200": NormView, **UNCHANGED})
def norm(query: AskedPlace) -> Response:
    """What grids are held against."""
    look = look_at(query.asked)
    return fresh_answer(look, Action.AREAS_VIEW, lambda: _norm(look))


@planning_api.post("/norm", right=Action.NORM_CHANGE, responses={"200": NormView})
def change_norm(query: AskedPlace, body: SentNorm) -> Response:
    """Give the community a norm of its own."""
    policy = NormPolicy(
        ok_from=body.ok_from, ok_to=body.ok_to, high_to=body.high_to, per_member=body.per_member
    )
    norms = Norms(households=policy, micro_from=body.micro_from, micro_to=body.micro_to)
    with writing_look(query.asked) as look:
        set_norms(look, norms, now=now())
    return json_answer(_flat(norms))


def _norm(look: Look) -> dict[str, Any]:
    return _flat(norms_of(look))


def _flat(norms: Norms) -> dict[str, Any]:
    return asdict(norms.households) | {"micro_from": norms.micro_from, "micro_to": norms.micro_to}
