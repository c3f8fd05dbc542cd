"""A key file that is well formed and wrong: no command starts with it, nothing is written; how to go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import click
import pytest
import sqlalchemy as sa
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.audit import record
from gisgrid.access.keys.check import KeyCheck, forget_check
from gisgrid.access.keys.encryption import KeyRing, load_keys
from gisgrid.access.models import AuditEntry
from gisgrid.errors import MissingPart
from gisgrid.settings import Settings
from gisgrid.storage.base import new_id
from gisgrid.storage.content.forms import form_of, plain_table
from gisgrid.storage.engine import Database
from gisgrid.upkeep.backup import content_of
from tests.conftest import KEYS
from tests.web.cli.installation import FREE, TYPED, Installation
from web.app import create_app
from web.cli.actor import acting
from web.cli.root import gisgrid

OTHER: Final = KeyRing(1, {1: b"another key that has the same id"})
SENTENCE: Final = (
    "gisgrid: the key file is not the one that this database was sealed with: put the right file back;"
    " nothing was read or written\n"
)


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> list[str]:
    context, found = click.Context(group), []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            found += leaves(command, (*path, name))
        else:
            found.append(" ".join((*path, name)))
    return found


def test_no_command_starts_with_a_wrong_key_file(at: Installation) -> None:
    assert isinstance(gisgrid, click.Group)
    assert set(leaves(gisgrid)) == TYPED.keys() | FREE  # a new command can't be forgotten
    held = content_of(at.database)
    at.put(OTHER)
    said = {}
    for command, arguments in TYPED.items():
        said[command] = (at(*command.split(), *arguments), at.err)
    assert {command: told for command, told in said.items() if told != (1, SENTENCE)} == {}
    assert content_of(at.database) == held
    assert sorted(path.name for path in Path().iterdir() if path.suffix != ".sqlite") == ["keys.json"]
    at.put(KEYS)
    assert at("db", "hash") == 0
    assert at.reasons() == ["因为"]


def test_the_application_does_not_start_with_a_wrong_key_file(at: Installation) -> None:
    at.put(OTHER)
    with pytest.raises(MissingPart, match="not the one that this database was sealed with"):
        create_app(Settings())
    at.put(KEYS)
    create_app(Settings()).extensions["gisgrid"].database.close()


def test_an_application_that_began_before_its_database_looks_before_the_first_answer(
    at: Installation, make_app: Callable[..., OpenAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gisgrid.access.keys.check import refuse_wrong_keys

    def unreachable(_database: Database) -> None:
        raise sa.exc.OperationalError(None, None, Exception("nobody answers"))

    monkeypatch.setattr("web.app.refuse_wrong_keys", unreachable)
    app = make_app(at.database)
    monkeypatch.setattr("web.app.refuse_wrong_keys", refuse_wrong_keys)
    with at.database.engine.begin() as connection:
        connection.execute(sa.update(KeyCheck).values(value=OTHER.seal(b"gisgrid", "key_check.value")))
    assert app.test_client().get("/login").status_code == 503
    assert at("db", "upgrade", "--accept-key-file") == 0
    assert app.test_client().get("/login").status_code == 200


def test_a_wrong_file_put_in_place_while_others_work_seals_nothing(at: Installation) -> None:
    with acting() as found:
        at.put(OTHER)
        record(found.session, found.actor, "x:y", "z", now=datetime.now(UTC), reason="später")
    at.put(KEYS)
    assert at.reasons() == ["因为", "später"]
    assert at("key", "check") == 0


def test_an_older_copy_of_the_file_is_refused_after_turning(at: Installation) -> None:
    older = at.keys.read_text()
    assert at("key", "rotate") == 0
    newer = at.keys.read_text()
    at.keys.write_text(older)
    assert (at("db", "hash"), at.err) == (1, SENTENCE)
    at.keys.write_text(newer)
    assert at("key", "check", "--json") == 0
    assert (at.told["key"], at.told["by_key"], at.told["shut"]) == (2, {"2": 1}, {})
    assert at("key", "forget", "--yes") == 0
    assert at("key", "check") == 0


def test_a_broken_off_turning_shuts_nobody_out(at: Installation) -> None:
    """The file is written before the check value: in between it holds both keys."""
    from gisgrid.access.keys.file import begin_rekey, rekey_alone

    with rekey_alone(at.keys):
        begin_rekey(at.keys)
    assert at("db", "hash") == 0
    assert at("key", "rotate", "--json") == 0
    assert at.told["is_new"] is False
    assert at("key", "check") == 0


def test_who_turned_and_forgot_while_another_slept_shuts_it_not_out(at: Installation) -> None:
    with acting() as found:
        asleep = found.database.engine.dialect.gisgrid_keys  # type: ignore[attr-defined]
    assert at("key", "rotate") == at("key", "rotate") == at("key", "forget", "--yes") == 0
    assert asleep.ring() == load_keys(at.keys)
    assert asleep.ring().current == 3


def test_key_check_counts_what_does_not_open(at: Installation) -> None:
    assert at("key", "check", "--json") == 0
    assert at.told == {"key": 1, "opened": 1, "by_key": {"1": 1}, "shut": {}}
    with at.database.write() as session:
        entry = AuditEntry(at=datetime.now(UTC), action="x:y", object_kind="z")
        session.add(entry)
        session.flush()
        form = form_of(cast("sa.Table", AuditEntry.__table__))
        row = session.execute(select(plain_table(form)).where(sa.column("id") == entry.id)).one()._asdict()
        foreign = OTHER.encrypt("别的", "audit_entry.reason")
        session.execute(sa.insert(plain_table(form)).values({**row, "id": new_id(), "reason": foreign}))
    assert at("key", "check", "--json") == 1
    assert at.told["shut"] == {"audit_entry.reason": 1}
    assert "1 in audit_entry.reason don't open" in at.err


def test_a_database_without_a_check_value_is_tried_by_what_it_holds(at: Installation) -> None:
    """An upgrade refuses a wrong file before anything is changed, and takes the right one."""
    with at.database.engine.begin() as connection:
        forget_check(connection)
    at.put(OTHER)
    assert (at("db", "upgrade"), at.err) == (1, SENTENCE)
    with at.database.read() as session:
        assert session.scalars(select(KeyCheck.id)).all() == []
    at.put(KEYS)
    assert at("db", "upgrade") == 0
    at.put(OTHER)
    assert at("db", "upgrade") == 1
    assert at("db", "upgrade", "--accept-key-file") == 0
    assert at("key", "check", "--json") == 1
    assert at.told["shut"] == {"audit_entry.reason": 1}
    at.put(KEYS)
    assert (at("db", "hash"), at.err) == (1, SENTENCE)


def test_a_lost_key_file_of_a_database_without_anything_sealed_is_made_anew(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Installation(database, tmp_path, monkeypatch, capsys)
    assert found("db", "upgrade") == 0
    found.keys.unlink()
    assert found("db", "upgrade") == 0
    assert load_keys(found.keys).secrets != KEYS.secrets
    assert found("db", "hash") == 0


def test_a_restore_makes_a_new_check_value(at: Installation) -> None:
    assert at("backup", "b.zip") == 0
    at.put(OTHER)
    assert at("restore", "b.zip", "--replace") == 1
    assert "--without-names" in at.err
    assert at("restore", "b.zip", "--replace", "--without-names") == 0
    assert at("key", "check") == 0
    at.seal_something()
    at.put(KEYS)
    assert (at("db", "hash"), at.err) == (1, SENTENCE)
    assert at("restore", "b.zip", "--replace") == 0
    assert at("key", "check") == 0
    assert at.reasons() == ["因为"]


def test_a_copy_has_a_check_value_of_its_own(at: Installation, tmp_path: Path) -> None:
    assert at("db", "copy", f"sqlite:///{tmp_path / 'copy.sqlite'}") == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GISGRID_DATABASE_URL", f"sqlite:///{tmp_path / 'copy.sqlite'}")
        assert at("key", "check") == 0
        at.put(OTHER)
        assert (at("db", "hash"), at.err) == (1, SENTENCE)
