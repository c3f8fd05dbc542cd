"""Residents: consent, visits that ask for it, erasure, services, and how people live."""

from __future__ import annotations

from typing import Final

from gisgrid.labels import audit
from gisgrid.labels.table import N_, Labels

PURPOSES: Final[Labels] = {
    "registration": N_("住户信息登记"),
    "contact": N_("电话联系与通知"),
    "elder_visits": N_("老人探访"),
    "sensitive_needs": N_("照护与救助需要"),
    "contracted_services": N_("签约服务告知"),
    "visit_notes": N_("走访记录"),
}
CONSENT: Final[Labels] = {
    "granted": N_("已同意"),
    "refused": N_("不同意"),
    "withdrawn": N_("已撤回同意"),
    "statutory_duty": N_("依法登记"),
    "not_asked": N_("还没有问过"),
}
"""What a household has answered to a purpose."""
CONSENT_ON_CARDS: Final[Labels] = {
    "granted": N_("已登记"),
    "registered": N_("已登记"),
    "not_registered": N_("未登记"),
    "refused": N_("不同意登记"),
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
    "open": N_("待回访"),
    "mediating": N_("协调中"),
    "cooling": N_("暂不打扰"),
    "granted": CONSENT["granted"],
    "ended": N_("不再询问"),
}
REQUEST_OUTCOMES: Final[Labels] = {
    "not_met": N_("没见到人"),
    "undecided": N_("还没想好"),
    "mediation": N_("请人协调"),
    "refused": CONSENT["refused"],
    "withdrawn": N_("撤回同意"),
    "granted": N_("同意"),
}
"""What came of a visit."""
MEDIATORS: Final[Labels] = {
    "neighbour": N_("邻居"),
    "relative": N_("亲属"),
    "building_steward": N_("楼栋管家"),
    "party_member": N_("党员骨干"),
    "committee": N_("社区居委会"),
    "property": N_("物业公司"),
    "police": N_("社区民警"),
}
"""Who speaks with a household besides the member."""
REGISTER_FIELDS: Final[Labels] = {
    code: word for code, word in audit.DATA.items() if code.startswith(("household.", "person."))
}
"""What each field of the register is called, as the trail calls it."""
DOORS: Final[Labels] = {
    "verified": N_("已核实"),
    "to_verify": N_("待核实"),
    "nobody_met": REQUEST_OUTCOMES["not_met"],
    "refused": CONSENT_ON_CARDS["refused"],
    "empty": N_("空置"),
}
"""What is to be done at a door."""
DOOR_NOTES: Final[Labels] = {
    "moved_in": N_("有人搬来"),
    "moved_out": N_("有人搬走"),
    "empty": N_("空着"),
}
"""What a steward saw at a door."""
DOOR_OUTCOMES: Final[Labels] = {
    "registered": N_("已改登记"),
    "as_known": N_("与登记一致"),
    "wrong": N_("看错了"),
}
"""What came of it."""
LIKENESS: Final[Labels] = {"name_and_birth": N_("同名同生日"), "phone": N_("两户同一电话")}
"""What two people have in common who may be one."""
ERASURE_STATES: Final[Labels] = {
    "asked": N_("待办理"),
    "done": N_("已删除"),
    "taken_back": N_("申请人已撤回"),
    "declined": N_("未同意"),
}
HOME_SERVICES: Final[Labels] = {
    "meals": N_("助餐"),
    "cleaning": N_("助洁"),
    "bathing": N_("助浴"),
    "medical": N_("助医"),
    "company": N_("陪护"),
    "other": N_("其他服务"),
}
CONTRACT_STATES: Final[Labels] = {
    "running": N_("服务中"),
    "withheld": N_("未同意告知,单位看不到"),
    "coming": N_("还没开始"),
    "over": N_("已结束"),
}
RESIDENCE: Final[Labels] = {
    "registered_here": N_("户籍在册且常住"),
    "resident": N_("常住,户籍在外"),
    "floating": N_("流动(半年以下)"),
    "absent": N_("人户分离"),
}
RESIDENCE_IN_FILES: Final[Labels] = {
    **RESIDENCE,
    "resident": "常住,户籍在外(半年以上)",
    "absent": "人户分离(户在人不在)",
}
"""As files write it, where it has to be filled in without a question."""
SEXES: Final[Labels] = {"m": N_("男"), "f": N_("女")}
VISITORS: Final[Labels] = {
    "worker": N_("在岗人员"),
    "volunteer": N_("志愿者"),
    "organisation": N_("社会组织"),
}
