"""ZIP archives of strangers: looked at before they are opened, their names read as they were meant."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from data.importers.readers.limits import MOST_UNPACKED, check_archive
from gisgrid.errors import InvalidInput, say

_IS_UTF8: Final = 0x800
"""The flag of a member whose name is UTF-8; without it names are in whatever the packer's system had."""
_BROKEN: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError,
)  # fmt: skip


@contextmanager
def opened_archive(path: Path, *, most: int = MOST_UNPACKED) -> Iterator[zipfile.ZipFile]:
    """An archive whose directory is within the bounds; what breaks while it is read becomes a sentence.

    Raises
    ------
    InvalidInput
        No archive, cut off, locked, too large unpacked or packed suspiciously well.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive.infolist(), source=path.name, most=most)
            yield archive
    except _BROKEN:
        message = say("the archive can't be opened; it may be cut off")
        raise InvalidInput(message, file=path.name) from None


def name_of(info: zipfile.ZipInfo) -> str:
    """A member's name as its packer meant it: without the flag for UTF-8 it is UTF-8, else GB18030."""
    if info.flag_bits & _IS_UTF8:
        return info.filename
    raw = info.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Write one member to a place of ours; where its name points to does not matter."""
    with archive.open(info) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)


def stem_of(name: str) -> str:
    """The name of a member without folders and ending."""
    return PurePosixPath(name.replace("\\", "/")).stem


def ending_of(name: str) -> str:
    """The ending of a member's name, in small letters."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def whole_name(name: str) -> str:
    """A member's name without its ending: the parts of one Shapefile have it in common."""
    return str(PurePosixPath(name.replace("\\", "/")).with_suffix("")).casefold()
