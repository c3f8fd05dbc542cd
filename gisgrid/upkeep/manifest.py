"""What a backup says of itself, in ``manifest.json`` inside it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from gisgrid.errors import InvalidInput, say
from gisgrid.storage.content.forms import ColumnForm, TableForm, ValueKind

NAME: Final = "manifest.json"
_PROGRAM: Final = "gisgrid"
LEFT_OUT: Final = ("the key file", "tiles of background images: the folder backgrounds beside the database")
"""What must be kept beside a backup; the manifest says so to whoever opens it years later."""
FORMAT: Final = 1
"""Goes up when an older program could no longer read a backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableNote:
    """One table of a backup: its form, which columns are sealed, and what its stream must come to.

    ``sha256`` is of the stream's bytes, ``content`` the table's content hash; both in hex.
    """

    form: TableForm
    sealed: tuple[str, ...]
    rows: int
    sha256: str
    content: str

    @property
    def file(self) -> str:
        """The name of its stream inside the backup."""
        return f"tables/{self.form.name}.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A backup: when and by which version it was made, at which revision, and its tables in filling order."""

    made_at: datetime
    version: str
    head: str
    content: str
    tables: tuple[TableNote, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


def write_manifest(manifest: Manifest) -> bytes:
    """A manifest as JSON for people and programs."""
    head = {
        "program": _PROGRAM,
        "format": FORMAT,
        "version": manifest.version,
        "made_at": manifest.made_at.isoformat(),
        "head": manifest.head,
        "content_hash": manifest.content,
        "left_out": LEFT_OUT,
    }
    tables = [
        {
            "table": note.form.name,
            "columns": [
                asdict(column) | {"sealed": column.name in note.sealed} for column in note.form.columns
            ],
            "rows": note.rows,
            "sha256": note.sha256,
            "content_hash": note.content,
        }
        for note in manifest.tables
    ]
    return json.dumps(head | {"tables": tables}, ensure_ascii=False, indent=1).encode()


def read_manifest(text: bytes, *, file: str) -> Manifest:
    """A manifest again.

    Raises
    ------
    InvalidInput
        It is none, or of a later version of this program.
    """
    try:
        document = orjson.loads(text)
        if document["program"] != _PROGRAM:
            raise ValueError  # noqa: TRY301 - said below, as for every other fault
        if document["format"] > FORMAT:
            said = "this backup was made by a later version of gisgrid: bring this one up to date first"
            raise InvalidInput(said, file=file)
        return Manifest(
            made_at=datetime.fromisoformat(document["made_at"]),
            version=str(document["version"]),
            head=str(document["head"]),
            content=str(document["content_hash"]),
            tables=tuple(_table(table) for table in document["tables"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput(say("{name} in it can't be read", name=NAME), file=file) from None


def _table(entry: dict[str, Any]) -> TableNote:
    columns = tuple(ColumnForm(str(column["name"]), ValueKind(column["kind"])) for column in entry["columns"])
    return TableNote(
        form=TableForm(str(entry["table"]), columns),
        sealed=tuple(str(column["name"]) for column in entry["columns"] if column["sealed"]),
        rows=int(entry["rows"]),
        sha256=str(entry["sha256"]),
        content=str(entry["content_hash"]),
    )
