"""Whether there is room to write: asked cheaply, before somebody finds out by losing something."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Final

from gisgrid.errors import NoSpace
from gisgrid.storage.engine import Database

LEAST_BYTES: Final = 8 * 1024 * 1024
"""With less room than this a disk is full: the next write of any size fails."""
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says of a full disk."""
SHUT: Final = frozenset({errno.EROFS})
"""What it says of one that can only be read."""
_BLOCK: Final = bytes(4096)
_WELL_FOR_S: Final = 10.0


def refuse_full(database: Database, folder: Path) -> None:
    """Refuse to call well what can't be written: a SQLite file, or the folder of the installation's files.

    What PostgreSQL has room for it says when somebody writes.

    Raises
    ------
    NoSpace
        The disk is full, or it or the database can only be read.
    """
    path = database.engine.url.database
    if database.is_sqlite and path and not os.access(path, os.W_OK):
        raise NoSpace("the database can only be read")
    _try(folder)


def _try(folder: Path) -> None:
    try:
        disk = os.statvfs(folder)
        if disk.f_flag & os.ST_RDONLY:
            raise NoSpace("the disk can only be read")
        if disk.f_bavail * disk.f_frsize < LEAST_BYTES:
            raise NoSpace("the disk is full")
        _write_something(folder, int(time.monotonic() / _WELL_FOR_S))
    except OSError as error:
        if error.errno in FULL:
            raise NoSpace("the disk is full") from None
        raise NoSpace("the disk can only be read") from None


@lru_cache(maxsize=4)
def _write_something(folder: Path, _while: int) -> None:
    """Quotas and rights are found out by writing alone; where it went well, that is known for a while."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        file.write(_BLOCK)


def settle(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
