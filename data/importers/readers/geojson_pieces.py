"""Large GeoJSON, cut into pieces of a few features by its brackets: the whole is never built in memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from gisgrid.crs import IntArray

LARGE: Final = 2**22
"""Smaller documents are parsed whole, in bytes."""
_PIECE: Final = 2**21
_FEATURES: Final = re.compile(rb'"features"\s*:\s*\Z')
_KEY_ROOM: Final = 200
_IS_BRACKET: Final = np.isin(np.arange(256), [ord(bracket) for bracket in "{}[]"])
_ESCAPED: Final = re.compile(rb"\\.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where the features of a document lie, and what stands round them.

    ``head`` is the document with an empty list of features; ``is_whole`` says whether that list ends.
    """

    raw: bytes
    starts: IntArray
    ends: IntArray
    head: bytes
    is_whole: bool

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Lists of some features at a time as JSON, with the place in the document where each begins."""
        first = 0
        while first < len(self.starts):
            begin = int(self.starts[first])
            after = int(np.searchsorted(self.ends, begin + _PIECE, side="right"))
            last = min(max(after, first + 1), len(self.starts)) - 1
            yield begin, b"[" + self.raw[begin : int(self.ends[last]) + 1] + b"]"
            first = last + 1


@dataclass(slots=True)
class _FoundPiece:
    starts: list[IntArray] = field(default_factory=list)
    ends: list[IntArray] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)


def is_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8, looked at a piece at a time."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(raw)
    try:
        for start in range(0, len(raw), _PIECE):
            decoder.decode(view[start : start + _PIECE], final=start + _PIECE >= len(raw))
    except UnicodeDecodeError:
        return False
    return True


def cut(raw: bytes) -> Cut | None:
    """A document in UTF-8 cut into its features; nothing where it is no object with one list of them.

    Between two of them stands nothing but a comma, else it isn't cut.
    """
    bounds = _found(raw)
    opened = [at for at in bounds.opened if _FEATURES.search(raw[max(0, at - _KEY_ROOM) : at])]
    if len(opened) != 1:
        return None
    begin = opened[0]
    close = next((at for at in bounds.closed if at > begin), None)
    end = len(raw) if close is None else close
    starts, ends = (_within(places, begin, end) for places in (bounds.starts, bounds.ends))
    starts = starts[: len(ends)] if close is None else starts
    if len(starts) != len(ends) or not len(starts) or not _is_list(raw, begin, starts, ends, close):
        return None
    tail = raw[close:] if close is not None else b"]}"
    return Cut(raw=raw, starts=starts, ends=ends, head=raw[: begin + 1] + tail, is_whole=close is not None)


def _within(places: list[IntArray], begin: int, end: int) -> IntArray:
    every = np.concatenate(places) if places else np.empty(0, dtype=np.int64)
    return every[(every > begin) & (every < end)]


def _is_list(raw: bytes, begin: int, starts: IntArray, ends: IntArray, close: int | None) -> bool:
    if raw[begin + 1 : int(starts[0])].strip():
        return False
    between = zip(ends[:-1].tolist(), starts[1:].tolist(), strict=True)
    if any(raw[end + 1 : start].strip() != b"," for end, start in between):
        return False
    return close is None or not raw[int(ends[-1]) + 1 : close].strip()


def _found(raw: bytes) -> _FoundPiece:
    """Where objects of the third level begin and end, and lists of the second, outside of texts."""
    bounds, depth = _FoundPiece(), 0
    for places, kinds in brackets(raw):
        opens = (kinds == ord("{")) | (kinds == ord("["))
        after = depth + np.cumsum(np.where(opens, 1, -1))
        depth = int(after[-1]) if len(after) else depth
        bounds.starts.append(places[(kinds == ord("{")) & (after == 3)])
        bounds.ends.append(places[(kinds == ord("}")) & (after == 2)])
        bounds.opened += places[(kinds == ord("[")) & (after == 2)].tolist()
        bounds.closed += places[(kinds == ord("]")) & (after == 1)].tolist()
    return bounds


def brackets(raw: bytes) -> Iterator[tuple[IntArray, npt.NDArray[np.uint8]]]:
    """The brackets of a document that stand outside of texts, piece by piece: their places, and which."""
    start = inside = 0
    while start < len(raw):
        part = raw[start : start + _PIECE]
        while part.endswith(b"\\") and start + len(part) < len(raw):  # an escape is not cut in two
            part += raw[start + len(part) : start + len(part) + 1]
        marks = np.frombuffer(_ESCAPED.sub(b"__", part) if b"\\" in part else part, dtype=np.uint8)
        quotes = marks == ord('"')
        within = (np.cumsum(quotes, dtype=np.int32) + inside) & 1
        inside = int(within[-1])
        places = np.flatnonzero((within == 0) & ~quotes & _IS_BRACKET[marks])
        yield start + places, marks[places]
        start += len(part)
