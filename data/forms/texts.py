"""Texts of a workbook by language: columns like ``label`` and ``label::English (en)``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from data.forms.sheets import FormSheetRow

OWN: Final = "zh"
"""The language of a column that names none."""
_LANGUAGE: Final = re.compile(r"\(([a-z]{2,3}(?:-[a-z0-9]+)*)\)\s*$")
_KNOWN: Final = {"中文": "zh", "chinese": "zh", "english": "en", "英文": "en", "default": OWN}
TEXTS: Final = ("label", "hint", "required_message", "constraint_message")


def language_of(words: str) -> str:
    """The code of a language as a column names it.

    >>> language_of("English (en)"), language_of("中文"), language_of("fr")
    ('en', 'zh', 'fr')
    """
    plain = words.strip().casefold()
    if match := _LANGUAGE.search(plain):
        return match[1]
    return _KNOWN.get(plain, plain[:20])


def texts_of(row: FormSheetRow, name: str) -> Mapping[str, str]:
    """A text of a row by language."""
    texts = {}
    for column, text in row.cells.items():
        base, _, language = column.partition("::") if "::" in column else column.partition(":")
        if base.strip() == name and text.strip():
            texts[language_of(language) if language else OWN] = text.strip()
    return texts


def languages_of(rows: Iterable[FormSheetRow]) -> tuple[str, ...]:
    """The languages that any text of some rows has, our own first."""
    codes: dict[str, None] = {}
    for row in rows:
        for name in TEXTS:
            codes.update(dict.fromkeys(texts_of(row, name)))
    return tuple(sorted(codes, key=lambda code: (code != OWN, code))) or (OWN,)
