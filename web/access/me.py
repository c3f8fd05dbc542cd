"""Who is asking, and what the account may do."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from web.answer_models_of_looks import MeView
from web.answers import json_answer
from web.frame import about_me
from web.i18n import current_language
from web.request_models import RESPONSES, SECURITY
from web.security.sessions import require_login

me_api = APIBlueprint(
    "api_me", __name__, url_prefix="/api/v1", abp_security=SECURITY, abp_responses=RESPONSES
)


@me_api.get("/me", responses={"200": MeView})
def me() -> Response:
    """Name, role, communities, own grids, language, and what the account may do."""
    require_login()
    return json_answer({**(about_me() or {}), "language": current_language()})
