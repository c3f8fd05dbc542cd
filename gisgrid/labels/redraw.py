"""Plans of the division into grids, and the helpers that propose one."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels
from gisgrid.labels.table import mark as _

PLAN_STATES: Final[Labels] = {
    "open": _("起草中"),
    "submitted": _("待审"),
    "approved": _("已同意"),
    "returned": _("已退回"),
    "published": _("已发布"),
    "discarded": _("已放弃"),
}
PLAN_NOTES: Final[Labels] = {
    "comment": _("留言"),
    "submit": _("提交"),
    "approve": _("同意"),
    "return": _("退回"),
    "publish": _("发布"),
    "withdraw": _("撤回"),
    "recall": _("收回"),
}
"""What was done with a plan beside editing it."""
HANDOVER_WORDS: Final[Labels] = {
    "gives": _("移交"),
    "takes": _("接收"),
    "household": _("住户"),
    "case": _("案件"),
}
"""What a line of a handover sheet is about."""
PROPOSALS: Final[Labels] = {"balance": _("均衡户数"), "micro_grids": _("分微网格"), "tidy": _("理顺边界")}
STARTS: Final[Labels] = {"current": _("从现有网格调整"), "nothing": _("全部重新划")}
FEW_CHANGES: Final[Labels] = {"balanced": _("兼顾"), "few": _("尽量少改"), "none": _("不限")}
BARRIERS: Final[Labels] = {"ignore": _("不考虑"), "avoid": _("尽量不跨"), "never": _("绝不跨")}
BARRIER_SOURCES: Final[Labels] = {
    "compounds": _("小区边界"),
    "streets": _("主要道路"),
    "side_streets": _("一般道路"),
    "water": _("水系"),
}
