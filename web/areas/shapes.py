"""What maps draw: areas, unit cells, ground, buildings, facilities; and the cards of areas and buildings."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.figures.cards import area_card, building_card
from gisgrid.figures.shapes import area_shapes, cell_shapes
from gisgrid.places import queries as places
from gisgrid.places.models import FacilityType
from gisgrid.redraw.plans.store import open_plan
from gisgrid.redraw.views.plan import plan_cells, plan_grids
from web.answer_models import GEOJSON, UNCHANGED
from web.answer_models_of_looks import AreaView, BuildingView
from web.answers import FOR_DRAWING, audited_look, features_answer, fresh_answer, json_answer, shapes_answer
from web.blueprints import Api
from web.context import look_at, now, services
from web.request_models import (
    AskedAreas,
    AskedBox,
    AskedCells,
    AskedFacilities,
    AskedGround,
    AskedPlace,
    Coded,
    Identified,
)
from web.security.gate import Open

shapes_api = Api("shapes", __name__, part=ApiPart.MAPS)


@shapes_api.get("/areas", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def areas(query: AskedAreas) -> Response:
    """Areas of a level with their figures, in full precision unless `simplify` is given."""
    look = look_at(query.asked)
    if query.plan is not None:
        opened = open_plan(look, query.plan, caches=services().cache)
        return shapes_answer(plan_grids(look, opened, bounds=query.bbox))
    return features_answer(
        look,
        Action.AREAS_VIEW,
        lambda: area_shapes(look, query.level, bounds=query.bbox, simplify_m=query.simplify),
        decimals=FOR_DRAWING if query.simplify else None,
    )


@shapes_api.get("/areas/<code>", right=Action.AREAS_VIEW, responses={"200": AreaView, **UNCHANGED})
def area(path: Coded, query: AskedPlace) -> Response:
    """The card of an area: where it belongs, who serves it, its figures."""
    look = look_at(query.asked)
    return fresh_answer(look, Action.AREAS_VIEW, lambda: area_card(look, path.code))


@shapes_api.get("/cells", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def cells(query: AskedCells) -> Response:
    """Unit cells with the codes of their grid and micro grid, in full precision."""
    look = look_at(query.asked)
    if query.plan is not None:
        opened = open_plan(look, query.plan, caches=services().cache)
        return shapes_answer(plan_cells(look, opened, query.bbox))
    return features_answer(look, Action.AREAS_VIEW, lambda: cell_shapes(look, query.bbox))


@shapes_api.get("/basemap", right=Open.PUBLIC, responses={**GEOJSON, **UNCHANGED})
def basemap(query: AskedGround) -> Response:
    """Streets, water and green, for drawing the ground; buildings too where asked for."""
    look = look_at(query.asked)

    def make() -> list[places.Feature]:
        return places.basemap(look, query.bbox, with_buildings=query.buildings)

    return features_answer(look, Action.OWN_GRID_VIEW, make, decimals=FOR_DRAWING)


@shapes_api.get("/buildings", right=Action.BUILDINGS_VIEW, responses={**GEOJSON, **UNCHANGED})
def buildings(query: AskedBox) -> Response:
    """Footprints with year, condition and number of households."""
    look = look_at(query.asked)
    make = places.buildings
    return features_answer(look, Action.BUILDINGS_VIEW, lambda: make(look, query.bbox), decimals=FOR_DRAWING)


@shapes_api.get("/buildings/<id>", right=Action.BUILDINGS_VIEW, responses={"200": BuildingView})
def building(path: Identified, query: AskedPlace) -> Response:
    """The card of a building, with the addresses in it that the account may see."""
    with audited_look(query.asked) as look:
        found = building_card(look, path.id, now=now())
    return json_answer(found)


@shapes_api.get("/coverage/elderly/stations", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def stations(query: AskedPlace) -> Response:
    """The stations that the coverage of elders counts."""
    look = look_at(query.asked)
    kinds = (FacilityType.HOME_CARE_STATION,)
    return features_answer(look, Action.AREAS_VIEW, lambda: places.facilities(look, kinds))


@shapes_api.get("/facilities", right=Action.AREAS_VIEW, responses={**GEOJSON, **UNCHANGED})
def facilities(query: AskedFacilities) -> Response:
    """Facilities as points."""
    look = look_at(query.asked)
    return features_answer(look, Action.AREAS_VIEW, lambda: places.facilities(look, query.type))
