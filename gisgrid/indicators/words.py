"""What counts are called, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gisgrid.indicators.formulas import INDICATORS
from gisgrid.indicators.scores import SCORES

_COUNTS: Final = {
    "due": ("到期", "Due"),
    "closed": ("其中已结案", "Closed of due"),
    "closed_on_time": ("其中按期结案", "Closed on time"),
    "closed_late": ("其中超期结案", "Closed late"),
    "handled": ("其中已处置", "Handled of due"),
    "handled_on_time": ("其中按期处置", "Handled on time"),
    "extended": ("其中延过期", "Put off of due"),
    "reported": ("上报", "Reported"),
    "reported_valid": ("有效上报", "Valid reports"),
    "reported_filed": ("上报中已立案", "Filed of reported"),
    "unclosed": ("上报中未结案", "Unclosed of reported"),
    "reported_by_workers": ("工作人员上报", "Reported by workers"),
    "reported_by_public": ("公众上报", "Reported by the public"),
    "filed": ("立案", "Filed"),
    "filed_on_time": ("按时立案", "Filed on time"),
    "filed_accurately": ("准确立案", "Filed accurately"),
    "missed": ("漏报", "Missed"),
    "volume": ("办理量(立案减挂账)", "Volume (filed, not suspended)"),
    "dispatch_due": ("应派遣", "To be dispatched"),
    "dispatched_on_time": ("按时派遣", "Dispatched on time"),
    "dispatched": ("派遣", "Dispatched"),
    "dispatched_accurately": ("准确派遣", "Dispatched accurately"),
    "verify_due": ("应核实", "To be verified"),
    "verified_on_time": ("按时核实", "Verified on time"),
    "check_due": ("应核查", "To be checked"),
    "checked_on_time": ("按时核查", "Checked on time"),
    "verify_asked": ("要求核实", "Asked to verify"),
    "verify_asked_on_time": ("按时要求核实", "Asked to verify on time"),
    "check_asked": ("要求核查", "Asked to check"),
    "check_asked_on_time": ("按时要求核查", "Asked to check on time"),
    "finished": ("处置完", "Handled"),
    "reworked": ("其中返工", "Reworked"),
    "rated": ("收到评价", "Rated"),
    "satisfied": ("其中满意", "Satisfied"),
    "ended": ("办结", "Closed"),
    "ended_in_grid": ("网格内办结", "Closed in the grid"),
    "ended_on_spot": ("当场办结", "Settled on the spot"),
}
_GRADES: Final = {
    score.code.replace("_score", "_grade"): (
        score.name.replace("得分", "等级"),
        f"{score.name_en}: grade",
    )
    for score in SCORES
}

NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        **_COUNTS,
        **{indicator.code: (indicator.name, indicator.name_en) for indicator in INDICATORS},
        **{score.code: (score.name, f"{score.name_en}: score") for score in SCORES},
        **_GRADES,
    }
)
"""Chinese and English name of every count, indicator, score and grade."""
