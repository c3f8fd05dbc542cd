"""The class of a work order of the hotline, in the words of the files it comes in."""

from __future__ import annotations

from typing import Final

from data.importers.kinds.fields import spelt, word_options
from data.importers.values.values import choice
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.cases.intake.hotline import HOTLINE_WORDS, refuse_class

_ALSO: Final = {
    **dict.fromkeys(
        ("特急", "危急", "紧急", "危及生命财产", "紧急诉求", "紧急(危及生命财产安全)"), HotlineClass.EMERGENCY
    ),
    **dict.fromkeys(
        ("水电气热", "水电气暖", "水,电,气,热", "供水供电供气供热", "utilities"), HotlineClass.SUPPLY
    ),
    **dict.fromkeys(("一般", "普通"), HotlineClass.GENERAL),
    **dict.fromkeys(("疑难", "复杂", "疑难复杂", "复杂疑难", "复杂诉求"), HotlineClass.COMPLEX),
}
_OPTIONS: Final = {
    word: HotlineClass(code) for word, code in {**word_options(HOTLINE_WORDS), **_ALSO}.items()
}
_WANTED: Final = ", ".join(HOTLINE_WORDS)


def class_of(text: str, source: str) -> HotlineClass | None:
    """The class a word stands for (``水电气热``, ``general``); nothing for an empty one.

    Raises
    ------
    InvalidInput
        The word is no class, or the case came by another channel.
    """
    found = choice(spelt(text), _OPTIONS, wanted=_WANTED)
    refuse_class(source, found)
    return found
