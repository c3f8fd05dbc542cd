"""Elders to visit and needs: how it stands with the next visit, and what needs are called."""

from __future__ import annotations

from typing import Final

from gisgrid.labels import people
from gisgrid.labels.table import N_, Labels

ELDER_STATES: Final[Labels] = {
    "overdue": N_("已逾期"),
    "soon": N_("一周内要去"),
    "later": N_("还没到时候"),
    "no_rule": N_("没有定期探访"),
    "not_asked": N_("还没问过是否同意探访"),
    "refused": N_("未同意探访,不安排"),
}
SERVERS: Final[Labels] = {
    "member": N_("在岗人员"),
    "volunteer": N_("志愿者"),
    "organisation": N_("社会组织"),
    "property": N_("物业"),
    "station": N_("服务站点"),
}
"""Who serves a need."""
MET: Final[Labels] = {"met": N_("见到本人"), "not_met": people.REQUEST_OUTCOMES["not_met"]}
"""Whether somebody was met at a visit."""
NEED_KINDS: Final[Labels] = {
    code.removeprefix("person.need."): word
    for code, word in people.REGISTER_FIELDS.items()
    if code.startswith("person.need.")
}
"""What each kind of need is called, as on the card."""
