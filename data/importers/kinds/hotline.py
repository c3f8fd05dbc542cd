"""The class of a work order of the hotline, in the words of the files it comes in."""

from __future__ import annotations

from typing import Final

from data.importers.kinds.fields import spelt, word_options
from data.importers.values.values import choice
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.cases.intake.hotline import refuse_class
from gisgrid.labels.cases import HOTLINE_CLASSES, HOTLINE_SYNONYMS
from gisgrid.labels.table import accepted

_OPTIONS: Final = {
    word: HotlineClass(code)
    for word, code in word_options(accepted(HOTLINE_CLASSES, HOTLINE_SYNONYMS)).items()
}
_WANTED: Final = ", ".join(HOTLINE_CLASSES.values())


def class_of(text: str, source: str) -> HotlineClass | None:
    """The class a word stands for (``水电气热``, ``general``); nothing for an empty one.

    Raises
    ------
    InvalidInput
        The word is no class, or the case came by another channel.
    """
    chosen = choice(spelt(text), _OPTIONS, wanted=_WANTED)
    refuse_class(source, chosen)
    return chosen
