"""Grids with their primary members, for the map on which duties are changed."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from gisgrid.access.actions import Action
from gisgrid.workforce.duties import duty_shapes
from web.answer_models import GEOJSON, UNCHANGED
from web.answers import FOR_DRAWING, features_answer
from web.context import look_at
from web.request_models import RESPONSES, SECURITY, AskedPlace

duties_api = APIBlueprint(
    "api_duties", __name__, url_prefix="/api/v1", abp_security=SECURITY, abp_responses=RESPONSES
)


@duties_api.get("/duties", responses={**GEOJSON, **UNCHANGED})
def shapes(query: AskedPlace) -> Response:
    """Grids with `member`, the name of who is the primary member today, simplified for drawing."""
    look = look_at(query.asked)
    return features_answer(look, Action.DUTIES_CHANGE, lambda: duty_shapes(look), decimals=FOR_DRAWING)
