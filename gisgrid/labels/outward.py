"""Outward forms: what the fields, rows and choices of persons are called."""

from __future__ import annotations

from typing import Final

from gisgrid.labels import audit
from gisgrid.labels.table import N_, Labels

OUTWARD_ROWS: Final[Labels] = {
    "person": N_("每行一人"),
    "household": N_("每行一户"),
    "building": N_("每行一幢楼"),
    "grid": N_("每行一个网格"),
}
"""What stands in a row of a department's table."""
OUTWARD_PEOPLE: Final[Labels] = {
    "everyone": N_("全部登记人员"),
    "elders": N_("60 岁以上老人"),
    "elders_80": N_("80 岁以上老人"),
    "alone": N_("独居、空巢老人"),
    "in_need": N_("困难、低保、残疾、无收入人员"),
    "visited": N_("本月探访过的老人"),
}
"""Which persons stand in the rows."""
OUTWARD_FIELDS: Final[Labels] = {
    "row.number": N_("序号"),
    "community.name": N_("社区名称"),
    "community.code": N_("社区编码"),
    "today": N_("填报日期"),
    "month": N_("月份"),
    "filler.name": N_("填表人"),
    "grid.name": N_("网格名称"),
    "grid.code": N_("网格编码"),
    "grid.member": N_("主责网格员"),
    "household.address": N_("地址"),
    "household.unit": N_("单元"),
    "household.room": N_("室号"),
    "household.building": N_("楼栋编码"),
    "household.consent": N_("未登记原因"),
    "household.registered": N_("已登记人数"),
    "household.elders": N_("户内 60 岁以上人数"),
    "household.elders_80": N_("户内 80 岁以上人数"),
    "household.contact_name": N_("联系人"),
    "household.verified_day": N_("核实日期"),
    "person.age": N_("年龄"),
    "person.hardship_kinds": N_("困难类型"),
    "person.has_income": N_("有无收入"),
    "person.visitor": N_("探访联系人"),
    "person.station": N_("最近的居家养老服务站"),
    "building.address": N_("楼栋地址"),
    "building.code": N_("楼栋编码"),
    "building.name": N_("楼栋名称"),
    "building.compound": N_("小区"),
    "building.floors": N_("层数"),
    "building.built_year": N_("建成年份"),
    "building.condition": N_("房屋等级"),
    "building.lift": N_("有无电梯"),
    "building.dwellings": N_("房屋套数"),
    "count.households": N_("户数"),
    "count.residents": N_("登记人口"),
    "count.elders": N_("60 岁以上人数"),
    "count.elders_80": N_("80 岁以上人数"),
    "count.need.living_alone": N_("独居老人数"),
    "count.need.empty_nest": N_("空巢老人数"),
    "count.need.ability_grade": N_("失能老人数"),
    "count.need.no_income": N_("无收入人数"),
    "count.need.min_allowance": N_("低保人数"),
    "count.need.hardship": N_("困难人数"),
    "count.need.disabled": N_("残疾人数"),
    "count.visits.due": N_("本月应访老人数"),
    "count.visits.made": N_("本月已访老人数"),
    "count.visits.owed": N_("应访未访老人数"),
    "count.visits.overdue": N_("逾期未访老人数"),
    "count.needs.new": N_("本月新增需求"),
    "count.needs.ended": N_("本月结束需求"),
    "count.cases.received": N_("本月受理案件"),
    "count.cases.on_time": N_("本月按期结案"),
    "count.cases.open": N_("未结案件"),
    **{code: word for code, word in audit.DATA.items() if code.startswith(("household.", "person."))},
}
"""What each field is called to who says where it belongs in a template."""
OUTWARD_FORM_FIELDS: Final[Labels] = {
    "day": N_("记录日期"),
    "worker": N_("填写人"),
    "month": N_("本月次数"),
}
"""What every form gives beside its questions."""
UNREGISTERED: Final[Labels] = {
    "vacant": N_("空置"),
    "not_registered": N_("未登记"),
}
"""Why nobody of a household is registered."""
HARDSHIPS: Final[Labels] = {
    "hardship": N_("生活困难"),
    "min_allowance": N_("低保"),
    "no_income": N_("无收入来源"),
    "disabled": N_("残疾"),
}
ABILITY_GRADES: Final = ("能力完好", "轻度失能", "中度失能", "重度失能", "完全失能")
DISABILITY_GRADES: Final = ("无", "一级", "二级", "三级", "四级")
INCOME: Final[Labels] = {"yes": "有", "no": "无"}
MONTH: Final = "{year}年{month}月"
WHOLE_COMMUNITY: Final = "全社区"
GAP_ROUND: Final = "{table} · 补采"
"""The title of a round for what is empty in a table."""
