"""Changing the key file: a new key comes in, an old one goes; all of the file or none, and one at a time.

The file is a JSON object: ``current`` (the id that seals), ``keys`` (secrets in hex by id), ``former`` (marks
of keys that were taken out) and, while rows are still being sealed anew, ``turning`` (true).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from gisgrid.access.keys.encryption import KeyRing, load_keys
from gisgrid.errors import Conflict, MissingPart
from gisgrid.storage.room import settle

_SECRET_BYTES: Final = 32
_MODE: Final = 0o600


@contextmanager
def rekey_alone(path: Path) -> Iterator[None]:
    """Nobody else on this machine changes the file inside the block.

    Raises
    ------
    Conflict
        Somebody does so already: two new keys of one id would be one too many.
    """
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR, _MODE)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("the keys are being turned already") from None
        yield
    finally:
        os.close(lock)


def begin_rekey(path: Path) -> tuple[KeyRing, bool]:
    """A new key that seals from now on, beside the old ones; where a turning was broken off, its key.

    Gives the ring, and whether a key was made. Call it inside :func:`rekey_alone`.
    """
    known = _read(path)
    if known.get("turning"):
        return load_keys(path), False
    newest = max(int(key) for key in known["keys"]) + 1
    fresh = secrets.token_hex(_SECRET_BYTES)
    changed = {"current": newest, "turning": True, "keys": {**known["keys"], str(newest): fresh}}
    _write(path, known | changed)
    return load_keys(path), True


def end_rekey(path: Path) -> None:
    """Say that every row is sealed by the new key. The old ones stay."""
    known = _read(path)
    known.pop("turning", None)
    _write(path, known)


def forget_keys(path: Path, ids: set[int]) -> None:
    """Take keys out for good, never the one that seals."""
    document = _read(path)
    ids = ids - {int(document["current"])}
    ring = load_keys(path)
    former = sorted(ring.former | {ring.mark(key) for key in ids})
    left = {key: value for key, value in document["keys"].items() if int(key) not in ids}
    _write(path, document | {"keys": left, "former": former})


def _read(path: Path) -> dict[str, Any]:
    load_keys(path)  # refuses what is no key ring
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def _write(path: Path, ring: dict[str, Any]) -> None:
    """The whole file anew, under its name only when the disk has it; its owner and group stay.

    Raises
    ------
    MissingPart
        The folder can't be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    old = path.stat()
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if os.geteuid() == 0:
                os.fchown(descriptor, old.st_uid, old.st_gid)
                os.fchmod(descriptor, old.st_mode & 0o777)
            json.dump(ring, file)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except PermissionError:
        raise MissingPart(f"the folder of the key file {path.name} can't be written") from None
    finally:
        temporary.unlink(missing_ok=True)
    settle(path.parent)
