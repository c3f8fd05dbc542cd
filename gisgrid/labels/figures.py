"""Figures: what isn't shown, who isn't reached, and what is missing in the records."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

WITHHELD: Final[Labels] = {word: word for word in (N_("不显示"), N_("整季度结束后可见"))}
"""The two signs of `gisgrid.analysis.withheld`, whose codes are the words themselves."""
UNITS: Final[Labels] = {
    "buildings": N_("栋"),
    "cases": N_("件"),
    "households": N_("户"),
    "people": N_("人"),
    "places": N_("个"),
    "records": N_("条"),
}
"""What figures count."""
UNREACHED: Final[Labels] = {"no_station": N_("步行范围内没有服务站"), "no_member": N_("所在网格没有网格员")}
"""Why a household of elders is not covered."""
GAP_STEPS: Final[Labels] = {
    "verify": N_("上门核实"),
    "position": N_("补坐标"),
    "place": N_("核对位置"),
    "case_position": N_("补案件位置"),
}
INDICATOR_GROUPS: Final[Labels] = {
    "category": N_("类别"),
    "class": N_("大类"),
    "department": N_("部门"),
    "month": N_("月份"),
    "community": N_("全社区"),
}
"""What a row of indicators stands for beside the levels of areas."""
BORDERS: Final[Labels] = {"now": N_("现在的网格"), "then": N_("上报时的网格")}
"""By which grids cases are counted."""
CHECK_RESULTS: Final[Labels] = {"solved": N_("已解决"), "partly": N_("部分解决"), "not": N_("未解决")}
"""Whether what was reported is settled, as a third party sees it on site."""
