"""What a table of labels is: a word by each code of an enumeration, and what files may write for it.

A word is Chinese, as all texts of the interface; the web tells it in English by its catalogue. Tables are
keyed by the codes themselves, so that they stand below the rooms that define these, and all may read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Labels = Mapping[str, str]
Synonyms = Mapping[str, tuple[str, ...]]
_NONE: Final[Synonyms] = MappingProxyType({})


def N_(text: str) -> str:  # noqa: N802 - the name by which catalogues find such texts
    """A text for the catalogues that is told later, in the language of whoever reads it then."""
    return text


def accepted(labels: Labels, synonyms: Synonyms = _NONE) -> dict[str, str]:
    """The code by each word that stands for it: the label, and behind it what else is written for it.

    >>> accepted({"m": "男", "f": "女"}, {"f": ("女性",)})
    {'男': 'm', '女': 'f', '女性': 'f'}
    """
    return {word: code for code, label in labels.items() for word in (label, *synonyms.get(code, ()))}
