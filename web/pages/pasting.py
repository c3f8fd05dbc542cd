"""A message of a group chat as a case: pasted, read, confirmed."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.cases.pasting import Pasted, keep_pasted, propose
from gisgrid.errors import InvalidInput
from gisgrid.overview.hotspots import categories
from web.api.answers import writing_look
from web.context import look_at, now, services
from web.i18n import gettext as _
from web.pages.frame import asked_for, open_page, show
from web.problems import ProblemFault, placed
from web.sessions import require_login

pasting = Blueprint("pasting", __name__)
_FIELDS = ("category", "description", "address", "contact")


@pasting.get("/cases/paste")
def page() -> str:
    """The place to paste a message in."""
    require_login()
    return show("cases/paste.html", open_page(Action.CASES_HANDLE), faults=[], message="", given=None)


@pasting.post("/cases/paste")
def read() -> tuple[str, int] | str:
    """What the message seems to say, to be put right and confirmed; nothing is kept."""
    require_login()
    look, message = look_at(asked_for(Action.CASES_HANDLE)), request.form.get("message", "")
    try:
        found = propose(look, message)
    except InvalidInput as error:
        faults = [placed(fault) for fault in error.faults]
        return show("cases/paste.html", look, faults=faults, message=message, given=None), 422
    given = {name: getattr(found, name) for name in _FIELDS}
    return _confirm(given | {"key": secrets.token_urlsafe(16)}, [])


@pasting.post("/cases/paste/keep")
def keep() -> tuple[str, int] | Response:
    """Keep it as a case."""
    require_login()
    found, asked = services(), asked_for(Action.CASES_HANDLE)
    given = {name: request.form.get(name, "") for name in (*_FIELDS, "key")}
    pasted = Pasted(**{name: given[name] for name in _FIELDS})
    try:
        with writing_look(asked) as look:
            kept = keep_pasted(
                look, pasted, caches=found.cache, key=given["key"], now=now(), tz=found.settings.tz
            )
            case_id, number = kept.case.id, kept.case.number
    except InvalidInput as error:
        return _confirm(given, [placed(fault) for fault in error.faults]), 422
    flash(_("已登记为案件 {number}。").format(number=number), "good")
    return redirect(f"/cases/{case_id}", 303)


def _confirm(given: dict[str, Any], faults: list[ProblemFault]) -> str:
    look = look_at(asked_for(Action.CASES_HANDLE))
    return show("cases/paste.html", look, faults=faults, message="", given=given, categories=categories(look))
