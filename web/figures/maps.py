"""The maps of figures: which layers they have and where these fetch from."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.labels.figures import UNITS
from gisgrid.labels.table import N_
from layers.completeness import Completeness
from layers.elderly import ElderlyCoverage, Stations
from layers.hotspots import HeatSurface, HotspotAreas, RenovationBuildings
from layers.style import Legend
from layers.territories import Territories
from web.blueprints import Pages
from web.frame import open_page, shell_for, show, street_bounds
from web.i18n import gettext as _
from web.i18n import label
from web.navigation import Entry, Group

maps = Pages("maps", __name__)

_AREAS = "/api/v1/areas"


@maps.get(
    "/maps/hotspots",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.MAPS, 2, "hotspots", N_("案件热点")),),
)
def hotspots() -> str:
    """Cases by area or as a surface, with buildings to renew."""
    view = open_page()
    areas = Legend(title=_("案件热点"), unit=label(UNITS, "cases"))
    surface = Legend(title=_("案件密度"), unit=label(UNITS, "cases"), notes=(_("颜色越深,案件越集中"),))
    homes = Legend(title=_("老旧小区改造"), unit=label(UNITS, "buildings"))
    layers = [
        HotspotAreas(areas, areas_url=_AREAS, rows_url="/api/v1/hotspots"),
        HeatSurface(surface, url="/api/v1/heat"),
        RenovationBuildings(homes, buildings_url="/api/v1/buildings", rows_url="/api/v1/renovation"),
    ]
    return show("figures/hotspots.html", view, shell=shell_for(view, layers))


@maps.get(
    "/maps/elderly",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.VISITS, 1, "elderly", N_("老人服务")),),
)
def elderly() -> str:
    """How many elders each grid has and how many a station reaches."""
    view = open_page()
    covered = Legend(title=_("老人服务覆盖"), unit=_("可达老人占老人的百分比"))
    stations = Legend(title=_("服务站"), unit=label(UNITS, "places"))
    rows = "/api/v1/coverage/elderly"
    layers = [
        ElderlyCoverage(covered, areas_url=_AREAS, rows_url=rows, uncovered_url=f"{rows}/uncovered"),
        Stations(stations, url=f"{rows}/stations", others_url="/api/v1/facilities"),
    ]
    return show("figures/elderly.html", view, shell=shell_for(view, layers))


@maps.get(
    "/maps/territories",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.MAPS, 4, "territories", N_("网格员")),),
)
def territories() -> str:
    """Which grid member holds which grids, and how much that is."""
    view = open_page()
    legend = Legend(title=_("网格员分布"), unit=_("一种颜色一名网格员"))
    layers = [Territories(legend, areas_url=_AREAS, rows_url="/api/v1/territories")]
    return show("figures/territories.html", view, shell=shell_for(view, layers, bounds=street_bounds(view)))


@maps.get(
    "/maps/completeness",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.RECORDS, 1, "completeness", N_("完整度")),),
)
def completeness() -> str:
    """How complete and how fresh the records of each area are, and what to do next."""
    view = open_page()
    legend = Legend(title=_("资料完整度"), unit=_("占该区域的百分比"))
    rows = "/api/v1/completeness"
    layers = [Completeness(legend, areas_url=_AREAS, rows_url=rows, gaps_url=f"{rows}/gaps")]
    return show("figures/completeness.html", view, shell=shell_for(view, layers))
