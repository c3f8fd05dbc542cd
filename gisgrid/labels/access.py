"""Accounts, and what a token may be limited to."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels
from gisgrid.labels.table import mark as _

ROLES: Final[Labels] = {
    "admin": _("系统管理员"),
    "head": _("社区负责人"),
    "staff": _("网管员"),
    "member": _("网格员"),
    "grid_leader": _("网格长"),
    "steward": _("楼栋管家"),
    "leader": _("街道领导"),
    "property": _("物业公司"),
    "org": _("社会组织"),
    "evaluator": _("第三方评估"),
    "resident": _("居民"),
    "local": _("命令行"),
}
API_PARTS: Final[Labels] = {
    "maps": _("地图与统计"),
    "people": _("住户与走访"),
    "cases": _("案件"),
    "plans": _("网格划分"),
    "admin": _("管理与导入"),
}
