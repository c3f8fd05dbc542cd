"""Words for accounts, tokens and duties, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from gisgrid.access.models import Role
from gisgrid.access.tokens import ApiPart, TokenRow
from gisgrid.cases.core.case_state import Net
from gisgrid.cases.core.rules import Severity
from web.i18n import gettext as _


def role_name(role: Role) -> str:
    """A role in the reader's language."""
    names = {
        Role.ADMIN: _("系统管理员"),
        Role.HEAD: _("社区负责人"),
        Role.STAFF: _("网管员"),
        Role.MEMBER: _("网格员"),
        Role.GRID_LEADER: _("网格长"),
        Role.STEWARD: _("楼栋管家"),
        Role.LEADER: _("街道领导"),
        Role.PROPERTY: _("物业公司"),
        Role.ORG: _("社会组织"),
        Role.EVALUATOR: _("第三方评估"),
        Role.RESIDENT: _("居民"),
        Role.LOCAL: _("命令行"),
    }
    return names[role]


def part_name(part: ApiPart) -> str:
    """A part of the interface that a token may be limited to."""
    names = {
        ApiPart.MAPS: _("地图与统计"),
        ApiPart.PEOPLE: _("住户与走访"),
        ApiPart.CASES: _("案件"),
        ApiPart.PLANS: _("网格划分"),
        ApiPart.ADMIN: _("管理与导入"),
    }
    return names[part]


def severity_name(severity: str) -> str:
    """How urgent the cases of a category are."""
    names = {
        Severity.SMALL: _("小事"),
        Severity.BIG: _("大事"),
        Severity.HARD: _("难事"),
        Severity.EMERGENCY: _("紧急"),
    }
    return names[Severity(severity)]


def net_name(net: str) -> str:
    """Which of the two nets a case belongs to."""
    return {Net.MANAGEMENT: _("管理网"), Net.SERVICE: _("服务网")}[Net(net)]


def token_state(row: TokenRow, at: datetime) -> tuple[str, str]:
    """Whether a token works: a class for the page and a word."""
    if row.revoked_at is not None:
        return "no", _("已停用")
    return ("no", _("已到期")) if row.expires_at <= at else ("yes", _("有效"))


class ShownToken(TypedDict):
    """A token as a page lists it."""

    id: str
    label: str
    created_at: datetime
    expires_at: datetime
    state: str
    state_name: str
    works: bool
    may: str
    parts: list[str]


def told_token(row: TokenRow, at: datetime) -> ShownToken:
    """A token as a page lists it."""
    state, word = token_state(row, at)
    parts = [part_name(part) for part in row.scope.parts]
    return {
        "id": row.id,
        "label": row.label,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "state": state,
        "state_name": word,
        "works": state == "yes",
        "may": _("读写") if row.scope.may_write else _("只读"),
        "parts": parts or [_("全部接口")],
    }
