"""Another program that writes into the embedded database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gisgrid.storage.engine import sqlite_module


@contextmanager
def foreign_writer(file: str | Path | None) -> Iterator[None]:
    """The database's lock in the hands of another program, on whatever thread it is let go."""
    other = sqlite_module().connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
