"""The process that works on one image; standard input says which, and where everything lies."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import make_url

import gisgrid.tables  # noqa: F401 - foreign keys must find their tables
from data.backgrounds.worker import works_of
from data.uploads.store import Uploads
from data.uploads.worker import work
from gisgrid.access.keys.check import refuse_wrong_keys
from gisgrid.access.keys.encryption import load_keys, open_database
from gisgrid.backgrounds.folder import ImageFolder

_POLITE = 10
"""People who look at pages go first."""


def main() -> None:
    """Work on what standard input names."""
    task = orjson.loads(sys.stdin.buffer.read())
    os.nice(_POLITE)
    keys = load_keys(Path(task["keys"]))
    uploads = Uploads(Path(task["folder"]), keys)
    database = open_database(make_url(task["database"]), keys)
    try:
        refuse_wrong_keys(database)
        upload = uploads.find(task["upload"], None)
        works = works_of(ImageFolder(Path(task["images"])))
        work(uploads, upload, database, tz=ZoneInfo(task["zone"]), works=works)
    finally:
        database.close()


if __name__ == "__main__":
    main()
