"""Words for disputes, in the reader's language."""

from __future__ import annotations

from gisgrid.cases.core.case_state import Channel
from gisgrid.cases.disputes.pipeline import DisputeStage, DisputeStep, MediationOutcome
from web.i18n import gettext as _


def stage_name(stage: str) -> str:
    """How far a dispute has come."""
    names = {
        DisputeStage.CLUE: _("线索"),
        DisputeStage.SORTED: _("已整理"),
        DisputeStage.MEDIATING: _("调解中"),
        DisputeStage.FOLLOW_UP: _("待回访"),
        DisputeStage.CLOSED: _("已了结"),
        DisputeStage.MERGED: _("已合并"),
    }
    return names[DisputeStage(stage)]


def dispute_step_name(step: str) -> str:
    """What is done with a dispute."""
    names = {
        DisputeStep.NOTE: _("补充情况"),
        DisputeStep.SORT: _("整理定级"),
        DisputeStep.GRADE: _("改级别"),
        DisputeStep.MERGE: _("并入另一件"),
        DisputeStep.ASK: _("请调解员"),
        DisputeStep.MEET: _("记录调解"),
        DisputeStep.AGREE: _("达成协议"),
        DisputeStep.FAIL: _("调解未成"),
        DisputeStep.VISIT: _("回访"),
        DisputeStep.RESUME: _("重新调解"),
        DisputeStep.CLOSE: _("了结"),
    }
    return names[DisputeStep(step)]


def outcome_name(outcome: str) -> str:
    """How mediation ended."""
    names = {
        MediationOutcome.AGREED: _("达成调解协议"),
        MediationOutcome.COURT: _("引导诉讼"),
        MediationOutcome.HIGHER: _("报上级处理"),
        MediationOutcome.POLICE: _("移交公安机关"),
        MediationOutcome.WITHDRAWN: _("当事人撤回"),
    }
    return names[MediationOutcome(outcome)]


def suits_name(suits: str) -> str:
    """How a mediator's specialty fits."""
    return {"special": _("专长对口"), "any": _("各类纠纷"), "other": _("专长不同")}[suits]


def contact_name(channel: str) -> str:
    """How a follow-up was made."""
    names = {
        Channel.ON_SPOT: _("当面"),
        Channel.PHONE: _("电话"),
        Channel.WECHAT: _("微信"),
        Channel.MESSAGE: _("短信"),
        Channel.LETTER: _("书面"),
        Channel.PAGE: _("网页"),
        Channel.ANONYMOUS: _("无法联系"),
    }
    return names[Channel(channel)]
