"""A backup as a file: a zip of one stream of rows per table, and a manifest of what they must come to.

The file appears under its name only when all of it is on the disk; until then it is called ``.NAME.part``.
"""

from __future__ import annotations

import errno
import hashlib
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from gisgrid.errors import InvalidInput, MissingPart, NoSpace, say
from gisgrid.storage.content.forms import TableForm
from gisgrid.storage.content.hash import TableHash, content_hash
from gisgrid.storage.content.reader import AT_ONCE, Report, count_rows, rows_of
from gisgrid.storage.content.values import Row, read_line, write_line
from gisgrid.storage.migrate import revision_of
from gisgrid.storage.room import settle
from gisgrid.upkeep.manifest import NAME, Manifest, TableNote, read_manifest, write_manifest
from gisgrid.upkeep.tables import all_forms, sealed_columns

_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError),
    *(KeyError, ValueError, NotImplementedError, RuntimeError),
)
"""What zipfile answers to a flipped bit, by where it lies: names, lengths, flags, kinds of compression."""

_NO_ROOM: Final = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}

Watch = Callable[[TableNote, Iterable[Row]], Iterable[Row]]
"""Sees the rows of a table pass, and gives them on."""


def _unwatched(_note: TableNote, rows: Iterable[Row]) -> Iterable[Row]:
    return rows


def write_archive(
    connection: Connection, path: Path, *, now: datetime, report: Report = lambda _share: None
) -> Manifest:
    """The content of a database as its connection sees it, into a file that only its owner can read.

    Raises
    ------
    InvalidInput
        Another file, which is no backup, has that name.
    MissingPart
        The database has no tables yet.
    NoSpace
        The disk is full; nothing is left of the try.
    OSError
        The folder can't be written.
    """
    refuse_foreign(path)
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                manifest = _write_all(connection, archive, now=now, report=report)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in _NO_ROOM:
            said = say("{file}: the disk is full: nothing of the backup was kept", file=path.name)
            raise NoSpace(said) from None
        raise
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    settle(path.parent)
    return manifest


def refuse_foreign(path: Path) -> None:
    """Refuse to write over a file that is no backup.

    Raises
    ------
    InvalidInput
        Another file has that name.
    """
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        return
    try:
        with opened(path) as archive:
            archive.manifest()
    except InvalidInput:
        said = "this file is there and is no backup of gisgrid: choose another name"
        raise InvalidInput(said, file=path.name) from None


class Archive:
    """A backup that is open for reading."""

    def __init__(self, file: zipfile.ZipFile, name: str) -> None:
        self._file, self.name = file, name

    def manifest(self) -> Manifest:
        """What it says of itself.

        Raises
        ------
        InvalidInput
            It can't be read.
        """
        with self._damage():
            return read_manifest(self._file.read(NAME), file=self.name)

    def rows(self, note: TableNote) -> Iterator[list[Any]]:
        """Rows of one table, compared with the manifest while they are read.

        Raises
        ------
        InvalidInput
            A row, their number or their hash is not what the manifest says.
        """
        whole, number = hashlib.sha256(), 0
        with self._damage(), self._file.open(note.file) as stream:
            for number, line in enumerate(stream, start=1):
                whole.update(line)
                yield read_line(note.form, line, number=number)
        if number != note.rows:
            raise self._wrong(f"{number} rows of {note.form.name}, not {note.rows}")
        if whole.hexdigest() != note.sha256:
            raise self._wrong(f"the rows of {note.form.name} are not those that were backed up")

    def check(self, *, report: Report = lambda _share: None, watch: Watch = _unwatched) -> Manifest:
        """Read all of it once, and compare every count and hash; ``watch`` sees the rows pass.

        Raises
        ------
        InvalidInput
            The file is damaged.
        """
        manifest = self.manifest()
        total, count, tables = manifest.rows or 1, 0, {}
        for note in manifest.tables:
            table_hash = TableHash(note.form)
            for row in watch(note, self.rows(note)):
                table_hash.add(row)
                if table_hash.rows % AT_ONCE == 0:
                    report((count + table_hash.rows) / total)
            count += table_hash.rows
            if table_hash.hexdigest() != note.content:
                raise self._wrong(f"the content of {note.form.name} has another hash")
            tables[note.form.name] = note.content
        if content_hash(manifest.head, tables) != manifest.content:
            raise self._wrong("its tables are not those of its content hash")
        return manifest

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGED:
            raise self._wrong("it can't be read to its end") from None

    def _wrong(self, what: str) -> InvalidInput:
        return InvalidInput(f"this backup is damaged: {what}", file=self.name)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A backup, open for reading.

    Raises
    ------
    InvalidInput
        The file is no zip at all.
    """
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except _DAMAGED:
            raise InvalidInput("this is no backup of gisgrid, or a damaged one", file=path.name) from None
        with archive:
            yield Archive(archive, path.name)


def _write_all(
    connection: Connection, archive: zipfile.ZipFile, *, now: datetime, report: Report
) -> Manifest:
    head = revision_of(connection)
    if head is None:
        raise MissingPart("the database has no tables yet: run gisgrid db upgrade")
    forms, sealed = all_forms(), sealed_columns()
    total = sum(count_rows(connection, forms).values()) or 1
    done, notes = 0, []
    for form in forms:
        tell = _later(report, done, total)
        note = _write_table(connection, archive, form, sealed.get(form.name, ()), tell)
        notes.append(note)
        done += note.rows
    content = content_hash(head, {note.form.name: note.content for note in notes})
    manifest = Manifest(
        made_at=now, version=version("gisgrid"), head=head, content=content, tables=tuple(notes)
    )
    archive.writestr(NAME, write_manifest(manifest))
    return manifest


def _later(report: Report, before: int, total: int) -> Report:
    """A report of rows that come after others."""
    return lambda rows: report((before + rows) / total)


def _write_table(
    connection: Connection, archive: zipfile.ZipFile, form: TableForm, sealed: Sequence[str], tell: Report
) -> TableNote:
    content, whole = TableHash(form), hashlib.sha256()
    with archive.open(f"tables/{form.name}.jsonl", "w", force_zip64=True) as stream:
        for row in rows_of(connection, form):
            line = write_line(form, row)
            content.add(row)
            whole.update(line)
            stream.write(line)
            if content.rows % AT_ONCE == 0:
                tell(content.rows)
    return TableNote(
        form=form,
        sealed=tuple(sealed),
        rows=content.rows,
        sha256=whole.hexdigest(),
        content=content.hexdigest(),
    )
