"""A choice over facts in words: 年龄 ≥ 80 且 (独居 或 空巢)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gisgrid.errors import InvalidInput
from gisgrid.forms.expressions.nodes import Expression, parts_of
from gisgrid.forms.expressions.parser import parse
from gisgrid.labels.tasks import FACT_WORDS
from web.i18n import gettext as _
from web.i18n import label

_SIGNS: Final[Mapping[str, str]] = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def words_of(who: str | None) -> str:
    """An expression in the reader's words; whoever is of the kind where there is none."""
    if who is None:
        return _("全部")
    try:
        return _words(parse(who))
    except InvalidInput:
        return who


def _words(node: Expression) -> str:
    kind, parts = node[0], parts_of(node)
    if kind == "and":
        return _(" 且 ").join(_within(part) for part in parts)
    if kind == "or":
        return _(" 或 ").join(_within(part) for part in parts)
    if kind == "ref":
        return label(FACT_WORDS, str(node[1])) if node[1] in FACT_WORDS else str(node[1])
    if kind == "call":
        return _("除了({what})").format(what="、".join(_words(part) for part in parts))
    if kind in _SIGNS:
        return f" {_SIGNS[str(kind)]} ".join(_words(part) for part in parts)
    return f"{node[1]:g}" if isinstance(node[1], float | int) else str(node[1])


def _within(node: Expression) -> str:
    return f"({_words(node)})" if node[0] in {"and", "or"} else _words(node)
