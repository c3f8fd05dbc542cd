"""The demo community loaded once per run and copied for every test that wants it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from filelock import FileLock
from sqlalchemy import make_url

from data.demo.load.load import Wanted, load_demo
from data.forms.built_in.forms import built_in_forms
from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actors import local_actor
from gisgrid.access.keys.encryption import KeyRing, open_database
from gisgrid.forms.tasks.shipped import shipped_rules
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.built_in_rules import install_rules
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database

PASSWORD = "example-password-7"


def key_file_text(keys: KeyRing) -> str:
    """What stands in the key file of these keys."""
    secrets = {str(number): secret.hex() for number, secret in keys.secrets.items()}
    return json.dumps({"current": keys.current, "keys": secrets})


def fill(database: Database, *, now: datetime, seed: int = 2026) -> None:
    """The demo into an empty, migrated database; every account gets ``PASSWORD``."""
    with database.write() as session:
        ensure_local_account(session, now=now)
        actor = local_actor(session, "tester")
        install_forms(session, actor, built_in_forms(), now=now)
        install_rules(session, actor, shipped_rules(), now=now)
    wanted = Wanted(households=9600, seed=seed, password=PASSWORD)
    load_demo(database, actor, wanted, now=now, report=lambda _share: None)


def demo_file(folder: Path, keys: KeyRing, *, now: datetime) -> Path:
    """A SpatiaLite file with the demo in a folder that all workers share; made by the first who asks."""
    path = folder / "demo.sqlite"
    with FileLock(folder / "demo.lock"):
        if not path.exists():
            making = folder / "making.sqlite"
            database = open_database(make_url(f"sqlite:///{making}"), keys)
            migrate.upgrade(database)
            fill(database, now=now)
            database.close()
            (folder / "keys.json").write_text(key_file_text(keys))
            making.rename(path)
    return path
