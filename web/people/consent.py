"""A household's consent and the asking for it, who is to be asked, and the texts people consent to."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, request
from typing_extensions import TypedDict
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.models import Role
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.labels.people import MEDIATORS
from gisgrid.labels.table import N_
from gisgrid.people.consent.queries import PurposeRow, answers_of
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.consent.texts import NewText, all_texts, write_text
from gisgrid.people.contracts.queries import household_contracts
from gisgrid.people.core.contract_rules import ContractState
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.erasure.queries import erasures_of
from gisgrid.people.requests.queries import PAGE, course_of, list_requests
from gisgrid.people.requests.service import VisitInput, note_visit
from gisgrid.people.verification import verify_household
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import close_reading, current_actor, now, read_session, write_session
from web.frame import page_request, show
from web.i18n import choices
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number
from web.problems import ProblemFault, placed
from web.security.gate import Open

consent = Pages("consent", __name__)


class ConsentPurpose(TypedDict):
    """A purpose as the page's scripts ask for it; ``status`` is the household's answer so far."""

    purpose: str
    status: str | None
    by_duty: bool


@consent.get("/me/household", right=Open.SIGNED_IN)
def own() -> Response:
    """One's own household."""
    household = current_actor().household_id
    if household is None:
        raise NotFound("no such household")
    return redirect(f"/households/{household}")


@consent.get("/households/<household_id>", right=Action.CONSENT_RECORD)
def household(household_id: str) -> str:
    """What the household has answered to each purpose, how the asking goes, and requests to be erased."""
    asked = page_request()
    with audited_view(asked) as view:
        answers = answers_of(view, household_id, now=now())
        works = may(view.actor, Action.REQUESTS_WORK)
        course = course_of(view, household_id) if works else None
        erasures = erasures_of(view, household_id)
        contracts = household_contracts(view, household_id, now=now())
    is_own = view.actor.role == Role.RESIDENT
    registered = next(row.status for row in answers.purposes if row.purpose == Purpose.REGISTRATION)
    return show(
        "people/household.html",
        view,
        answers=answers,
        course=course,
        erasures=erasures,
        contracts=[contract for contract in contracts if contract.state != ContractState.OVER],
        is_own=is_own,
        may_verify=works and registered not in NO_CONSENT,
        mediators=choices(MEDIATORS),
        page_data={"household": household_id, "purposes": _purposes(answers.purposes)},
    )


def _purposes(rows: Sequence[PurposeRow]) -> list[ConsentPurpose]:
    """What scripts know of each purpose; its text stands on the page already."""
    return [{"purpose": row.purpose, "status": row.status, "by_duty": row.by_duty} for row in rows]


@consent.post("/households/<household_id>/answers", right=Action.CONSENT_RECORD)
def answer(household_id: str) -> Response:
    """Record one answer to one purpose: one press."""
    asked = page_request()
    form = request.form
    given = AnswerInput(
        purpose=form.get("purpose", ""), status=form.get("status", ""), unasked=form.get("unasked") == "1"
    )
    with writing_view(asked) as view:
        record_answer(view, household_id, given, now=now())
    flash(_("已记录。"), "good")
    return redirect(f"/households/{household_id}", 303)


@consent.post("/households/<household_id>/visits", right=Action.REQUESTS_WORK)
def visit(household_id: str) -> Response:
    """Note what came of a visit, or who mediates."""
    asked = page_request()
    form = request.form
    noted = VisitInput(
        outcome=form.get("outcome", ""),
        mediator_kind=form.get("mediator_kind") or None,
        mediator=form.get("mediator") or None,
    )
    with writing_view(asked) as view:
        note_visit(view, household_id, noted, now=now())
    flash(_("已记录。"), "good")
    return redirect(f"/households/{household_id}", 303)


@consent.post("/households/<household_id>/verified", right=Action.REQUESTS_WORK)
def verified(household_id: str) -> Response:
    """Note that somebody was at the door and what is registered is right: one press."""
    with writing_view(page_request()) as view:
        verify_household(view, household_id, now=now())
    flash(_("已核实。"), "good")
    return redirect(f"/households/{household_id}", 303)


@consent.get(
    "/requests",
    right=Action.REQUESTS_WORK,
    entries=(Entry(Group.VISITS, 2, "requests", N_("上门登记")),),
)
def requests() -> str:
    """Whom to look after today, and from which day on others may be asked again."""
    page = page_number()
    with audited_view(page_request()) as view:
        rows, total = list_requests(view, page=page, now=now())
    pager = Pager(page=page, total=total, size=PAGE)
    return show("people/requests.html", view, rows=rows, pager=pager)


@consent.get(
    "/consent-texts",
    right=Action.CONSENT_WRITE,
    entries=(
        Entry(
            Group.ADMINISTRATION,
            8,
            "texts",
            N_("征求同意的文字"),
            symbol="pencil-square",
        ),
    ),
)
def texts() -> str:
    """The text of every purpose, for administrators to write another."""
    return _show_texts([], {})


def _show_texts(faults: list[ProblemFault], typed: dict[str, str]) -> str:
    return show(
        "people/texts.html",
        None,
        texts=all_texts(read_session()),
        faults=faults,
        typed=typed,
    )


@consent.post("/consent-texts", right=Action.CONSENT_WRITE)
def write() -> tuple[str, int] | Response:
    """Take a new text of a purpose; what was typed stays where something is wrong with it."""
    typed = {name: request.form.get(name, "") for name in ("purpose", "zh", "en")}
    close_reading()
    try:
        with write_session() as session:
            new = NewText(purpose=typed["purpose"], zh=typed["zh"], en=typed["en"])
            write_text(session, current_actor(), new, now=now())
    except InvalidInput as error:
        return _show_texts([placed(fault) for fault in error.faults], typed), 422
    flash(_("新文字已生效,以前的同意记录仍对应原来的文字。"), "good")
    return redirect("/consent-texts", 303)
