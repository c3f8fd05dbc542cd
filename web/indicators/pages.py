"""The page of indicators: chart and table of the same figures, what they mean and what lies behind."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.areas.view import View
from gisgrid.figures.hotspots import categories
from gisgrid.indicators.groups import LEVELS, By
from gisgrid.labels.figures import INDICATOR_GROUPS
from gisgrid.labels.table import N_
from web.blueprints import Pages
from web.frame import open_page, show
from web.i18n import choices, current_language
from web.indicators.api import all_definitions
from web.navigation import Entry, Group
from web.words.levels import level_names

indicating = Pages("indicators", __name__)


@indicating.get(
    "/indicators",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.FIGURES, 1, "indicators", N_("指标")),),
)
def table() -> str:
    """The page; its figures are fetched by it."""
    view = open_page()
    is_english = current_language() != "zh"
    chosen = [
        {"code": category["code"], "name": (is_english and category["name_en"]) or category["name"]}
        for category in (categories(view) if view else [])
    ]
    return show(
        "indicators/indicators.html",
        view,
        rows_by=by_words(view),
        categories=chosen,
        page_data={"indicators": all_definitions()},
    )


def by_words(view: View | None) -> list[tuple[str, str]]:
    """What rows may stand for, with their words; levels that the community doesn't use are left out."""
    levels = level_names(view)
    areas = (By.GRID, By.SUB_AREA, By.COMPOUND)
    words = {by: levels[LEVELS[by].value] for by in areas if LEVELS[by].value in levels}
    return [*((by.value, word) for by, word in words.items()), *choices(INDICATOR_GROUPS)]
