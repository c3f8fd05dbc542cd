"""Files of exports that are read piece by piece: kept for minutes, sealed, the same for every process.

Programs such as GDAL ask how large a file is and then for ranges of it; each answer must be out of the same
file. Pieces are sealed one by one with the key ring, so that any of them is opened without the others.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from gisgrid.access.keys.encryption import KeyRing
from gisgrid.errors import MissingPart

SILENT_S: Final = 600.0
"""How long a file stays that nobody asks for."""
LONGEST_S: Final = 3600.0
"""How long it stays at most: who begins later gets a new one."""
_MOST: Final = 40
"""More than so many are not kept; the ones asked for last stay."""
_PIECE: Final = 2**16
_LENGTH: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that is kept: its size, a tag of its content, how old it is, and what it is called."""

    content: BinaryIO
    size: int
    tag: str
    age_s: float
    name: str
    is_new: bool = False


class KeptFiles:
    """The folder of an installation in which they lie, readable by nobody else."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        self._folder, self._keys = folder, keys

    def find(self, asked: str) -> KeptFile | None:
        """What was kept for a question, if that is not too long ago."""
        try:
            file = self._path(asked).open("rb")
        except FileNotFoundError:
            return None
        try:
            kept_file = self._opened(file)
        except (MissingPart, ValueError):  # the keys were turned, or the file is of an earlier version
            file.close()
            return None
        silent_s = time.time() - os.fstat(file.fileno()).st_mtime
        if kept_file.age_s > LONGEST_S or silent_s > SILENT_S:
            file.close()
            return None
        os.utime(file.fileno())
        return kept_file

    def keep(self, asked: str, source: Path, *, name: str) -> KeptFile:
        """Keep a file for a question in place of what was kept before."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(self._folder)
        tag, path = secrets.token_hex(8), self._path(asked)
        aside = path.with_name(f".{path.name}.{tag}")
        facts = {"tag": tag, "size": source.stat().st_size, "made": time.time(), "name": name}
        head = self._keys.seal(orjson.dumps(facts), _column())
        with source.open("rb") as plain, _private(aside) as out:
            out.write(len(head).to_bytes(_LENGTH, "big") + head)
            for place, piece in enumerate(iter(lambda: plain.read(_PIECE), b"")):
                out.write(self._keys.seal(piece, _column(tag, place)))
        aside.replace(path)
        return replace(self._opened(path.open("rb")), is_new=True)

    def _path(self, asked: str) -> Path:
        return self._folder / hashlib.sha256(asked.encode()).hexdigest()

    def _opened(self, file: BinaryIO) -> KeptFile:
        length = int.from_bytes(file.read(_LENGTH), "big")
        facts = orjson.loads(self._keys.unseal(file.read(length), _column()))
        pieces = _Pieces(file, self._keys, tag=facts["tag"], start=_LENGTH + length, size=facts["size"])
        return KeptFile(
            content=io.BufferedReader(pieces, _PIECE),
            size=facts["size"],
            tag=facts["tag"],
            age_s=max(time.time() - facts["made"], 0.0),
            name=facts["name"],
        )


def sweep(folder: Path) -> None:
    """Forget what nobody has asked for lately, and all but the newest; several may sweep at once."""
    if not folder.is_dir():
        return
    changed: dict[Path, float] = {}
    for path in folder.iterdir():
        try:
            changed[path] = path.stat().st_mtime
        except FileNotFoundError:
            continue
    newest = sorted(changed, key=lambda path: changed[path], reverse=True)
    for place, path in enumerate(newest):
        if place >= _MOST or time.time() - changed[path] > SILENT_S:
            path.unlink(missing_ok=True)


class _Pieces(io.RawIOBase):
    """Sealed pieces as one file that can be read from any place."""

    def __init__(self, file: BinaryIO, keys: KeyRing, *, tag: str, start: int, size: int) -> None:
        self._file, self._keys, self._tag = file, keys, tag
        self._start, self._size, self._at = start, size, 0
        self._sealed = _PIECE + len(keys.seal(b"", _column()))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = memoryview(buffer).cast("B")
        place, skipped = divmod(self._at, _PIECE)
        if self._at >= self._size:
            return 0
        self._file.seek(self._start + place * self._sealed)
        piece = self._keys.unseal(self._file.read(self._sealed), _column(self._tag, place))
        part = piece[skipped : skipped + len(wanted)]
        wanted[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()


def _column(tag: str = "", place: int = -1) -> str:
    """What a sealed piece belongs to, so that none opens in another file or at another place."""
    return f"export.{tag}.{place}"


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
