"""Tokens as pages list them, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from gisgrid.access.tokens import TokenRow
from gisgrid.labels.access import API_PARTS
from web.i18n import gettext as _
from web.i18n import label


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


def token_row(row: TokenRow, at: datetime) -> ShownToken:
    """A token as a page lists it."""
    state, word = _state(row, at)
    parts = [label(API_PARTS, part) for part in row.scope.parts]
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


def _state(row: TokenRow, at: datetime) -> tuple[str, str]:
    """Whether a token works: a class for the page and a word."""
    if row.revoked_at is not None:
        return "no", _("已停用")
    return ("no", _("已到期")) if row.expires_at <= at else ("yes", _("有效"))
