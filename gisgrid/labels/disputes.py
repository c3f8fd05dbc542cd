"""Disputes: how far they have come, what is done with them, and how mediation ended."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.cases import FEEDBACK_CHANNELS
from gisgrid.labels.table import Labels
from gisgrid.labels.table import mark as _

DISPUTE_STAGES: Final[Labels] = {
    "clue": _("线索"),
    "sorted": _("已整理"),
    "mediating": _("调解中"),
    "follow_up": _("待回访"),
    "closed": _("已了结"),
    "merged": _("已合并"),
}
DISPUTE_STEPS: Final[Labels] = {
    "note": _("补充情况"),
    "sort": _("整理定级"),
    "grade": _("改级别"),
    "merge": _("并入另一件"),
    "ask": _("请调解员"),
    "meet": _("记录调解"),
    "agree": _("达成协议"),
    "fail": _("调解未成"),
    "visit": _("回访"),
    "resume": _("重新调解"),
    "close": _("了结"),
}
MEDIATION_OUTCOMES: Final[Labels] = {
    "agreed": _("达成调解协议"),
    "court": _("引导诉讼"),
    "higher": _("报上级处理"),
    "police": _("移交公安机关"),
    "withdrawn": _("当事人撤回"),
}
MEDIATION_RESULTS: Final[Labels] = {
    "agreed": "已达成调解协议 · agreed",
    "court": "调解未成,已引导诉讼 · to court",
    "higher": "调解未成,已报上级 · to a higher office",
    "police": "已移交公安机关 · to the police",
    "withdrawn": "当事人撤回 · withdrawn",
}
"""What is stored as the result of the case, in both languages; nothing of what was agreed."""
GRADES: Final[Labels] = {"general": "一般", "complex": "疑难", "major": "重大"}
"""Grades as long as a community has given them no names of its own, which are told as they are."""
SPECIALTIES: Final[Labels] = {"special": _("专长对口"), "any": _("各类纠纷"), "other": _("专长不同")}
"""How a mediator's specialty fits a dispute."""
FOLLOW_UP_CHANNELS: Final[Labels] = {
    **{code: FEEDBACK_CHANNELS[code] for code in ("phone", "wechat", "message", "letter", "page")},
    "on_spot": _("当面"),
    "anonymous": _("无法联系"),
}
