"""The maps and the search page: which layers they have and where these fetch from."""

from __future__ import annotations

from flask import Blueprint

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from layers.base import DataLayer
from layers.cases import CaseMap
from layers.completeness import Completeness
from layers.elderly import ElderlyCoverage, Stations
from layers.hotspots import HeatSurface, HotspotAreas, RenovationBuildings
from layers.style import Legend
from layers.territories import AreaOutlines, Territories
from web.context import current_actor
from web.frame import grid_choices, open_page, shell_for, show, street_bounds
from web.i18n import gettext as _
from web.words.cases import unlisted_note

maps = Blueprint("maps", __name__)

_AREAS = "/api/v1/areas"


@maps.get("/maps/hotspots")
def hotspots() -> str:
    """Cases by area or as a surface, with buildings to renew."""
    look = open_page(Action.FIGURES_VIEW)
    areas = Legend(title=_("案件热点"), unit=_("件"))
    surface = Legend(title=_("案件密度"), unit=_("件"), notes=(_("颜色越深,案件越集中"),))
    homes = Legend(title=_("老旧小区改造"), unit=_("栋"))
    layers = [
        HotspotAreas(areas, areas_url=_AREAS, rows_url="/api/v1/hotspots"),
        HeatSurface(surface, url="/api/v1/heat"),
        RenovationBuildings(homes, buildings_url="/api/v1/buildings", rows_url="/api/v1/renovation"),
    ]
    return show("maps/hotspots.html", look, shell=shell_for(look, layers))


@maps.get("/maps/cases")
def case_map() -> str:
    """Single cases, as far as the account may open them, gathered where they lie close."""
    look = open_page(Action.CASES_VIEW)
    legend = Legend(title=_("案件地图"), unit=_("件"), notes=(_("数字是聚在一处的件数,点开后放大。"),))
    layers: list[DataLayer] = [CaseMap(legend, url="/api/v1/cases/points")]
    if may(current_actor(), Action.AREAS_VIEW):
        layers.append(AreaOutlines(url=_AREAS))
    unlisted = unlisted_note(look)
    return show(
        "maps/cases.html",
        look,
        shell=shell_for(look, layers),
        grids=grid_choices(look),
        unlisted=unlisted,
        page_data={"unlisted": unlisted} if unlisted else {},
    )


@maps.get("/maps/elderly")
def elderly() -> str:
    """How many elders each grid has and how many a station reaches."""
    look = open_page(Action.FIGURES_VIEW)
    covered = Legend(title=_("老人服务覆盖"), unit=_("可达老人占老人的百分比"))
    stations = Legend(title=_("服务站"), unit=_("个"))
    rows = "/api/v1/coverage/elderly"
    layers = [
        ElderlyCoverage(covered, areas_url=_AREAS, rows_url=rows, uncovered_url=f"{rows}/uncovered"),
        Stations(stations, url=f"{rows}/stations", others_url="/api/v1/facilities"),
    ]
    return show("maps/elderly.html", look, shell=shell_for(look, layers))


@maps.get("/maps/territories")
def territories() -> str:
    """Which grid member holds which grids, and how much that is."""
    look = open_page(Action.FIGURES_VIEW)
    legend = Legend(title=_("网格员分布"), unit=_("一种颜色一名网格员"))
    layers = [Territories(legend, areas_url=_AREAS, rows_url="/api/v1/territories")]
    return show("maps/territories.html", look, shell=shell_for(look, layers, bounds=street_bounds(look)))


@maps.get("/maps/completeness")
def completeness() -> str:
    """How complete and how fresh the records of each area are, and what to do next."""
    look = open_page(Action.FIGURES_VIEW)
    legend = Legend(title=_("资料完整度"), unit=_("占该区域的百分比"))
    rows = "/api/v1/completeness"
    layers = [Completeness(legend, areas_url=_AREAS, rows_url=rows, gaps_url=f"{rows}/gaps")]
    return show("maps/completeness.html", look, shell=shell_for(look, layers))


@maps.get("/find")
def find() -> str:
    """Households, buildings, compounds and cases by address or number."""
    look = open_page(Action.HOUSEHOLDS_FIND)
    return show(
        "find.html", look, shell=shell_for(look, [AreaOutlines(url=_AREAS)], bounds=street_bounds(look))
    )
