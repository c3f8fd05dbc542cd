"""Plans of the division into grids, and the helpers that propose one."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

PLAN_STATES: Final[Labels] = {
    "open": N_("起草中"),
    "submitted": N_("待审"),
    "approved": N_("已同意"),
    "returned": N_("已退回"),
    "published": N_("已发布"),
    "discarded": N_("已放弃"),
}
PLAN_NOTES: Final[Labels] = {
    "comment": N_("留言"),
    "submit": N_("提交"),
    "approve": N_("同意"),
    "return": N_("退回"),
    "publish": N_("发布"),
    "withdraw": N_("撤回"),
    "recall": N_("收回"),
}
"""What was done with a plan beside editing it."""
HANDOVER_WORDS: Final[Labels] = {
    "gives": N_("移交"),
    "takes": N_("接收"),
    "household": N_("住户"),
    "case": N_("案件"),
}
"""What a line of a handover sheet is about."""
PROPOSALS: Final[Labels] = {"balance": N_("均衡户数"), "micro_grids": N_("分微网格"), "tidy": N_("理顺边界")}
STARTS: Final[Labels] = {"current": N_("从现有网格调整"), "nothing": N_("全部重新划")}
FEW_CHANGES: Final[Labels] = {"balanced": N_("兼顾"), "few": N_("尽量少改"), "none": N_("不限")}
BARRIERS: Final[Labels] = {"ignore": N_("不考虑"), "avoid": N_("尽量不跨"), "never": N_("绝不跨")}
BARRIER_SOURCES: Final[Labels] = {
    "compounds": N_("小区边界"),
    "streets": N_("主要道路"),
    "side_streets": N_("一般道路"),
    "water": N_("水系"),
}
