"""Grids with their primary members, for the map on which duties are changed."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.workforce.duties import duty_shapes
from web.answer_models import GEOJSON, UNCHANGED
from web.answers import FOR_DRAWING, features_answer
from web.blueprints import Api
from web.context import view_of
from web.request_models import PlaceQuery

duties_api = Api("duties", __name__, part=ApiPart.ADMIN)


@duties_api.get("/duties", right=Action.DUTIES_CHANGE, responses={**GEOJSON, **UNCHANGED})
def shapes(query: PlaceQuery) -> Response:
    """Grids with `member`, the name of who is the primary member today, simplified for drawing."""
    view = view_of(query.view_request)
    return features_answer(view, Action.DUTIES_CHANGE, lambda: duty_shapes(view), decimals=FOR_DRAWING)
