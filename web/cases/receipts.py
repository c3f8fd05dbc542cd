"""Following a report by its receipt code, rating it, asking for it to be done again: nobody logs in.

The code is sent in forms only: in no address, so in no log and no history.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import CaseAction
from gisgrid.cases.intake.receipts import FollowedReport, followed
from gisgrid.cases.public.reporters import FollowedCase
from gisgrid.cases.steps import take_by_receipt
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.labels.cases import RECEIPT_EVENTS, RECEIPT_STATES
from web.blueprints import Pages
from web.cases.api import case_policy
from web.context import current_actor, now, read_session, visitors_view, write_session
from web.frame import open_page, show
from web.i18n import gettext as _
from web.i18n import label, tell
from web.problems import ProblemFault, placed

receipts = Pages("receipts", __name__)


@receipts.get("/receipt", right=Action.CASES_FOLLOW)
def ask() -> str:
    """The field for the code."""
    return show("cases/receipt.html", open_page(), case=None, faults=[])


@receipts.post("/receipt", right=Action.CASES_FOLLOW)
def follow() -> tuple[str, int] | str:
    """What the code opens; a text that can't be one opens as little as a wrong one."""
    return _shown(request.form.get("receipt", ""))


@receipts.post("/receipt/rate", right=Action.CASES_FOLLOW)
def rate() -> tuple[str, int] | str:
    """Rate how fast and how well it was done."""
    given = StepInput(speed=_stars("speed"), effect=_stars("effect"), reason=request.form.get("reason", ""))
    return _take(CaseAction.RATE, given, _("谢谢,评价已收到。"))


@receipts.post("/receipt/reopen", right=Action.CASES_FOLLOW)
def reopen() -> tuple[str, int] | str:
    """Ask for it to be done again, with a reason."""
    given = StepInput(reason=request.form.get("reason", ""))
    return _take(CaseAction.REOPEN, given, _("已退回重新办理。"))


def _take(action: CaseAction, given: StepInput, done: str) -> tuple[str, int] | str:
    require(current_actor(), Action.CASES_FOLLOW)
    receipt = request.form.get("receipt", "")[:64]
    if not _known(receipt):
        return _shown(receipt)
    try:
        with write_session() as session:
            take_by_receipt(
                session,
                current_actor(),
                receipt,
                action,
                given,
                opened=lambda code: visitors_view(session, code),
                now=now(),
                policy=case_policy(),
            )
    except InvalidInput as error:
        return _shown(receipt, faults=[placed(fault) for fault in error.faults], status=422)
    except Conflict as error:
        return _shown(receipt, said=tell(error.args[0]), status=409)
    return _shown(receipt, done=done)


def _known(receipt: str) -> FollowedReport | FollowedCase | None:
    session = read_session()
    try:
        return followed(
            session,
            current_actor(),
            receipt,
            opened=lambda code: visitors_view(session, code),
            now=now(),
            policy=case_policy(),
        )
    except InvalidInput:
        return None


def _shown(
    receipt: str,
    *,
    faults: list[ProblemFault] | None = None,
    said: str = "",
    done: str = "",
    status: int = 200,
) -> tuple[str, int] | str:
    receipt = receipt[:64]
    case = _known(receipt)
    page = show(
        "cases/receipt.html",
        open_page(),
        case=_describe(case) if case else None,
        receipt=receipt if case else "",
        is_wrong=case is None,
        faults=faults or [],
        said=said,
        done=done,
        typed=request.form if faults else {},
    )
    return page, 404 if case is None else status


def _describe(case: FollowedReport | FollowedCase) -> dict[str, Any]:
    """What the page shows of a case, in the reader's language."""
    original = case["original_state"]
    shown = {
        **case,
        "state_name": label(RECEIPT_STATES, case["state"]),
        "original_name": label(RECEIPT_STATES, original) if original else None,
        "deadline": _moment(case["deadline"]),
    }
    if not case["is_own"]:
        return shown
    return {
        **shown,
        "reported_at": _moment(case["reported_at"]),
        "timeline": [
            {"at": _moment(line["at"]), "word": label(RECEIPT_EVENTS, line["action"])}
            for line in case["timeline"]
        ],
    }


def _moment(text: str | None) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M") if text else "—"


def _stars(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else None
