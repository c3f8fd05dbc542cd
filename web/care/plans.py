"""The plan of care for a person: a page to read and print, and the same over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.care.plans import CarePlan, PlannedVisit, care_plan
from gisgrid.labels.tasks import SHIPPED_RULES
from web.answers import audited_view, json_answer
from web.blueprints import Api, Pages
from web.care.reasons import SentListReason, reason_of_form
from web.context import now
from web.frame import page_request, show
from web.i18n import current_language, label
from web.i18n import gettext as _
from web.problems import ProblemFault
from web.request_models import Identified, PlaceQuery

plan_pages = Pages("care_plans", __name__)
plans_api = Api("plans_of_care", __name__, part=ApiPart.PEOPLE)


@plans_api.get("/persons/<id>/care-plan", right=Action.PERSONS_EDIT, responses={"200": CarePlan})
def of_person(path: Identified, query: PlaceQuery) -> Response:
    """A person's needs with who serves them, visits by rule and visits done; heads see it after a reason."""
    return _answer(path, query, None)


@plans_api.post("/persons/<id>/care-plan", right=Action.PERSONS_EDIT, reads=True, responses={"200": CarePlan})
def of_person_opened(path: Identified, query: PlaceQuery, body: SentListReason) -> Response:
    """The same with a reason, which shows it to heads and is kept."""
    return _answer(path, query, body.reason)


def _answer(path: Identified, query: PlaceQuery, reason: str | None) -> Response:
    with audited_view(query.view_request) as view:
        plan = care_plan(view, path.id, reason=reason, now=now())
    return json_answer(plan)


@plan_pages.get("/persons/<resident_id>/plan", right=Action.PERSONS_EDIT)
def plan_page(resident_id: str) -> str:
    """The plan of a person in one's own grids; heads give a reason."""
    return _show(resident_id, None, [])


@plan_pages.post("/persons/<resident_id>/plan", right=Action.PERSONS_EDIT)
def plan_opened(resident_id: str) -> str | tuple[str, int]:
    """The same with a reason."""
    reason, faults = reason_of_form()
    return (_show(resident_id, None, faults), 422) if faults else _show(resident_id, reason, [])


def _show(resident_id: str, reason: str | None, faults: list[ProblemFault]) -> str:
    with audited_view(page_request()) as view:
        plan = care_plan(view, resident_id, reason=reason, now=now())
    return show(
        "care/plan.html",
        view,
        plan=plan,
        faults=faults,
        title_of=_title,
        often=_often,
        rule_word=_rule,
        query=request.query_string.decode("ascii", "ignore"),
    )


def _title(row: Any) -> str:
    titles: dict[str, str] = row["title"]
    return titles.get(current_language()) or next(iter(titles.values()), row["form"])


def _rule(code: str) -> str:
    return label(SHIPPED_RULES, code) if code in SHIPPED_RULES else code


def _often(visit: PlannedVisit) -> str:
    if visit["is_monthly"]:
        return _("每月一次")
    if visit["every_days"]:
        return _("每 {n} 天一次").format(n=visit["every_days"])
    if visit["every_months"]:
        return _("每 {n} 个月一次").format(n=visit["every_months"])
    return _("这一次")
