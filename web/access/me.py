"""Who is asking, and what the account may do."""

from __future__ import annotations

from flask import Response

from web.answers import json_answer
from web.blueprints import Api
from web.frame import AboutMe, about_me
from web.i18n import current_language
from web.security.gate import EVERY_PART, Open

me_api = Api("me", __name__, part=EVERY_PART)


class MeView(AboutMe):
    """Who is asking, and the language of the answers."""

    language: str


@me_api.get("/me", right=Open.SIGNED_IN, responses={"200": MeView})
def me() -> Response:
    """Name, role, communities, own grids, language, and what the account may do."""
    return json_answer({**(about_me() or {}), "language": current_language()})
