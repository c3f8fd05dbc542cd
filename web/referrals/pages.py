"""The queue of a property company or social organisation, and entrusting a case to one."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.phones import mask_numbers
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.referrals.queue import queue_of, step_errand
from gisgrid.cases.referrals.service import (
    DAYS,
    Entrust,
    against_entrusting,
    entrust,
    errands_of,
    organisations_for,
    withdraw,
)
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.errors import Conflict, InvalidInput, NotFound, say
from gisgrid.labels.table import N_
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import current_actor, now, read_session
from web.frame import open_page, show
from web.i18n import gettext as _
from web.i18n import tell
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed

errands = Pages("errands", __name__)


@errands.get(
    "/cases/queue",
    right=Action.CASES_QUEUE,
    entries=(Entry(Group.CASES, 2, "queue", N_("待办")),),
)
def queue() -> str:
    """What the organisation is asked to do, the open ones first."""
    view = open_page()
    return _show_queue(view, [], None)


@errands.post("/cases/queue/<errand_id>/<step>", right=Action.CASES_QUEUE)
def take(errand_id: str, step: str) -> tuple[str, int] | Response:
    """Receipt, start, finish or return one of the own errands."""
    view = open_page()
    if view is None or step not in set(ErrandStep):
        raise NotFound(say("no such errand"))
    result = request.form.get("result", "")
    try:
        with writing_view(ViewRequest(community=view.community.code)) as writing:
            step_errand(writing, errand_id, ErrandStep(step), result=result, now=now())
    except InvalidInput as error:
        return _show_queue(view, [placed(fault) for fault in error.faults], (errand_id, step, result)), 422
    flash(_("已记录。"), "good")
    return redirect("/cases/queue", 303)


@errands.get("/cases/<case_id>/entrust", right=Action.CASES_ENTRUST)
def entrusted(case_id: str) -> str:
    """What organisations were asked about a case, and asking another one."""
    return _show_case(case_id, [], {})


@errands.post("/cases/<case_id>/entrust", right=Action.CASES_ENTRUST)
def ask(case_id: str) -> tuple[str, int] | Response:
    """Entrust a case to an organisation."""
    asked, form = _place(case_id), request.form
    days = form.get("days", "")
    wanted = Entrust(
        account=form.get("account", ""),
        text=form.get("text", ""),
        days=int(days) if days.isdecimal() and len(days) < 4 else 0,
    )
    try:
        with writing_view(asked) as view:
            entrust(view, case_id, wanted, now=now())
    except InvalidInput as error:
        return _show_case(case_id, [placed(fault) for fault in error.faults], form.to_dict()), 422
    except Conflict as error:
        return _show_case(case_id, [ProblemFault(message=tell(str(error)))], form.to_dict()), 409
    flash(_("已交给该单位办理。"), "good")
    return redirect(f"/cases/{case_id}/entrust", 303)


@errands.post("/cases/<case_id>/entrust/<errand_id>/withdraw", right=Action.CASES_ENTRUST)
def take_back(case_id: str, errand_id: str) -> Response:
    """Take an unfinished errand back."""
    with writing_view(_place(case_id)) as view:
        withdraw(view, case_id, errand_id, now=now())
    flash(_("已收回。"), "good")
    return redirect(f"/cases/{case_id}/entrust", 303)


def _show_queue(view: View | None, faults: list[ProblemFault], typed: tuple[str, str, str] | None) -> str:
    rows = []
    if view is not None:
        with audited_view(ViewRequest(community=view.community.code)) as reading:
            rows = queue_of(reading, now=now())
    errand, step, text = typed or ("", "", "")
    return show("referrals/queue.html", view, rows=rows, faults=faults, typed=(errand, step), text=text)


def _show_case(case_id: str, faults: list[ProblemFault], typed: dict[str, str]) -> str:
    with audited_view(_place(case_id)) as view:
        case, rows = errands_of(view, case_id, now=now())
        given = {"text": mask_numbers(case.description), "days": "3", **typed}
        known = organisations_for(view, case, now=now())
        against = against_entrusting(view, case)
    refusal = tell(against) if against and not faults else None
    return show(
        "referrals/entrust.html", view, case=case, rows=rows, organisations=known, faults=faults, given=given,
        days=DAYS, refusal=refusal,
    )  # fmt: skip


def _place(case_id: str) -> ViewRequest:
    require(current_actor(), Action.CASES_ENTRUST)
    return ViewRequest(community=community_of(read_session(), current_actor(), case_id, now=now()))
