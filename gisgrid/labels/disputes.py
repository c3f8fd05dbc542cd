"""Disputes: how far they have come, what is done with them, and how mediation ended."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.cases import FEEDBACK_CHANNELS
from gisgrid.labels.table import N_, Labels

DISPUTE_STAGES: Final[Labels] = {
    "clue": N_("线索"),
    "sorted": N_("已整理"),
    "mediating": N_("调解中"),
    "follow_up": N_("待回访"),
    "closed": N_("已了结"),
    "merged": N_("已合并"),
}
DISPUTE_STEPS: Final[Labels] = {
    "note": N_("补充情况"),
    "sort": N_("整理定级"),
    "grade": N_("改级别"),
    "merge": N_("并入另一件"),
    "ask": N_("请调解员"),
    "meet": N_("记录调解"),
    "agree": N_("达成协议"),
    "fail": N_("调解未成"),
    "visit": N_("回访"),
    "resume": N_("重新调解"),
    "close": N_("了结"),
}
MEDIATION_OUTCOMES: Final[Labels] = {
    "agreed": N_("达成调解协议"),
    "court": N_("引导诉讼"),
    "higher": N_("报上级处理"),
    "police": N_("移交公安机关"),
    "withdrawn": N_("当事人撤回"),
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
SPECIALTIES: Final[Labels] = {"special": N_("专长对口"), "any": N_("各类纠纷"), "other": N_("专长不同")}
"""How a mediator's specialty fits a dispute."""
FOLLOW_UP_CHANNELS: Final[Labels] = {
    **{code: FEEDBACK_CHANNELS[code] for code in ("phone", "wechat", "message", "letter", "page")},
    "on_spot": N_("当面"),
    "anonymous": N_("无法联系"),
}
