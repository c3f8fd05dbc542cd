"""Figures: what isn't shown, who isn't reached, and what is missing in the records."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels
from gisgrid.labels.table import mark as _

WITHHELD: Final[Labels] = {word: word for word in (_("不显示"), _("整季度结束后可见"))}
"""The two signs of `gisgrid.analysis.withheld`, whose codes are the words themselves."""
UNITS: Final[Labels] = {
    "buildings": _("栋"),
    "cases": _("件"),
    "households": _("户"),
    "people": _("人"),
    "places": _("个"),
    "records": _("条"),
}
"""What figures count."""
UNREACHED: Final[Labels] = {"no_station": _("步行范围内没有服务站"), "no_member": _("所在网格没有网格员")}
"""Why a household of elders is not covered."""
GAP_STEPS: Final[Labels] = {
    "verify": _("上门核实"),
    "position": _("补坐标"),
    "place": _("核对位置"),
    "case_position": _("补案件位置"),
}
INDICATOR_GROUPS: Final[Labels] = {
    "member": _("责任人"),
    "category": _("类别"),
    "class": _("大类"),
    "department": _("部门"),
    "month": _("月份"),
    "community": _("全社区"),
}
"""What a row of indicators stands for beside the levels of areas."""
BORDERS: Final[Labels] = {"now": _("现在的网格"), "then": _("上报时的网格")}
"""By which grids cases are counted."""
CHECK_RESULTS: Final[Labels] = {"solved": _("已解决"), "partly": _("部分解决"), "not": _("未解决")}
"""Whether what was reported is settled, as a third party sees it on site."""
