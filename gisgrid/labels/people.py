"""Residents: consent, visits that ask for it, erasure, services, and how people live."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels
from gisgrid.labels.table import mark as _

PURPOSES: Final[Labels] = {
    "registration": _("住户信息登记"),
    "contact": _("电话联系与通知"),
    "elder_visits": _("老人探访"),
    "sensitive_needs": _("照护与救助需要"),
    "contracted_services": _("签约服务告知"),
}
CONSENT: Final[Labels] = {
    "granted": _("已同意"),
    "refused": _("不同意"),
    "withdrawn": _("已撤回同意"),
    "statutory_duty": _("依法登记"),
    "not_asked": _("还没有问过"),
}
"""What a household has answered to a purpose."""
CONSENT_ON_CARDS: Final[Labels] = {
    "granted": _("已登记"),
    "registered": _("已登记"),
    "not_registered": _("未登记"),
    "refused": _("不同意登记"),
    "withdrawn": CONSENT["withdrawn"],
    "statutory_duty": CONSENT["statutory_duty"],
}
"""Whether a household is registered; ``registered`` and ``not_registered`` where its answer isn't told."""
CONSENT_IN_FILES: Final[Labels] = {
    "granted": "同意",
    "refused": "拒绝",
    "withdrawn": "撤回",
    "statutory_duty": "法定职责",
    "not_asked": "未询问",
}
REQUEST_STATES: Final[Labels] = {
    "open": _("待回访"),
    "mediating": _("协调中"),
    "cooling": _("暂不打扰"),
    "granted": CONSENT["granted"],
    "ended": _("不再询问"),
}
REQUEST_OUTCOMES: Final[Labels] = {
    "not_met": _("没见到人"),
    "undecided": _("还没想好"),
    "mediation": _("请人协调"),
    "refused": CONSENT["refused"],
    "withdrawn": _("撤回同意"),
    "granted": _("同意"),
}
"""What came of a visit."""
MEDIATORS: Final[Labels] = {
    "neighbour": _("邻居"),
    "relative": _("亲属"),
    "building_steward": _("楼栋管家"),
    "party_member": _("党员骨干"),
    "committee": _("社区居委会"),
    "property": _("物业公司"),
    "police": _("社区民警"),
}
"""Who speaks with a household besides the member."""
ERASURE_STATES: Final[Labels] = {
    "asked": _("待办理"),
    "done": _("已删除"),
    "taken_back": _("申请人已撤回"),
    "declined": _("未同意"),
}
HOME_SERVICES: Final[Labels] = {
    "meals": _("助餐"),
    "cleaning": _("助洁"),
    "bathing": _("助浴"),
    "medical": _("助医"),
    "company": _("陪护"),
    "other": _("其他服务"),
}
CONTRACT_STATES: Final[Labels] = {
    "running": _("服务中"),
    "withheld": _("未同意告知,单位看不到"),
    "coming": _("还没开始"),
    "over": _("已结束"),
}
RESIDENCE: Final[Labels] = {
    "registered_here": _("户籍在册且常住"),
    "resident": _("常住,户籍在外"),
    "floating": _("流动(半年以下)"),
    "absent": _("人户分离"),
}
RESIDENCE_IN_FILES: Final[Labels] = {
    **RESIDENCE,
    "resident": "常住,户籍在外(半年以上)",
    "absent": "人户分离(户在人不在)",
}
"""As files write it, where it has to be filled in without a question."""
SEXES: Final[Labels] = {"m": _("男"), "f": _("女")}
VISITORS: Final[Labels] = {"worker": _("在岗人员"), "volunteer": _("志愿者"), "organisation": _("社会组织")}
