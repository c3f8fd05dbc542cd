"""Accounts, and what a token may be limited to."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

ROLES: Final[Labels] = {
    "admin": N_("系统管理员"),
    "head": N_("社区负责人"),
    "staff": N_("网管员"),
    "member": N_("网格员"),
    "grid_leader": N_("网格长"),
    "steward": N_("楼栋管家"),
    "leader": N_("街道领导"),
    "property": N_("物业公司"),
    "org": N_("社会组织"),
    "evaluator": N_("第三方评估"),
    "resident": N_("居民"),
    "local": N_("命令行"),
}
API_PARTS: Final[Labels] = {
    "maps": N_("地图与统计"),
    "people": N_("住户与走访"),
    "cases": N_("案件"),
    "plans": N_("网格划分"),
    "admin": N_("管理与导入"),
}
