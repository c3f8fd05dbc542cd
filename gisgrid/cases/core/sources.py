"""By which channel a case came. Another system's name stands as it is; these are known by words."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

from gisgrid.labels.cases import SOURCE_SYNONYMS, SOURCES
from gisgrid.labels.table import accepted


class CaseSource(StrEnum):
    """The channels that have a word of their own."""

    PATROL = "patrol"
    RESIDENT = "resident"
    PROPERTY = "property"
    WEB = "web"
    HOTLINE = "hotline"
    LINE_12345 = "12345"
    PETITION = "petition"
    LOCAL_ONLINE = "local_online"
    WECHAT = "wechat"
    OPEN311 = "open311"
    IMPORT = "import"


TOLD_BY_PEOPLE: Final = frozenset(
    {
        CaseSource.LINE_12345,
        CaseSource.PETITION,
        CaseSource.HOTLINE,
        CaseSource.WECHAT,
        CaseSource.LOCAL_ONLINE,
    }
)
"""Channels in whose texts people leave their numbers: those are masked before anything is kept."""
_OWN: Final = frozenset({CaseSource.WEB, CaseSource.OPEN311, CaseSource.IMPORT})
"""Channels of our own, which no other system names by a word."""


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


_BY_WORD: Final = {
    _plain(word): code for word, code in accepted(SOURCES, SOURCE_SYNONYMS).items() if code not in _OWN
}


def source_of(text: str) -> str:
    """The code of a channel that is called by a word; anything else as it stands.

    >>> source_of("网络问政平台"), source_of("DC311")
    ('petition', 'DC311')
    """
    return _BY_WORD.get(_plain(text), text)
