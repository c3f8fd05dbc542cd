"""Categories by whatever they are called elsewhere, and new ones made of another system's names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.cases.core.models import Category
from gisgrid.cases.core.rules import Severity
from gisgrid.errors import NotAllowed

_CODE_LIMIT: Final = 36
UNNAMED: Final = "未分类"
"""The category of a case whose file names none."""
IMPORTED_GROUP: Final = "导入"


def category_codes(session: Session) -> dict[str, str]:
    """Codes of categories by everything they are called, in one spelling (see `spelt`).

    Closed categories too: an old case may lie in one. An open one goes before it.
    """
    is_open = Category.closed_at.is_(None)
    rows = session.execute(select(Category.code, Category.name, Category.name_en).order_by(is_open)).all()
    return {spelt(name): row.code for row in rows for name in (row.name_en, row.name, row.code) if name}


def add_categories(
    session: Session, actor: Actor, names: Sequence[str], *, is_confidential: bool, at: datetime
) -> dict[str, str]:
    """Make categories by name and give their codes by spelling.

    Confidential ones wait for an administrator to open them.

    Raises
    ------
    NotAllowed
        They shall be open from the start, and the actor is not the command line.
    """
    require(actor, Action.CASES_IMPORT)
    if not is_confidential and not actor.sees_everything:
        raise NotAllowed("a new category is confidential until an administrator opens it")
    taken = set(session.scalars(select(Category.code)))
    last = session.scalar(select(func.coalesce(func.max(Category.position), 0))) or 0
    made: dict[str, str] = {}
    for position, name in enumerate(dict.fromkeys(names), last + 1):
        code = free_code(name, taken)
        taken.add(code)
        made[spelt(name)] = code
        session.add(
            Category(
                code=code,
                name=name,
                group=IMPORTED_GROUP,
                is_confidential=is_confidential,
                severity=Severity.BIG,
                position=position,
            )
        )
    session.flush()
    if made:
        record(session, actor, "categories:create", "category", now=at, count=len(made))
    return made


def spelt(name: str) -> str:
    """A category's name without case, width and blanks, in which two spellings are compared."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()


def free_code(name: str, taken: set[str]) -> str:
    """A code of at most 36 signs made of a name, which none of the others has."""
    plain = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", name).lower()).strip("-")[:_CODE_LIMIT]
    base, code, count = plain or "category", plain or "category", 1
    while code in taken:
        count += 1
        code = f"{base[: _CODE_LIMIT - len(str(count)) - 1]}-{count}"
    return code
