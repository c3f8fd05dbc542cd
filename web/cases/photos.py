"""Photos of cases as pictures for pages: by the same right as the case, kept by no cache."""

from __future__ import annotations

from flask import Response, request

from gisgrid.access.actions import Action
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.photos.service import open_photo
from web.answers import audited_view
from web.blueprints import Pages
from web.context import current_actor, now, read_session

photos = Pages("photos", __name__)


@photos.get("/cases/<case_id>/photos/<photo_id>", right=Action.CASES_VIEW)
def photo(case_id: str, photo_id: str) -> Response:
    """A photo, with ``size=small`` the one for lists."""
    asked = ViewRequest(community=community_of(read_session(), current_actor(), case_id, now=now()))
    with audited_view(asked) as view:
        shown = open_photo(view, case_id, photo_id, small=request.args.get("size") == "small", now=now())
    response = Response(shown.jpeg, content_type="image/jpeg")
    response.headers.set("Content-Disposition", "inline", filename=shown.name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
