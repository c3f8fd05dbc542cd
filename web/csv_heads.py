"""The heads of tables that leave as CSV, in the reader's language."""

from __future__ import annotations

from gisgrid.indicators.words import NAMES
from web.i18n import current_language
from web.i18n import gettext as _


def head_of(name: str) -> str:
    """What a column is called; its own name where it has no words."""
    names = {
        "address": _("地址"),
        "buildings": _("楼栋数"),
        "built_from": _("最早建成"),
        "built_to": _("最晚建成"),
        "case_share": _("案件有位置占比"),
        "cases": _("案件数"),
        "cases_with_position": _("有位置的案件"),
        "change": _("增减"),
        "code": _("编码"),
        "condition_counts_A": _("A 级楼栋"),
        "condition_counts_B": _("B 级楼栋"),
        "condition_counts_C": _("C 级楼栋"),
        "condition_counts_D": _("D 级楼栋"),
        "count": _("案件数"),
        "elders": _("老人"),
        "elders_80": _("80 岁以上"),
        "grade": _("房屋等级"),
        "grade_share": _("该等级占比"),
        "grid": _("网格"),
        "grid_names": _("网格名称"),
        "grids": _("网格编码"),
        "household": _("住户标识"),
        "households": _("户数"),
        "lat": _("纬度"),
        "left_out": _("未计入"),
        "lift_share": _("电梯比例"),
        "load": _("负荷"),
        "lon": _("经度"),
        "member": _("网格员"),
        "member_id": _("网格员标识"),
        "name": _("名称"),
        "never_verified": _("从未核实"),
        "norm_class": _("户数标准"),
        "open_cases": _("未办结案件"),
        "parent": _("上级编码"),
        "phone": _("办公电话"),
        "position_share": _("有坐标占比"),
        "previous": _("上期案件数"),
        "rate": _("每百户案件"),
        "reached": _("步行可达站点"),
        "reason": _("原因"),
        "score": _("改造紧迫度"),
        "share_180": _("180 天内核实占比"),
        "share_90": _("90 天内核实占比"),
        "station_m": _("离站点米数"),
        "unregistered": _("未登记户数"),
        "verified_180": _("180 天内核实"),
        "verified_90": _("90 天内核实"),
        "with_member": _("有网格员"),
        "with_position": _("有坐标"),
        "with_visitor": _("有探访人"),
    }
    if name in NAMES:
        return NAMES[name][0 if current_language() == "zh" else 1]
    return names.get(name, name)
