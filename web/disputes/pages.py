"""Disputes: the list by stage, the card with its steps, clues from the phone, figures."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Final

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.core.case_state import GIVEN_CHANNELS
from gisgrid.cases.disputes.grades import grades_of
from gisgrid.cases.disputes.pipeline import FAILURES, DisputeStep
from gisgrid.cases.disputes.scope import is_dispute_in_sight
from gisgrid.cases.mediation.clues import Clue, clue_buildings, dispute_categories, report_clue
from gisgrid.cases.mediation.figures import conflict_density, conflict_trend
from gisgrid.cases.mediation.queries import (
    PAGE,
    count_stages,
    dispute_card,
    list_disputes,
    mediators_for,
    mergeable,
    repeated_conflicts,
)
from gisgrid.cases.mediation.service import DisputeStepInput, take_dispute
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound
from gisgrid.labels.table import N_
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import close_reading, now, services
from web.disputes.api import dispute_view_request
from web.frame import page_request, show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number
from web.problems import ProblemFault, placed

disputes = Pages("disputes", __name__)
_CLUE: Final = ("category", "building", "text", "people")
_CHOICES: Final = ("grade", "into", "mediator", "outcome", "channel")
_TEXTS: Final = ("text", "place", "people", "met_at", "holds", *_CHOICES)
_MOST: Final = 4000


@disputes.get(
    "/disputes",
    right=Action.DISPUTES_HANDLE,
    entries=(Entry(Group.CASES, 4, "disputes", N_("纠纷")),),
)
def listing() -> str:
    """Disputes in sight, of one stage or all that are not closed."""
    stage, page = request.args.get("stage") or None, page_number()
    with audited_view(page_request()) as view:
        try:
            rows, total = list_disputes(view, stage=stage, page=page, now=now())
        except InvalidInput:
            raise NotFound("no such dispute") from None
        stages, repeated = count_stages(view), repeated_conflicts(view, now=now())
    pager = Pager(page=page, total=total, size=PAGE)
    return show(
        "disputes/list.html",
        view,
        rows=rows,
        pager=pager,
        stage=stage,
        stages=stages,
        repeated=repeated,
    )


@disputes.get("/disputes/figures", right=Action.DISPUTES_HANDLE)
def figures() -> str:
    """Density by building and trend by grid."""
    with audited_view(page_request()) as view:
        density, trend = conflict_density(view, now=now()), conflict_trend(view, now=now())
    return show("disputes/figures.html", view, density=density, trend=trend)


@disputes.get("/disputes/new", right=Action.DISPUTES_HANDLE)
def new() -> str:
    """A clue in a few words; made for a phone."""
    return _show_new([], {"key": secrets.token_urlsafe(16)})


def _show_new(faults: list[ProblemFault], typed: dict[str, str]) -> str:
    with audited_view(page_request()) as view:
        categories, buildings = dispute_categories(view), clue_buildings(view)
    return show(
        "disputes/new.html", view, categories=categories, buildings=buildings, faults=faults, typed=typed
    )


@disputes.post("/disputes/new", right=Action.DISPUTES_HANDLE)
def keep() -> tuple[str, int] | Response:
    """Keep a clue."""
    asked, site = page_request(), services()
    typed = {name: request.form.get(name, "")[:_MOST] for name in (*_CLUE, "key")}
    clue = Clue(**{name: typed[name] for name in _CLUE})
    key = typed["key"][:100] or None
    close_reading()
    try:
        with writing_view(asked) as view:
            case = report_clue(view, clue, caches=site.cache, now=now(), tz=site.settings.tz, key=key)
            number, is_seen = case.number, is_dispute_in_sight(view, case.id)
            case_id = case.id
    except InvalidInput as error:
        return _show_new([placed(fault) for fault in error.faults], typed), 422
    flash(_("线索已记下,编号 {number}。").format(number=number), "good")
    return redirect(f"/disputes/{case_id}" if is_seen else "/disputes", 303)


@disputes.get("/disputes/<dispute_id>", right=Action.DISPUTES_HANDLE)
def one(dispute_id: str) -> str:
    """One dispute, opened with an audit entry, and forms for the steps that can be taken."""
    return _show_one(dispute_view_request(dispute_id), dispute_id, [], {}, None)


def _show_one(
    asked: ViewRequest, case_id: str, faults: list[ProblemFault], typed: dict[str, str], opened: str | None
) -> str:
    with audited_view(asked) as view:
        card = dispute_card(view, case_id, now=now())
        steps = set(card["steps"])
        mediators = mediators_for(view, case_id, now=now()) if DisputeStep.ASK in steps else []
        others = mergeable(view, case_id) if DisputeStep.MERGE in steps else []
        grades = grades_of(view.session, view.community.id)
    return show(
        "disputes/show.html",
        view,
        one=card,
        mediators=mediators,
        others=others,
        grades=grades,
        failures=FAILURES,
        channels=GIVEN_CHANNELS,
        faults=faults,
        typed=typed,
        opened=opened,
        now_local=now().astimezone(services().settings.tz).strftime("%Y-%m-%dT%H:%M"),
    )


@disputes.post("/disputes/<dispute_id>/<dispute_step>", right=Action.DISPUTES_HANDLE)
def take(dispute_id: str, dispute_step: str) -> tuple[str, int] | Response:
    """Take a step; what was typed stays where something is wrong with it."""
    asked = dispute_view_request(dispute_id)
    if dispute_step not in set(DisputeStep):
        raise NotFound("no such dispute")
    typed = {name: request.form.get(name, "").strip()[:_MOST] for name in _TEXTS}
    close_reading()
    try:
        with writing_view(asked) as view:
            take_dispute(view, dispute_id, DisputeStep(dispute_step), _given(typed), now=now())
            is_seen = is_dispute_in_sight(view, dispute_id)
    except InvalidInput as error:
        return _show_one(
            asked, dispute_id, [placed(fault) for fault in error.faults], typed, dispute_step
        ), 422
    except Conflict as error:
        faults = [placed(Fault(message=error.args[0]))]
        return _show_one(asked, dispute_id, faults, typed, dispute_step), 409
    flash(_("已保存。"), "good")
    return redirect(f"/disputes/{dispute_id}" if is_seen else "/disputes", 303)


def _given(typed: dict[str, str]) -> DisputeStepInput:
    values: dict[str, Any] = {name: typed[name] or None for name in _CHOICES}
    values["holds"] = {"yes": True, "no": False}.get(typed["holds"])
    try:
        met = datetime.fromisoformat(typed["met_at"]) if typed["met_at"] else None
    except ValueError:
        met = None
    values["met_at"] = met.replace(tzinfo=met.tzinfo or services().settings.tz) if met else None
    return DisputeStepInput(text=typed["text"], place=typed["place"], people=typed["people"], **values)
