"""By which channel a case came. Another system's name stands as it is; these are known by words."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final


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
_WORDS: Final = {
    CaseSource.PATROL: ("巡查", "网格巡查", "网格员巡查", "巡查发现"),
    CaseSource.RESIDENT: ("居民", "居民上报", "群众上报"),
    CaseSource.PROPERTY: ("物业", "物业上报", "物业公司"),
    CaseSource.HOTLINE: ("热线", "服务热线", "服务热线电话", "社区热线"),
    CaseSource.LINE_12345: (
        "12345热线",
        "12345政府服务热线",
        "12345政务服务便民热线",
        "12345市民热线",
        "12345平台",
    ),
    CaseSource.PETITION: ("网络问政", "网络问政平台", "问政", "网络问政平台服务"),
    CaseSource.LOCAL_ONLINE: ("鼎鼎有民",),
    CaseSource.WECHAT: ("微信", "微信群"),
}
_BY_WORD: Final = {word: source for source, words in _WORDS.items() for word in words}


def source_of(text: str) -> str:
    """The code of a channel that is called by a word; anything else as it stands.

    >>> source_of("网络问政平台"), source_of("DC311")
    ('petition', 'DC311')
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return str(_BY_WORD.get(plain, text))
