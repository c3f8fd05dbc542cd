"""In which encoding a text was saved: read from its bytes, whatever a mark or a side file says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from gisgrid.errors import InvalidInput, Sentence, say

UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_AT_ONCE: Final = 2**20
_SURE: Final = 12
"""So many characters beyond ASCII in a row are UTF-8 by chance in no GBK text."""
_NARROW: Final = re.compile("[\u0080-\u07ff]")
_WIDE: Final = re.compile("[\u0800-\U0010ffff]")
_WESTERN_LETTER: Final = re.compile(
    "[A-Za-z][\u0080-\u07ff]|[\u0080-\u07ff][A-Za-z]|(?<![\u0080-\u07ff])[\u0080-\u07ff](?![\u0080-\u07ff])"
)
"""A letter beyond ASCII within a word, or a sign that stands alone, as in Düsseldorf and 25°."""
_NULS: Final = 0.3
"""Share of zero bytes in every second place from which a text is UTF-16 without its mark."""
_LOST: Final = "\ufffd"
_DAMAGED: Final = "锟斤拷"
"""What the sign for a lost character becomes when it is once read as GBK."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEncoding:
    """How a text is decoded; ``marked`` with a byte order mark or not UTF-8, ``notes`` what looks odd."""

    name: str
    marked: bool
    notes: tuple[Sentence, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Utf8:
    """How far a text is UTF-8: characters beyond ASCII, lines and lost characters read up to there."""

    beyond: int = 0
    lines: int = 0
    lost: int = 0
    whole: bool = True
    western: bool = False
    """There are letters that a Chinese text saved as GBK hardly gives by chance."""


def encoding_of(path: Path) -> TextEncoding:
    """The encoding of a text file, read piece by piece: UTF-8, UTF-16 with or without mark, else GB18030.

    Raises
    ------
    InvalidInput
        The bytes are none of these, hold zeros, or are UTF-8 up to some line only.
    """
    with path.open("rb") as file:
        start = file.read(4096)
        file.seek(0)
        wide = _utf16(start)
        if wide:
            _need(file, wide, source=path.name)
            return TextEncoding(name=wide, marked=True)
        reading = _read_utf8(file)
        if reading.whole and not _may_be_gbk(file, reading):
            if b"\0" in start:
                raise InvalidInput(say("the file is no text"), file=path.name)
            is_marked = start.startswith(codecs.BOM_UTF8)
            return TextEncoding(name="utf-8-sig", marked=is_marked, notes=_lost_note(reading.lost))
        if reading.beyond >= _SURE:
            line = reading.lines + 1
            message = say("the text is UTF-8 only up to line {line}: the file is damaged", line=line)
            raise InvalidInput(message, file=path.name)
        file.seek(0)
        lost = _need(file, "gb18030", source=path.name)
        return TextEncoding(name="gb18030", marked=True, notes=_lost_note(lost))


def _utf16(start: bytes) -> str | None:
    if start.startswith(UTF16_MARKS):
        return "utf-16"
    half = len(start) // 2
    if half >= 2 and start[1 : 2 * half : 2].count(0) > _NULS * half > start[0 : 2 * half : 2].count(0):
        return "utf-16-le"
    if half >= 2 and start[0 : 2 * half : 2].count(0) > _NULS * half > start[1 : 2 * half : 2].count(0):
        return "utf-16-be"
    return None


def _pieces(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    piece = file.read(_AT_ONCE)
    while piece:
        following = file.read(_AT_ONCE)
        yield piece, not following
        piece = following


def _read_utf8(file: BinaryIO) -> _Utf8:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    reading = _Utf8()
    for piece, is_last in _pieces(file):
        try:
            text = decoder.decode(piece, final=is_last)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode("utf-8", errors="ignore")
            reading.whole = False
        reading.beyond += _beyond_ascii(text)
        reading.lines += text.count("\n")
        reading.lost += text.count(_LOST) + text.count(_DAMAGED)
        if not (reading.western or text.isascii()):
            reading.western = bool(_WIDE.search(text) or _WESTERN_LETTER.search(text))
        if not reading.whole:
            break
    return reading


def _may_be_gbk(file: BinaryIO, reading: _Utf8) -> bool:
    """Whether a few two-byte letters in a row are rather Han: 一一 saved as GBK is һһ read as UTF-8."""
    if reading.western or not 0 < reading.beyond < _SURE:
        return False
    file.seek(0)
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        return not any(_NARROW.search(decoder.decode(piece, final=last)) for piece, last in _pieces(file))
    except UnicodeDecodeError:
        return False


def _beyond_ascii(text: str) -> int:
    return 0 if text.isascii() else len(text) - len(text.encode("ascii", errors="ignore"))


def _need(file: BinaryIO, encoding: str, *, source: str) -> int:
    """Read a text through, and give the number of lost characters in it.

    Raises
    ------
    InvalidInput
        It is not in that encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    lost = 0
    for piece, is_last in _pieces(file):
        try:
            text = decoder.decode(piece, final=is_last)
        except UnicodeDecodeError:
            message = say("the text is neither UTF-8 nor GB18030")
            raise InvalidInput(message, file=source) from None
        if "\0" in text:
            raise InvalidInput(say("the file is no text"), file=source)
        lost += text.count(_LOST) + text.count(_DAMAGED)
    return lost


def _lost_note(count: int) -> tuple[Sentence, ...]:
    if not count:
        return ()
    sentence = say(
        "{count} characters were lost before this file was saved: they read \ufffd or 锟斤拷", count=count
    )
    return (sentence,)


def decoded(raw: bytes, *, source: str) -> str:
    """Text in UTF-8 (with or without mark), UTF-16 with its mark, else GB18030.

    Raises
    ------
    InvalidInput
        The bytes are none of these.
    """
    encodings = ("utf-16",) if raw.startswith(UTF16_MARKS) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(say("the text is neither UTF-8 nor GB18030"), file=source)


def encoding_of_fields(fields: Sequence[bytes], said: str | None) -> tuple[str | None, bool]:
    """The encoding of short texts cut to their fields, and whether what was ``said`` is wrong.

    None where all is ASCII or what was said fits, which is then believed. Fields may end within a
    character. UTF-8 by the bytes goes before any word said; pairs of bytes as GB2312 has them go before
    the encodings of western Europe, which fit anything.
    """
    beyond = [field for field in fields if not field.isascii()]
    if not beyond:
        return None, False
    name = _plain_name(said) if said else None
    if _share(beyond, "utf-8") >= _MOST_FIT:
        return "UTF-8", name not in (None, "utf-8")
    is_gbk = _share(beyond, "gb18030") >= _MOST_FIT
    if is_gbk and (name is None or name in _CHINESE):
        return "GB18030", False
    if is_gbk and (name == "utf-8" or (name in _WESTERN and _pairs(beyond) >= _MOST_FIT)):
        return "GB18030", True
    return None, False


_MOST_FIT: Final = 0.95
_CHINESE: Final = frozenset({"gbk", "gb2312", "gb18030"})
_WESTERN: Final = frozenset({"iso8859-1", "cp1252", "iso8859-15", "cp437", "cp850", "ascii"})


def _plain_name(said: str) -> str | None:
    """What Python calls an encoding that a .cpg file names, by a name or by the number of a code page."""
    text = said.strip().strip("\ufeff")
    latin = re.fullmatch(r"(?:ISO)?[-_ ]*8859[-_ ]*(\d{1,2})", text, re.IGNORECASE)
    page = re.fullmatch(r"(?:CP|ANSI|WINDOWS)?[-_ ]*(\d{3,5})", text, re.IGNORECASE)
    if latin:
        text = f"iso8859-{latin[1]}"
    elif page:
        text = {"936": "gbk", "65001": "utf-8"}.get(page[1], f"cp{page[1]}")
    try:
        return codecs.lookup(text).name
    except LookupError:
        return None


def _share(fields: Sequence[bytes], encoding: str) -> float:
    """The share of texts that fit an encoding, their last character perhaps cut off."""
    return sum(_fits(field, encoding) for field in fields) / len(fields)


def _fits(field: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(field, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _pairs(fields: Sequence[bytes]) -> float:
    """The share of bytes beyond ASCII that stand in pairs as the characters of GB2312 do."""
    paired = beyond = 0
    for field in fields:
        at = 0
        while at < len(field):
            if field[at] < 0x80:
                at += 1
                continue
            beyond += 1
            if at + 1 == len(field) or (0xA1 <= field[at] <= 0xF7 and field[at + 1] >= 0xA1):
                paired += 1
                at += 2
            else:
                at += 1
    return paired / max(beyond, 1)
