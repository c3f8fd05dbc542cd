"""Which grid is this, and who serves it? Open to everybody, without names of residents."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from gisgrid.access.tokens import ApiPart
from gisgrid.crs import Datum, parse_crs
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.figures.whereabouts import PlaceRequest, Whereabouts, whereabouts
from web.answer_models import SearchAnswer
from web.answers import json_answer
from web.blueprints import Api
from web.context import current_actor, now, read_session, services
from web.request_models import SpotQuery, SpotsQuery
from web.security.gate import Open

locate_api = Api("locate", __name__, part=ApiPart.MAPS)


@locate_api.get("/locate", right=Open.PUBLIC, responses={"200": Whereabouts})
def locate_point(query: SpotQuery) -> Response:
    """Areas of one place, top down, with the members of its grid."""
    place = _whereabouts([(query.lon, query.lat)], query.crs)[0]
    if place is None:
        raise NotFound("this place lies outside all areas")
    return json_answer(place)


@locate_api.post(
    "/locate", right=Open.PUBLIC, reads=True, responses={"200": SearchAnswer[Whereabouts | None]}
)
def locate_points(body: SpotsQuery) -> Response:
    """The same for up to 10,000 places; null for those outside all areas."""
    return json_answer({"results": _whereabouts(body.points, body.crs)})


def _whereabouts(points: Sequence[tuple[float, float]], crs: str) -> list[Whereabouts | None]:
    site = services()
    asking = PlaceRequest(
        session=read_session(),
        actor=current_actor(),
        caches=site.cache,
        now=now(),
        tz=site.settings.tz,
    )
    return whereabouts(asking, points, datum=datum_of(crs, field="crs"))


def datum_of(text: str, *, field: str) -> Datum:
    """The datum of degrees that a request names.

    Raises
    ------
    InvalidInput
        It names a CRS in metres, or nothing known.
    """
    crs, datum = parse_crs(text)
    if not crs.is_geographic:
        raise InvalidInput("degrees in EPSG:4326, GCJ-02 or BD-09 are needed", field=field)
    return datum
