"""What maps draw: areas, unit cells, ground, buildings, facilities; and the cards of areas and buildings."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.figures.answers import AreaCard, BuildingCard
from gisgrid.figures.cards import area_card, building_card
from gisgrid.figures.shapes import area_shapes, cell_shapes
from gisgrid.places import queries as places
from gisgrid.places.models import FacilityType
from gisgrid.redraw.plans.store import open_plan
from gisgrid.redraw.views.plan import plan_cells, plan_grids
from web.answer_models import GEOJSON, UNCHANGED
from web.answers import FOR_DRAWING, audited_view, features_answer, fresh_answer, json_answer, shapes_answer
from web.blueprints import Api
from web.context import now, services, view_of
from web.request_models import (
    AreasQuery,
    BoxQuery,
    CellsQuery,
    Coded,
    FacilitiesQuery,
    GroundQuery,
    Identified,
    PlaceQuery,
)
from web.security.gate import Open

shapes_api = Api("shapes", __name__, part=ApiPart.MAPS)


@shapes_api.get("/areas", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def areas(query: AreasQuery) -> Response:
    """Areas of a level with their figures, in full precision unless `simplify` is given."""
    view = view_of(query.view_request)
    if query.plan is not None:
        opened = open_plan(view, query.plan, caches=services().cache)
        return shapes_answer(plan_grids(view, opened, bounds=query.bbox))
    return features_answer(
        view,
        Action.AREAS_VIEW,
        lambda: area_shapes(view, query.level, bounds=query.bbox, simplify_m=query.simplify),
        decimals=FOR_DRAWING if query.simplify else None,
    )


@shapes_api.get("/areas/<code>", right=Action.AREAS_VIEW, responses={"200": AreaCard, **UNCHANGED})
def area(path: Coded, query: PlaceQuery) -> Response:
    """The card of an area: where it belongs, who serves it, its figures."""
    view = view_of(query.view_request)
    return fresh_answer(view, Action.AREAS_VIEW, lambda: area_card(view, path.code))


@shapes_api.get("/cells", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def cells(query: CellsQuery) -> Response:
    """Unit cells with the codes of their grid and micro grid, in full precision."""
    view = view_of(query.view_request)
    if query.plan is not None:
        opened = open_plan(view, query.plan, caches=services().cache)
        return shapes_answer(plan_cells(view, opened, query.bbox))
    return features_answer(view, Action.AREAS_VIEW, lambda: cell_shapes(view, query.bbox))


@shapes_api.get("/basemap", right=Open.PUBLIC, responses={**GEOJSON, **UNCHANGED})
def basemap(query: GroundQuery) -> Response:
    """Streets, water and green, for drawing the ground; buildings too where asked for."""
    view = view_of(query.view_request)

    def make() -> list[places.Feature]:
        return places.basemap(view, query.bbox, with_buildings=query.buildings)

    return features_answer(view, Action.OWN_GRID_VIEW, make, decimals=FOR_DRAWING)


@shapes_api.get("/buildings", right=Action.BUILDINGS_VIEW, responses={**GEOJSON, **UNCHANGED})
def buildings(query: BoxQuery) -> Response:
    """Footprints with year, condition and number of households."""
    view = view_of(query.view_request)
    make = places.buildings
    return features_answer(view, Action.BUILDINGS_VIEW, lambda: make(view, query.bbox), decimals=FOR_DRAWING)


@shapes_api.get("/buildings/<id>", right=Action.BUILDINGS_VIEW, responses={"200": BuildingCard})
def building(path: Identified, query: PlaceQuery) -> Response:
    """The card of a building, with the addresses in it that the account may see."""
    with audited_view(query.view_request) as view:
        card = building_card(view, path.id, now=now())
    return json_answer(card)


@shapes_api.get("/coverage/elderly/stations", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def stations(query: PlaceQuery) -> Response:
    """The stations that the coverage of elders counts."""
    view = view_of(query.view_request)
    kinds = (FacilityType.HOME_CARE_STATION,)
    return features_answer(view, Action.AREAS_VIEW, lambda: places.facilities(view, kinds))


@shapes_api.get("/facilities", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def facilities(query: FacilitiesQuery) -> Response:
    """Facilities as points."""
    view = view_of(query.view_request)
    return features_answer(view, Action.AREAS_VIEW, lambda: places.facilities(view, query.type))
