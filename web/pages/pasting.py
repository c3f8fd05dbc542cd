"""A message of a group chat as a case: pasted, read, confirmed."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.cases.alike import Alike
from gisgrid.cases.pasting import Pasted, keep_pasted, known_there, propose, say_the_same
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.overview.hotspots import categories
from web.api.answers import writing_look
from web.case_words import state_name
from web.context import close_reading, look_at, now, services
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


@pasting.post("/cases/paste/same")
def same() -> tuple[str, int] | Response:
    """Count it on a case that is known already."""
    require_login()
    asked = asked_for(Action.CASES_HANDLE)
    given = {name: request.form.get(name, "") for name in (*_FIELDS, "key")}
    token = request.form.get("token", "")[:80]
    try:
        with writing_look(asked) as look:
            joined = say_the_same(look, given["address"], token, key=given["key"], now=now())
    except NotFound:  # it has ended in between
        return _confirm(given, []), 409
    flash(_("这件事已有 {n} 人反映。如果还有别的情况,请另报一件。").format(n=joined.said_by), "good")
    return redirect("/cases/paste", 303)


@pasting.post("/cases/paste/keep")
def keep() -> tuple[str, int] | str | Response:
    """Keep it as a case; where the address was changed, what is known there is told first."""
    require_login()
    found, asked = services(), asked_for(Action.CASES_HANDLE)
    given = {name: request.form.get(name, "") for name in (*_FIELDS, "key")}
    pasted = Pasted(**{name: given[name] for name in _FIELDS})
    if request.form.get("asked", given["address"]) != given["address"] and _known(given):
        return _confirm(given, [])
    close_reading()
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
    return show(
        "cases/paste.html",
        look,
        faults=faults,
        message="",
        given=given,
        categories=categories(look),
        known=_known(given),
        state_name=state_name,
    )


def _known(given: dict[str, Any]) -> list[Alike]:
    look = look_at(asked_for(Action.CASES_HANDLE))
    return known_there(look, given["address"], category=given["category"], now=now())
