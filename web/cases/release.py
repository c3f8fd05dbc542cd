"""The text of a case that everybody may read: made public, changed, taken back."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.phones import mask_numbers
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.public.release import publish_text, publishable, unpublish_text
from gisgrid.errors import InvalidInput
from web.answers import writing_view
from web.blueprints import Pages
from web.context import current_actor, now, read_session, view_of
from web.frame import show
from web.i18n import gettext as _
from web.problems import ProblemFault, placed

releasing = Pages("releasing", __name__)


@releasing.get("/cases/<case_id>/public", right=Action.CASES_PUBLISH)
def page(case_id: str) -> str:
    """What everybody reads now, and the description to make a text of."""
    return _show(case_id, [], None)


@releasing.post("/cases/<case_id>/public", right=Action.CASES_PUBLISH)
def change(case_id: str) -> tuple[str, int] | Response:
    """Make a text public, or take it back."""
    asked, text = _place(case_id), request.form.get("text", "")
    takes_back = request.form.get("step") == "unpublish"
    try:
        with writing_view(asked) as view:
            if takes_back:
                unpublish_text(view, case_id, now=now())
            else:
                publish_text(view, case_id, text, now=now())
    except InvalidInput as error:
        return _show(case_id, [placed(fault) for fault in error.faults], text), 422
    flash(_("公开说明已撤回。") if takes_back else _("说明已公开。"), "good")
    return redirect(f"/cases/{case_id}", 303)


def _show(case_id: str, faults: list[ProblemFault], typed: str | None) -> str:
    view = view_of(_place(case_id))
    case = publishable(view, case_id)
    text = typed if typed is not None else case.public or mask_numbers(case.description)
    return show("cases/public.html", view, case=case, text=text, faults=faults)


def _place(case_id: str) -> ViewRequest:
    require(current_actor(), Action.CASES_PUBLISH)
    return ViewRequest(community=community_of(read_session(), current_actor(), case_id, now=now()))
