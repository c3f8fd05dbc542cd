"""Words for the workflow of cases, in the reader's language."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may
from gisgrid.areas.view import Look
from gisgrid.cases.core.audience import HELPING
from gisgrid.cases.core.precision import is_coarse
from gisgrid.cases.core.rules import CaseAction, CaseState
from gisgrid.cases.lists.order import CaseOrder
from web.i18n import gettext as _


def state_name(state: CaseState) -> str:
    """Where a case stands."""
    names = {
        CaseState.REPORTED: _("已上报"),
        CaseState.ACCEPTED: _("已受理"),
        CaseState.VERIFYING: _("核实中"),
        CaseState.FILED: _("已立案"),
        CaseState.DISPATCHED: _("已派遣"),
        CaseState.RECEIPTED: _("已签收"),
        CaseState.HANDLING: _("处置中"),
        CaseState.FEEDBACK: _("待反馈"),
        CaseState.CHECKING: _("核查中"),
        CaseState.RETURNED: _("已回退"),
        CaseState.SUSPENDED: _("已挂账"),
        CaseState.CLOSED: _("已结案"),
        CaseState.RATED: _("已评价"),
        CaseState.REJECTED: _("不予立案"),
        CaseState.VOID: _("已作废"),
    }
    return names[state]


def plain_state(state: CaseState) -> str:
    """Where a case stands, as one tells it to who reported it."""
    words = {
        CaseState.REPORTED: _("已收到,等待受理"),
        CaseState.ACCEPTED: _("已受理,正在安排"),
        CaseState.VERIFYING: _("正在核实情况"),
        CaseState.FILED: _("已立案,等待派人"),
        CaseState.DISPATCHED: _("已派人,等待接单"),
        CaseState.RECEIPTED: _("已有人接单"),
        CaseState.HANDLING: _("正在处理"),
        CaseState.FEEDBACK: _("已处理,等待反馈"),
        CaseState.CHECKING: _("已处理,正在核查"),
        CaseState.RETURNED: _("已退回社区,重新派人"),
        CaseState.SUSPENDED: _("暂时搁置,条件具备后继续"),
        CaseState.CLOSED: _("已办结"),
        CaseState.RATED: _("已办结,谢谢您的评价"),
        CaseState.REJECTED: _("没有立案"),
        CaseState.VOID: _("已作废"),
    }
    return words[state]


def told_step(action: str) -> str:
    """A line of a case's course for who reported it."""
    more = {"report": _("收到上报"), "photo": _("添加照片"), "me_too": _("又有人反映")}
    return more[action] if action in more else step_name(CaseAction(action))


def step_name(action: CaseAction) -> str:
    """What is done with a case."""
    names = {
        CaseAction.ACCEPT: _("受理"),
        CaseAction.VERIFY: _("送核实"),
        CaseAction.FILE: _("立案"),
        CaseAction.REJECT: _("不予立案"),
        CaseAction.CLAIM: _("认领"),
        CaseAction.ASSIGN: _("自动派遣"),
        CaseAction.DISPATCH: _("派遣"),
        CaseAction.RECEIPT: _("签收"),
        CaseAction.START: _("开始处置"),
        CaseAction.FINISH: _("处置完成"),
        CaseAction.FEEDBACK: _("反馈"),
        CaseAction.CHECK: _("送核查"),
        CaseAction.REWORK: _("返工"),
        CaseAction.CLOSE: _("结案"),
        CaseAction.RATE: _("评价"),
        CaseAction.REOPEN: _("重新办理"),
        CaseAction.RETURN: _("回退"),
        CaseAction.EXTEND: _("延期"),
        CaseAction.SUSPEND: _("挂账"),
        CaseAction.RESUME: _("恢复办理"),
        CaseAction.ESCALATE: _("提级"),
        CaseAction.SUPERVISE: _("督办"),
        CaseAction.VOID: _("作废"),
        CaseAction.DUPLICATE: _("标为重复"),
        CaseAction.INVOLVE: _("邀请协办"),
        CaseAction.RELEASE: _("取消协办"),
        CaseAction.CO_RECEIPT: _("协办签收"),
        CaseAction.CO_SIGN: _("协办办结"),
    }
    return names[action]


def order_names() -> list[tuple[str, str]]:
    """In which orders a list of cases can stand."""
    names = {
        CaseOrder.REPORTED: _("最新的在前"),
        CaseOrder.OLDEST: _("最早的在前"),
        CaseOrder.DUE: _("先到期的在前"),
        CaseOrder.SEVERITY: _("从急到缓"),
        CaseOrder.CATEGORY: _("按类别"),
        CaseOrder.STATE: _("按办理进度"),
        CaseOrder.ADDRESS: _("按地址"),
    }
    return [(order.value, word) for order, word in names.items()]


def errands_note() -> str:
    """What every report of organisations says, to whomever: no errand of a confidential case is in it."""
    return _("保密类别的交办不计入。")


def unlisted_note(look: Look | None) -> str | None:
    """What an account is told whose lists of cases leave out the confidential ones."""
    if look is not None and look.actor.role in HELPING:
        return _("保密类别的案件不列出。")
    return coarse_note(look)


def coarse_note(look: Look | None) -> str | None:
    """What an account is told that sees cases by their surroundings, but for single ones."""
    if look is None or not is_coarse(look):
        return None
    place = _("地点只到微网格和 100 米方格,说明只列已公开的;升级到街道的案件显示确切位置。")
    return place + left_out_of_lists(look.actor)


def left_out_of_lists(actor: Actor) -> str:
    """Which confidential cases the lists of a leader leave out."""
    if may(actor, Action.CASES_INSTRUCT):
        return _("保密类别的案件只列升级到街道的。")
    return _("保密类别的案件不列出。")
