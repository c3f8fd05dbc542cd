"""Commands on one database with one key file, and what is typed after each."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from gisgrid.access.audit import record
from gisgrid.access.keys.encryption import KeyRing
from gisgrid.access.models import AuditEntry
from gisgrid.storage.engine import Database
from tests.conftest import KEYS
from tests.demo_files import key_file_text
from tests.serving import free_port
from web.cli.actor import acting
from web.cli.root import gisgrid, run

FREE: Final = {"assign", "restore"}
"""Commands without a database, and the one that puts another in its place."""
TYPED: Final[dict[str, tuple[str, ...]]] = {
    "background add": ("FOLDER/keys.json", "--name", "x"),
    "background list": (),
    "background remove": ("none",),
    "background restore": ("none",),
    "backup": ("b.zip",),
    "cells": (),
    "check": (),
    "db copy": ("sqlite:///FOLDER/copy.sqlite",),
    "db downgrade": ("--yes",),
    "db hash": (),
    "db upgrade": (),
    "demo": (),
    "export": ("areas", "x.geojson"),
    "form add": ("FOLDER/keys.json",),
    "import": ("undo", "none"),
    "imports": (),
    "key check": (),
    "key forget": ("--yes",),
    "key rotate": (),
    "report": ("elderly", "-o", "x.csv"),
    "serve": ("--port", "PORT"),
    "tick": (),
    "token create": ("boss",),
    "user add": ("another", "--role", "staff"),
    "user disable": ("boss",),
    "user password": ("boss",),
}
"""What is typed after each command that works on the database."""


class Installation:
    """Commands on one database with one key file, and what they print."""

    def __init__(
        self, database: Database, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.database, self.folder, self.keys = database, folder, folder / "keys.json"
        self._patch, self._capsys = patch, capsys
        self.out = self.err = ""
        patch.chdir(folder)
        patch.setenv("GISGRID_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
        patch.setenv("GISGRID_KEY_FILE", str(self.keys))
        self.put(KEYS)

    def put(self, ring: KeyRing) -> None:
        self.keys.write_text(key_file_text(ring))

    def __call__(self, *arguments: str, stdin: str = "a long enough one\n") -> int:
        self._patch.setattr("sys.stdin", io.StringIO(stdin))
        # A port of its own each time: both databases run the same command at once.
        places = {"FOLDER": str(self.folder), "PORT": str(free_port())}
        typed = [re.sub("FOLDER|PORT", lambda place: places[place[0]], word) for word in arguments]
        code = run(gisgrid, typed)
        self.out, self.err = self._capsys.readouterr()
        return code

    @property
    def told(self) -> dict[str, Any]:
        """The JSON of the last line."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found

    def seal_something(self) -> None:
        with acting() as found:
            record(found.session, found.actor, "x:y", "z", now=datetime.now(UTC), reason="因为")

    def reasons(self) -> list[str | None]:
        with acting() as found:
            return list(
                found.session.scalars(select(AuditEntry.reason).where(AuditEntry.reason.is_not(None)))
            )
