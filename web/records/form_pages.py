"""Pages of forms: which there are, what one asks, and filling one about somebody or something."""

from __future__ import annotations

from typing import Final

from flask import request
from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.forms.tree import text_in
from gisgrid.labels.table import N_
from gisgrid.people.consent.texts import current_text
from gisgrid.people.core.purposes import BY_DUTY, Purpose
from gisgrid.places.models import Building
from gisgrid.records.lists.openings import known_record
from gisgrid.records.publication.queries import purpose_of, title_of
from web.answers import audited_view
from web.blueprints import Pages
from web.context import read_session
from web.frame import open_page, page_request, show
from web.i18n import current_language
from web.navigation import Entry, Group

form_pages = Pages("form_pages", __name__)
_ZH: Final = "zh"


@form_pages.get("/forms", right=Action.FORMS_VIEW, entries=(Entry(Group.RECORDS, 3, "forms", N_("表单")),))
def listing() -> str:
    """The forms of the community by how they stand, and handing one in."""
    return show("records/forms.html", open_page())


@form_pages.get("/forms/<code>", right=Action.FORMS_VIEW)
def form(code: str) -> str:
    """What a form asks, to be tried; for who drafts its versions, too."""
    with audited_view(page_request()) as view:
        title = title_of(view, code, current_language())
    return show("records/form.html", view, title=title, page_data={"form": code})


@form_pages.get("/forms/<code>/fill", right=Action.RECORDS_WRITE)
def fill(code: str) -> str:
    """A form to be filled about what the address names; its answers are sent by the script.

    A record is corrected by its own version, also where the form isn't filled any more.
    """
    corrected = request.args.get("corrects")
    with audited_view(page_request()) as view:
        title, purpose = _of_record(view, code, corrected) if corrected else _of_form(view, code)
    data = {"form": code, "consent": _asked(purpose), "areas": _areas(view), "buildings": _buildings(view)}
    return show("records/fill.html", view, title=title, page_data=data)


def _of_form(view: View, code: str) -> tuple[str, str | None]:
    return title_of(view, code, current_language()), purpose_of(view, code)


def _of_record(view: View, code: str, record_id: str) -> tuple[str, str | None]:
    known = known_record(view, record_id)
    if known.form != code:
        raise NotFound("no such record")
    return text_in(known.title, current_language()), known.purpose


def _asked(purpose: str | None) -> dict[str, object] | None:
    """The text of today of a form's purpose, which comes first where nobody has been asked."""
    if purpose is None:
        return None
    text = current_text(read_session(), Purpose(purpose))
    words = text.zh if current_language() == _ZH else text.en
    return {"purpose": purpose, "text": words, "by_duty": purpose in BY_DUTY}


def _buildings(view: View) -> list[dict[str, str]] | None:
    """The own buildings of who serves buildings alone; others search for theirs."""
    if view.actor.role != Role.STEWARD:
        return None
    own = select(Building.id, Building.address).where(
        Building.id.in_(view.actor.buildings), Building.community_id == view.community.id
    )
    return [{"id": row.id, "address": row.address} for row in view.session.execute(own)]


def _areas(view: View) -> list[dict[str, str]]:
    """The grids a form can be about: those the account serves, or all for who serves none of them."""
    grids = view.present.tree.at_level(Level.GRID)
    own = [grid for grid in grids if grid.id in view.actor.areas] or grids
    rows = [{"id": grid.id, "code": grid.code, "name": grid.name} for grid in own]
    return sorted(rows, key=lambda row: (len(row["code"]), row["code"]))
