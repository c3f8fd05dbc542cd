"""Grids with their primary members, for the map on which duties are changed."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.workforce.duties import duty_shapes
from web.answer_models import GEOJSON, UNCHANGED
from web.answers import FOR_DRAWING, features_answer
from web.blueprints import Api
from web.context import look_at
from web.request_models import AskedPlace

duties_api = Api("duties", __name__, part=ApiPart.ADMIN)


@duties_api.get("/duties", right=Action.DUTIES_CHANGE, responses={**GEOJSON, **UNCHANGED})
def shapes(query: AskedPlace) -> Response:
    """Grids with `member`, the name of who is the primary member today, simplified for drawing."""
    look = look_at(query.asked)
    return features_answer(look, Action.DUTIES_CHANGE, lambda: duty_shapes(look), decimals=FOR_DRAWING)
