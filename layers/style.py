"""Colours, classes and the words of a legend.

Ramps are the sequential YlOrRd and Blues and the diverging PuOr of ColorBrewer (Harrower and Brewer 2003),
all readable with the common kinds of colour blindness. The browser draws with the same rules
(``web/static/map/classes.js``); a test holds both together.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from gisgrid.errors import InvalidInput

YL_OR_RD: Final = ("#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026")
BLUES: Final = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")
PU_OR: Final = ("#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#e66101")

TERRITORIES: Final = (
    "#332288",
    "#88ccee",
    "#117733",
    "#ddcc77",
    "#cc6677",
    "#44aa99",
    "#882255",
    "#f0eb4b",
    "#aa4499",
    "#e66101",
    "#4b4bf0",
    "#f5b5c8",
)
"""Twelve colours told apart in hue and lightness; the name is written on each area as well."""

_EXACT: Final = Context(prec=400)
"""Enough digits for any double."""
NO_BOUND: Final = -1e9
"""Stands for the lower bound of a class that has none."""
NO_CASES: Final = "#ffffff"
"""Where nothing happened there is no colour, and no hatch either: it is known to be nothing."""
NO_DATA: Final = "#e3e6ea"
TOO_FEW: Final = "#ffffff"
"""Drawn with a hatch as well: a withheld number must not look like a small one."""

CONDITION: Final = {"A": "#2166ac", "B": "#92c5de", "C": "#f4a582", "D": "#b2182b"}
"""Building condition from A (sound) to D (dangerous), blue to red by lightness too."""

BUILT: Final = {"1980": "#8c2d04", "2000": "#d94801", "2010": "#fdae6b", "9999": "#fee6ce"}
"""Year before which a building was finished → colour; the darker, the older."""


WORDS: Final = {
    "no_data": "no data",
    "empty": "no cases",
    "few": "too few to tell",
    "withheld": "not shown",
    "no_elders": "no elders",
    "nobody": "nobody",
    "overdue": "overdue",
    "open": "open",
    "new": "not filed or dispatched yet",
    "given": "dispatched",
    "handling": "being handled",
    "judged": "waiting for feedback or checking",
    "suspended": "suspended",
    "ended": "closed",
    "small": "small",
    "big": "big",
    "hard": "hard",
    "emergency": "emergency",
    "station": "station",
    "reach": "reached on foot",
    "other": "other facilities",
    "less": "less",
    "more": "more",
}
"""What the legend of a layer with data says beside its classes, in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """The words of a legend; the classes and figures are added in the browser from the data.

    ``title`` says what is drawn, ``unit`` of what, ``notes`` how to read it. All are interface text.
    ``words`` replaces some of ``WORDS`` where a layer draws data of its own.
    """

    title: str
    unit: str
    notes: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """What stands for one of the names of ``WORDS``."""
        return self.words.get(name, WORDS[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """Colours from low to high with the way classes are made; fixed breaks win over made ones.

    ``is_change`` says that values are differences: the script makes their classes around no change.
    """

    colours: tuple[str, ...]
    digits: int = 0
    breaks: tuple[float, ...] = ()
    is_change: bool = False
    no_data: str = NO_DATA
    too_few: str = TOO_FEW


def class_breaks(values: Iterable[float | None], classes: int = 5, *, digits: int = 0) -> list[float]:
    """Gives lower bounds of half-open classes, each holding about as many values as the next.

    Class ``i`` is ``breaks[i] <= value < breaks[i+1]``; the last has no upper bound. Missing and infinite
    values count for nothing. Few different values give one class each, equal values one class, no values
    none: a small community gets a legend too.

    Parameters
    ----------
    values
        Counts or rates, in any order.
    classes
        The most classes wanted, at least 1.
    digits
        Decimals of the bounds, as :func:`rounded`, so that the legend says exactly what is drawn.
    """
    if classes < 1:
        raise InvalidInput("A legend needs at least one class.")
    shown = sorted(rounded(value, digits) for value in values if value is not None and math.isfinite(value))
    distinct = sorted(set(shown))
    if len(distinct) <= classes:
        return distinct
    picked = {shown[(rank * len(shown)) // classes] for rank in range(classes)}
    return sorted(picked)


def change_breaks(values: Iterable[float | None]) -> list[float]:
    """Lower bounds of five classes of a change: much less, less, the same, more, much more.

    "Much" is a third of the largest change, at least 2, so that the same rule serves a grid with ten cases
    and a compound with a thousand. Values are whole numbers; the first class has no lower bound.
    """
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    step = float(max(2, math.ceil(max(known, default=0) / 3)))
    return [NO_BOUND, 1.0 - step, 0.0, 1.0, step]


def class_name(index: int, breaks: Sequence[float], *, digits: int = 0) -> str:
    """What a half-open class is called: whole numbers as "3 – 6", others as "1.5 – <3.0"."""
    low, high = breaks[index], breaks[index + 1] if index + 1 < len(breaks) else None
    if high is None:
        return f"≥ {number_text(low, digits)}"
    if low <= NO_BOUND:
        return f"< {number_text(high, digits)}" if digits else f"≤ {number_text(high - 1)}"
    if digits:
        return f"{number_text(low, digits)} – <{number_text(high, digits)}"
    return number_text(low) if high - low == 1 else f"{number_text(low)} – {number_text(high - 1)}"


def number_text(value: float, digits: int = 0) -> str:
    """A number with thousands marks and a true minus, as our pages write it."""
    return f"{rounded(value, digits):,.{digits}f}".replace("-", "−")


def class_of(value: float | None, breaks: Sequence[float], *, digits: int = 0) -> int | None:
    """Gives the number of the class in which a value lies as it is shown, or nothing for a missing one.

    What is shown has so many ``digits``, rounded by :func:`rounded`; a value below the first bound belongs
    to the first class.
    """
    if value is None or not math.isfinite(value) or not breaks:
        return None
    return max(0, bisect_right(breaks, rounded(value, digits)) - 1)


def rounded(value: float, digits: int) -> float:
    """Gives the figure as it is shown: half up by its decimal digits, so that 0.45 is 0.5."""
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP, context=_EXACT))


def colours_for(ramp: Sequence[str], classes: int) -> list[str]:
    """Gives so many colours of a ramp, spread over it; one class gets the middle colour.

    Raises
    ------
    InvalidInput
        When more classes are asked for than the ramp has colours.
    """
    if classes > len(ramp):
        raise InvalidInput(f"A ramp of {len(ramp)} colours can't show {classes} classes.")
    if classes <= 1:
        return [ramp[len(ramp) // 2]][:classes]
    step = (len(ramp) - 1) / (classes - 1)
    return [ramp[math.floor(index * step + 0.5)] for index in range(classes)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaStyle:
    """How areas are drawn: one ramp per measure, and how much of the ground shines through."""

    ramps: Mapping[str, Ramp] = field(default_factory=dict)
    fill_opacity: float = 0.75
