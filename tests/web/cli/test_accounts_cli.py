"""Commands on the database: made, migrated, and worked on in somebody's name."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select

from gisgrid.access.keys.encryption import ensure_keys, load_keys, open_database
from gisgrid.access.logins import authenticate
from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.access.tokens import verify_token
from gisgrid.storage.engine import Database
from tests import world
from tests.serving import free_port
from web.cli.root import gisgrid, run
from web.cli.serve import is_loopback

PASSWORD = "a long enough one"


class Terminal:
    """Runs commands on one installation and keeps what they print."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str) -> None:
        self._monkeypatch, self._capsys, self.url = monkeypatch, capsys, url
        self.out = self.err = ""

    def __call__(self, *arguments: str, stdin: str = "") -> int:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(gisgrid, list(arguments))
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture(params=["spatialite", "postgis"])
def bare(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Terminal:
    """A terminal before any command was typed."""
    if request.param == "postgis":
        request.getfixturevalue("postgis")
        url = request.getfixturevalue("postgis_url").render_as_string(hide_password=False)
        monkeypatch.setenv("GISGRID_KEY_FILE", str(tmp_path / "keys.json"))
    else:
        url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    monkeypatch.setenv("GISGRID_DATABASE_URL", url)
    return Terminal(monkeypatch, capsys, url)


@pytest.fixture
def terminal(bare: Terminal, spatialite_template: Path, tmp_path: Path) -> Terminal:
    """A terminal at a migrated database with a key file."""
    if bare.url.startswith("sqlite"):
        shutil.copy(spatialite_template, tmp_path / "new.sqlite")
    assert bare("db", "upgrade") == 0
    return bare


@pytest.fixture
def opened(terminal: Terminal, tmp_path: Path) -> Iterator[Database]:
    database = open_database(make_url(terminal.url), load_keys(tmp_path / "keys.json"))
    yield database
    database.close()


def test_upgrade_makes_database_key_file_and_local_account_once(bare: Terminal, tmp_path: Path) -> None:
    assert bare("db", "upgrade") == 0
    first = (tmp_path / "keys.json").read_text()
    assert bare("db", "upgrade") == 0
    assert (tmp_path / "keys.json").read_text() == first
    database = open_database(make_url(bare.url), load_keys(tmp_path / "keys.json"))
    with database.read() as session:
        assert session.scalars(select(Account.role)).all() == [Role.LOCAL]
    database.close()


def test_upgrade_makes_no_new_key_for_rows_it_could_not_open(
    terminal: Terminal, opened: Database, tmp_path: Path
) -> None:
    with opened.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        resident = world.add_resident(
            session, world.add_household(session, building, "101"), world.START.date()
        )
        assert resident.id
    (tmp_path / "keys.json").unlink()
    assert terminal("db", "upgrade") == 1
    assert "encrypted rows" in terminal.err
    assert not (tmp_path / "keys.json").exists()
    ensure_keys(tmp_path / "keys.json")
    assert terminal("db", "upgrade") == 1
    assert "not the one that this database was sealed with" in terminal.err
    assert terminal("db", "upgrade", "--accept-key-file") == 0


def test_accounts_are_made_changed_and_ended(terminal: Terminal, opened: Database) -> None:
    now = datetime.now(UTC)
    assert terminal("user", "add", "zhang", "--role", "staff", stdin=f"{PASSWORD}\n") == 0
    assert authenticate(opened, "zhang", PASSWORD, now=now) is not None
    assert terminal("user", "password", "zhang", stdin="another long one\n") == 0
    assert authenticate(opened, "zhang", PASSWORD, now=now) is None
    assert authenticate(opened, "zhang", "another long one", now=now) is not None
    assert terminal("user", "disable", "zhang") == 0
    assert authenticate(opened, "zhang", "another long one", now=now) is None


def test_an_account_is_tied_to_an_area_by_its_code(terminal: Terminal, opened: Database) -> None:
    with opened.write() as session:
        world.found(session)
    arguments = ("user", "add", "li", "--role", "member", "--area")
    assert terminal(*arguments, "G9", stdin=PASSWORD) == 1
    assert "G9" in terminal.err
    assert terminal(*arguments, "G2", stdin=PASSWORD) == 0


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        (("user", "add", "Zhang", "--role", "staff"), PASSWORD, 1, "field name"),
        (("user", "add", "zhang", "--role", "king"), PASSWORD, 2, "king"),
        (("user", "add", "zhang", "--role", "local"), PASSWORD, 2, "local"),
        (("user", "add", "zhang", "--role", "staff"), "short", 1, "at least 8"),
        (("user", "add", "zhang", "--role", "staff"), "", 1, "empty"),
        (("user", "disable", "nobody"), "", 1, "no account"),
        (("user", "disable", "local"), "", 1, "no account"),
        (("token", "create", "nobody"), "", 1, "no working account"),
        (("user", "disable", "x", "--as", "nobody"), "", 1, "no working account"),
    ],
)
def test_wrong_use_is_said_in_one_sentence(
    terminal: Terminal, arguments: tuple[str, ...], stdin: str, code: int, said: str
) -> None:
    assert terminal(*arguments, stdin=stdin) == code
    assert said in terminal.err
    assert "Traceback" not in terminal.err


