"""Addresses: the standard text, what people type, and keys to find a building by.

A standard address is compound, building, unit, room (小区-楼栋-单元-室). A typed one is read into the same
four parts; where it can be read in several ways the readings come in order of likelihood. Keys are plain
text for ``LIKE``: nothing here knows a database, and no key is ever made of a person's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, product
from typing import Final, cast

from gisgrid.errors import InvalidInput

LIKE_ESCAPE: Final = "\\"
"""To be named in SQL: ``LIKE :pattern ESCAPE '\\'``."""

_MAX_VARIANTS: Final = 8
_REMEMBERED: Final = 4096
_PINYIN_LIMIT: Final = 600
_INITIALS_LIMIT: Final = 120
_TYPED_LIMIT: Final = 200
_UNIT_DIGITS: Final = 2
_ORDER: Final = ("building", "unit", "room")

_NUMERALS: Final = "〇零一二两三四五六七八九十百"
_DIGITS: Final = {**{char: n for n, char in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_NUMERAL_BEFORE_LABEL: Final = re.compile(rf"[{_NUMERALS}]+(?=(?:号楼|幢|栋|座|单元|层|室))")
_NUMERAL_AT_END: Final = re.compile(rf"(?<=[幢栋座元楼层])[{_NUMERALS}]+$")

_NUMBER: Final = r"[0-9]+[a-z]?"
_BUILDING: Final = rf"(?:{_NUMBER}|(?<![a-z])[a-z][0-9]*)"
_PARTS: Final = re.compile(
    rf"(?P<compound>.*?)[-\s]*"
    rf"(?:第?(?P<building>{_BUILDING})(?:号楼|号幢|幢|栋|座|楼|#楼?|号(?=[-\s]*[0-9])))?[-\s]*"
    rf"(?:第?(?P<unit>{_NUMBER})(?:单元|门))?[-\s]*"
    rf"(?:[0-9]+[层楼])?[-\s]*"
    rf"(?P<numbers>(?:{_NUMBER})(?:[-\s]+(?:{_NUMBER})){{0,2}})?(?P<mark>室|户|房|号)?"
)
_TOWN: Final = re.compile(r"(?:.{2,3}省)?.{2,4}市(?:.{1,3}[区县])?(?=.*\D)")
_NEIGHBOURHOOD: Final = re.compile(r".*(?:街道|社区|居委会)(?=[^\d\s-])")

_OTHER_READINGS: Final = {
    "朝": ("chao", "zhao"),
    "长": ("chang", "zhang"),
    "厦": ("sha", "xia"),
    "乐": ("le", "yue"),
    "行": ("hang", "xing"),
    "重": ("chong", "zhong"),
    "都": ("du", "dou"),
    "单": ("dan", "shan"),
    "六": ("liu", "lu"),
    "堡": ("bao", "pu"),
    "泊": ("bo", "po"),
    "弄": ("long", "nong"),
    "车": ("che", "ju"),
    "圩": ("wei", "xu"),
    "角": ("jiao", "jue"),
    "巷": ("xiang", "hang"),
    "幢": ("zhuang", "chuang"),
    "会": ("hui", "kuai"),
    "柏": ("bai", "bo"),
    "翟": ("zhai", "di"),
}
"""Characters common in names of places that are read in two ways; a key holds both."""

_TYPED_OTHERWISE: Final = {"lv": ("lu",), "nv": ("nu",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressParts:
    """The parts of an address. ``None`` is not given; numbers are text, since there is a 12A."""

    compound: str = ""
    building: str | None = None
    unit: str | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressQuery(AddressParts):
    """One reading of what somebody typed. Latin text is in lower case, letters of numbers in upper case.

    ``is_open``: the last number stood without a label and may not be typed to its end yet.
    """

    is_open: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns to look in: Latin text may be pinyin, initials or a name in letters."""
        if self.compound and self.compound.isascii():
            return ("search_pinyin", "search_initials", "search_text")
        return ("search_text",)

    @property
    def building_pattern(self) -> str | None:
        """``LIKE`` pattern for a key of :func:`search_keys`; ``None`` where no building is asked for."""
        is_last = self.unit is None and self.room is None
        slot = (
            ""
            if self.building is None
            else f"-{_pattern(_slot(self.building), is_open=self.is_open and is_last)}-"
        )
        name = escape_like(self.compound)
        return f"%{name}%{slot}" if name else (f"%{slot}" if slot else None)

    @property
    def room_pattern(self) -> str | None:
        """``LIKE`` pattern for a room; ``None`` where no room is asked for."""
        return None if self.room is None else _pattern(self.room, is_open=self.is_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchKeys:
    """Keys of a building, each ``name-building-``; several spellings of a name stand side by side."""

    text: str
    pinyin: str
    initials: str


def standard_address(parts: AddressParts) -> str:
    """The standard text of an address: ``幸福苑12幢2单元301室``.

    Numbers get their labels; a building or a room with a name of its own keeps it (``综合楼``).

    Raises
    ------
    InvalidInput
        Neither compound nor building is given.
    """
    if not parts.compound and not parts.building:
        raise InvalidInput("an address needs a compound or a building", field="address")
    labelled = [(parts.building, "幢"), (parts.unit, "单元"), (parts.room, "室")]
    return parts.compound + "".join(_labelled(part, label) for part, label in labelled if part)


def parse_address(text: str) -> AddressQuery:
    """The likeliest reading of a typed address; see :func:`readings`."""
    return readings(text)[0]


def readings(text: str) -> tuple[AddressQuery, ...]:
    """The ways to read a typed address, likeliest first; all may be looked for at once.

    Taken are full-width signs, spaces, dashes, ``12幢2单元301``, ``12-2-301``, ``12号楼``, ``12#``,
    ``三单元``, a floor (left out), town and community in front, pinyin and initials (``xfy12-2-301``).
    Two bare numbers are building and room, unit and room, or building and unit; one is a building or a
    room. Empty text gives one empty reading.

    Raises
    ------
    InvalidInput
        The text is longer than an address can be.
    """
    typed = normalise(text)
    if len(typed) > _TYPED_LIMIT:
        raise InvalidInput("an address has at most 200 characters", field="q")
    queries = [reading for version in _versions(typed) for reading in _read(version)]
    return tuple(dict.fromkeys(queries))


def normalise(text: str) -> str:
    """Text with one spelling: half-width, lower case, plain letters, one kind of dash, Arabic numbers.

    ü becomes v, as it is typed; other accents go. Chinese numerals become Arabic only before a label
    (三单元), never inside a name (三里屯).
    """
    return _with_arabic(_one_spelling(text))


def building_key(compound: str, building: str | None) -> str:
    """The text key of a building, as :func:`search_keys` has it: one spelling for all that mean the same."""
    slot = _slot(building or "")
    # A building with a name of its own is asked for like a compound: 幸福苑综合楼.
    own_name = "" if slot.isascii() else slot
    return f"{_squeezed(normalise(compound))}{own_name}-{slot}-"


def search_keys(compound: str, building: str | None) -> SearchKeys:
    """The keys of a building: its text, its pinyin without tones, and the initials of its pinyin.

    Names with characters of two readings get a key with each (朝阳: zhaoyang, chaoyang). Keys fit the
    columns they are stored in; spellings that don't fit any more are left out.
    """
    slot = _slot(building or "")
    # A building with a name of its own is asked for like a compound: 幸福苑综合楼.
    own_name = "" if slot.isascii() else slot
    spoken = _all_spellings(_squeezed(_one_spelling(compound)) + own_name)
    latin_slot = "".join(next(iter(_all_spellings(slot)), ()))
    whole = ["".join(syllables) for syllables in spoken]
    short = ["".join(syllable[:1] for syllable in syllables) for syllables in spoken]
    return SearchKeys(
        text=building_key(compound, building),
        pinyin=_joined(whole, latin_slot, limit=_PINYIN_LIMIT),
        initials=_joined(short, latin_slot, limit=_INITIALS_LIMIT),
    )


def escape_like(text: str) -> str:
    """Text that means itself inside a ``LIKE`` pattern with :data:`LIKE_ESCAPE`."""
    return re.sub(r"([\\%_])", r"\\\1", text)


class _Unmarked(dict[int, str]):
    """Signs without accents, looked up once each, for ``str.translate``."""

    def __missing__(self, sign: int) -> str:
        letter = self[sign] = "" if unicodedata.combining(chr(sign)) else chr(sign)
        return letter


_UNMARKED: Final = _Unmarked()
_GAPS: Final = re.compile(r"[\s-]+")
_HYPHEN_IN_NUMBER: Final = re.compile(r"(?<=[0-9])-(?=[0-9])")
_U_UMLAUT: Final = re.compile("[üǖǘǚǜ]|u:")
_DASHES: Final = re.compile(r"[‐‑‒–—―−~_/、-]+")
_BREAKS: Final = re.compile(r"[\s,。,.;;:()\[\]\"'·]+")
# Between Chinese characters a space says nothing; between numbers it parts them.
_IDLE_SPACE: Final = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])|(?<=[0-9a-z#]) (?=[^\x00-\x7f])")


def _one_spelling(text: str) -> str:
    plain = _U_UMLAUT.sub("v", unicodedata.normalize("NFKC", text).lower())
    plain = unicodedata.normalize("NFD", plain).translate(_UNMARKED)
    plain = _BREAKS.sub(" ", _DASHES.sub("-", plain)).strip(" -")
    return _IDLE_SPACE.sub("", plain)


def _with_arabic(plain: str) -> str:
    plain = _NUMERAL_BEFORE_LABEL.sub(lambda numeral: _arabic(numeral[0]), plain)
    return _NUMERAL_AT_END.sub(lambda numeral: _arabic(numeral[0]), plain)


def _versions(typed: str) -> tuple[str, ...]:
    """The text as typed, and without town and community in front where these are named."""
    short = _TOWN.sub("", typed, count=1) if _TOWN.match(typed) else typed
    short = _NEIGHBOURHOOD.sub("", short, count=1)
    return tuple(dict.fromkeys([typed, short.strip(" -") or typed]))


def _read(typed: str) -> Iterator[AddressQuery]:
    parts = _PARTS.fullmatch(typed)
    if parts is None or (parts["mark"] and not parts["numbers"]):
        yield AddressQuery(compound=_squeezed(typed))
        return
    query = AddressQuery(
        compound=_squeezed(parts["compound"]), building=_plain(parts["building"]), unit=_plain(parts["unit"])
    )
    numbers = tuple(re.split(r"[-\s]+", parts["numbers"])) if parts["numbers"] else ()
    is_marked = parts["mark"] is not None
    if parts["mark"] == "号" and query.building is None and query.unit is None and _is_house(numbers):
        yield AddressQuery(compound=_squeezed(typed))
        if len(numbers) == 1:
            yield replace(query, building=_plain(numbers[0]))
        return
    placed = tuple(_placed(query, numbers, is_marked=is_marked))
    # Rooms from one to another stay one text: 301-305室.
    yield from placed or (replace(query, room="-".join(numbers).upper()),)
    if len(numbers) == 1 and parts["compound"] and typed == parts["compound"] + numbers[0]:
        # The number may belong to the name: 阳光100.
        yield AddressQuery(compound=_squeezed(typed))


def _is_house(numbers: tuple[str, ...]) -> bool:
    """Whether numbers before 号 number a house of a street, so are part of its name: 12号, 95-1号."""
    return len(numbers) == 1 or (len(numbers) == 2 and len(numbers[1]) <= _UNIT_DIGITS)


def _placed(known: AddressQuery, numbers: tuple[str, ...], *, is_marked: bool) -> Iterator[AddressQuery]:
    """The known parts with bare numbers put into the empty ones behind them, in all ways."""
    taken = [name for name in _ORDER if getattr(known, name) is not None]
    free = _ORDER[_ORDER.index(taken[-1]) + 1 :] if taken else _ORDER
    if len(numbers) > len(free):
        # More numbers than an address has parts: the last ones count.
        numbers = numbers[len(numbers) - len(free) :]
    for names in _ways(free, len(numbers)):
        if is_marked and names and names[-1] != "room":
            continue
        if (
            "unit" in names
            and len(numbers[names.index("unit")]) > _UNIT_DIGITS
            and len(numbers) < len(_ORDER)
        ):
            continue
        values = {name: _plain(number, name) for name, number in zip(names, numbers, strict=True)}
        yield replace(known, **values, is_open=bool(numbers) and not is_marked)  # type: ignore[arg-type]


def _ways(free: tuple[str, ...], count: int) -> list[tuple[str, ...]]:
    """Which parts so many bare numbers may be, likeliest first."""
    ways: dict[tuple[int, int], list[tuple[str, ...]]] = {
        (3, 1): [("building",), ("room",)],
        (3, 2): [("building", "room"), ("unit", "room"), ("building", "unit")],
        (2, 1): [("room",), ("unit",)],
    }
    return ways.get((len(free), count)) or [free[len(free) - count :]]


def _plain(number: str | None, name: str = "building") -> str | None:
    """A number as it is stored: capitals, and without leading zeros except for rooms."""
    if number is None:
        return None
    upper = number.upper()
    return upper if name == "room" else upper.lstrip("0") or "0"


def _labelled(part: str, label: str) -> str:
    return f"{part}{label}" if re.fullmatch(r"[0-9A-Za-z.-]+", part) else part


def _slot(building: str) -> str:
    """A building as it stands in a key: ``12幢`` and ``12`` are the same; never with a hyphen inside."""
    typed = normalise(building)
    parts = _PARTS.fullmatch(typed)
    number = (
        parts["building"] or parts["numbers"]
        if parts and not parts["compound"] and not parts["unit"]
        else None
    )
    return _squeezed((number or typed).lstrip("0") or typed)


def _pattern(value: str, *, is_open: bool) -> str:
    return escape_like(value) + ("%" if is_open else "")


def _squeezed(text: str) -> str:
    """Text without gaps and without a hyphen, which parts the slots of a key: 95-1号 is 95.1号."""
    return _GAPS.sub("", _HYPHEN_IN_NUMBER.sub(".", text))


def _arabic(numeral: str) -> str:
    """``三零一`` as 301, ``二十一`` as 21, ``一百零二`` as 102."""
    if not re.search("[十百]", numeral):
        return "".join(str(_DIGITS[char]) for char in numeral)
    total, digit = 0, None
    for char in numeral:
        if char in "十百":
            total += (1 if digit is None else digit) * (10 if char == "十" else 100)
            digit = None
        else:
            digit = _DIGITS[char] or None
    return str(total + (digit or 0))


@lru_cache(maxsize=_REMEMBERED)
def _all_spellings(text: str) -> tuple[tuple[str, ...], ...]:
    """The spellings of a text; many buildings share the name of a compound or a number."""
    return tuple(_spellings(text))


def _spellings(text: str) -> Iterator[tuple[str, ...]]:
    """Text by syllables, letters and digits, in its readings; the first is the dictionary's."""
    # Its dictionary takes most of a second to load, and only new addresses need it.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    # What has no reading (digits, letters) is split sign by sign, so syllables and signs stay in step.
    first = lazy_pinyin(text, errors=cast("Callable[[str], str]", list))
    if len(first) != len(text):
        # A sign without reading was dropped or joined: spell it without alternatives.
        yield tuple(first)
        return
    options = [
        list(dict.fromkeys([syllable, *_OTHER_READINGS.get(char, ()), *_TYPED_OTHERWISE.get(syllable, ())]))
        for char, syllable in zip(text, first, strict=True)
    ]
    yield from islice(product(*options), _MAX_VARIANTS)


def _joined(variants: list[str], slot: str, *, limit: int) -> str:
    """The spellings of a name side by side before the building, as many as fit."""
    tail = f"-{slot}-"
    kept = ""
    for variant in dict.fromkeys(variants):
        longer = f"{kept} {variant}" if kept else variant
        if kept and len(longer) + len(tail) > limit:
            break
        kept = longer
    return kept + tail