def test_a_refused_password_leaves_no_account(terminal: Terminal, opened: Database) -> None:
    terminal("user", "add", "zhang", "--role", "staff", stdin="short")
    with opened.read() as session:
        assert session.scalars(select(Account.name)).all() == ["local"]


def test_a_token_is_printed_once_as_json(terminal: Terminal, opened: Database) -> None:
    terminal("user", "add", "zhang", "--role", "staff", stdin=PASSWORD)
    assert terminal("token", "create", "zhang", "--json") == 0
    answer: dict[str, Any] = json.loads(terminal.out.splitlines()[-1])
    with opened.read() as session:
        assert verify_token(session, answer["token"], now=datetime.now(UTC))


def test_another_account_acts_with_its_own_rights(terminal: Terminal) -> None:
    terminal("user", "add", "zhang", "--role", "staff", stdin=PASSWORD)
    terminal("user", "add", "boss", "--role", "admin", stdin=PASSWORD)
    assert terminal("user", "disable", "zhang", "--as", "zhang") == 1
    assert "may not" in terminal.err
    assert terminal("user", "disable", "zhang", "--as", "boss") == 0


def test_the_audit_keeps_the_operating_systems_user(
    terminal: Terminal, opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "wang")
    terminal("user", "add", "zhang", "--role", "staff", stdin=PASSWORD)
    with opened.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "account")).all()
    assert {entry.operator for entry in entries} == {"wang"}
    assert {entry.action for entry in entries} == {"account:create", "account:password"}


def test_nothing_is_served_without_key_file_or_migrations(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "keys.json").rename(tmp_path / "away.json")
    assert terminal("serve") == 1
    assert "keys.json" in terminal.err


def test_a_certificate_needs_its_key(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    assert terminal("serve", "--cert", str(tmp_path / "cert.pem")) == 2


def test_files_that_are_no_certificate_are_refused_in_one_sentence(
    terminal: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "cert.pem").write_text("x")
    (tmp_path / "cert.key").write_text("x")
    files = ("--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "cert.key"))
    assert terminal("serve", "--port", str(free_port()), *files) == 1
    assert terminal.err.startswith("gisgrid: cert.pem: --cert and --key are no certificate")


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("192.0.2.1", False), ("x.cn", False)],
)
def test_only_this_machine_counts_as_local(*, host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_a_leader_is_given_the_right_to_instruct(terminal: Terminal, opened: Database) -> None:
    password = f"{PASSWORD}\n"
    assert terminal("user", "add", "wang", "--role", "leader", "--instruct", stdin=password) == 0
    assert terminal("user", "add", "li", "--role", "leader", stdin=password) == 0
    assert terminal("user", "add", "zhao", "--role", "head", "--instruct", stdin=password) != 0
    assert "only a leader can have the right to instruct" in terminal.err
    with opened.read() as session:
        rows = session.execute(select(Account.name, Account.may_instruct).where(Account.role != Role.LOCAL))
        assert dict(rows.all()) == {"wang": True, "li": False}
