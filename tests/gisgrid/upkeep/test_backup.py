"""A backup holds one state of everything; a restore brings all of it back, into either database, or none."""

from __future__ import annotations

import json
import random
import threading
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from gisgrid.access.accounts import NewAccount, create_account
from gisgrid.access.actors import Actor
from gisgrid.access.erasures import Erased, note_erased, read_erased
from gisgrid.access.keys.encryption import KeyRing, open_database
from gisgrid.access.models import Account, ApiToken, AuditEntry, Role
from gisgrid.access.tokens import create_token
from gisgrid.areas.models import CommunityState
from gisgrid.errors import Conflict, InvalidInput, MissingPart, NotAllowed
from gisgrid.people.core.models import Resident
from gisgrid.people.core.phone_digests import fill_every_phone_digest
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from gisgrid.upkeep import archive as archive_module
from gisgrid.upkeep import restoration
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import back_up, content_of
from gisgrid.upkeep.checks import check_database
from gisgrid.upkeep.manifest import NAME, Manifest
from gisgrid.upkeep.names import BACKUP
from gisgrid.upkeep.restoration import CheckedBackup, RestoredBackup, Restoring, check_backup, restore
from tests import world
from tests.conftest import KEYS
from tests.world import TZ

LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")
OTHER_KEYS = KeyRing(1, {1: b"another key that has the same id"})


def fill(database: Database, *, name: str = "李示例") -> dict[str, str]:
    """A community with one person, one account with a token, and what is needed to find them."""
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        person = world.add_resident(session, home, date(1950, 1, 1))
        person.name = name
        command = NewAccount(name="head1", role=Role.HEAD, area_id=made.community)
        head = create_account(session, made.actor, command, now=world.START)
        return {"resident": person.id, "head": head.id, "community": made.community, "home": home.id}


def save(database: Database, path: Path, now: datetime) -> Manifest:
    return back_up(database, LOCAL, path, now=now)


def bring_back(
    database: Database, path: Path, now: datetime, ring: KeyRing = KEYS, **wish: Any
) -> RestoredBackup:
    with opened(path) as archive:
        checked = check_backup(archive, ring)
        return restore(database, LOCAL, archive, checked, wished(path, **wish), now=now)


def wished(path: Path, **wish: Any) -> Restoring:
    erasures = path.with_name("erasures.jsonl")
    return Restoring(erasures=erasures, zone=TZ, operator="tester", **wish)


def names(database: Database) -> list[str | None]:
    with database.read() as session:
        return list(session.scalars(select(Resident.name)))


@pytest.fixture
def other(database: Database, request: pytest.FixtureRequest) -> Database:
    """The database of the other kind, empty."""
    found: Database = request.getfixturevalue("postgis" if database.is_sqlite else "spatialite")
    return found


def test_a_backup_of_one_database_restores_into_the_other(
    database: Database, other: Database, tmp_path: Path, now: datetime
) -> None:
    ids = fill(database)
    with database.write() as session:
        fill_every_phone_digest(session)  # as a restore does
    manifest = save(database, tmp_path / "b.zip", now)
    assert manifest.content == content_of(database).hash
    done = bring_back(other, tmp_path / "b.zip", now + timedelta(hours=1))
    assert done.rows == manifest.rows
    assert done.erased_again == done.names_lost == 0
    assert names(other) == ["李示例"]
    changed = {"account", "community_state", "audit_entry"}
    before, after = content_of(database), content_of(other)
    assert {name for name in before.tables if before.tables[name] != after.tables[name]} == changed
    assert after.rows["audit_entry"] == before.rows["audit_entry"] + 1
    with other.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "database:restore")).one()
        assert (entry.operator, entry.count) == ("tester", manifest.rows)
        assert session.get(Account, entry.account_id).role == Role.LOCAL
        assert not any(check_database(session, LOCAL, at=now).counts().values())
        assert session.get(Resident, ids["resident"]).birth_date == date(1950, 1, 1)


def test_a_restore_with_replace_brings_back_what_was_and_refuses_without(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    ids = fill(database)
    save(database, tmp_path / "b.zip", now)
    with database.write() as session:
        session.get(Resident, ids["resident"]).name = "改过的"
        session.add(Account(name="later", role=Role.STAFF, created_at=now))
    held = content_of(database)
    with pytest.raises(Conflict, match="--replace"):
        bring_back(database, tmp_path / "b.zip", now)
    assert content_of(database) == held
    bring_back(database, tmp_path / "b.zip", now, replaces=True)
    assert names(database) == ["李示例"]
    with database.read() as session:
        assert session.scalar(select(func.count()).where(Account.name == "later")) == 0
    again = now + timedelta(minutes=1)
    with database.write() as session:  # triggers and numbered keys are as they were
        session.add(AuditEntry(at=again, action="a", object_kind="x"))
        world.add_building(session, _world(ids), 1, 0, number="9")
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), database.write() as session:
        session.execute(sa.delete(AuditEntry))


def _world(ids: dict[str, str]) -> world.World:
    return world.World(community=ids["community"], actor=LOCAL)


def test_sessions_end_caches_let_go_and_what_was_revoked_stays_revoked(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    ids = fill(database)
    with database.write() as session:
        create_token(session, LOCAL, "head1", now=now)
    save(database, tmp_path / "b.zip", now)
    with database.write() as session:
        session.get(Account, ids["head"]).session_version = 2**30
        session.get(Account, ids["head"]).disabled_at = now
        session.execute(sa.update(ApiToken).values(revoked_at=now))
        session.get(CommunityState, ids["community"]).data_version = 2**30
    bring_back(database, tmp_path / "b.zip", now + timedelta(hours=1), replaces=True)
    with database.read() as session:
        head = session.get(Account, ids["head"])
        assert head.session_version > 2**30
        assert head.disabled_at == now + timedelta(hours=1)
        assert session.scalars(select(ApiToken.revoked_at)).one() == now + timedelta(hours=1)
        assert session.get(CommunityState, ids["community"]).data_version > 2**30


def test_who_was_erased_after_the_backup_is_erased_again(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    ids = fill(database)
    save(database, tmp_path / "b.zip", now)
    note_erased(tmp_path / "erasures.jsonl", [Erased(table="resident", id=ids["resident"], at=now)])
    done = bring_back(database, tmp_path / "b.zip", now, replaces=True)
    assert done.erased_again == 1
    assert names(database) == [None]
    assert len(read_erased(tmp_path / "erasures.jsonl")) == 1


def test_a_list_of_erasures_that_cant_be_read_stops_the_restore(
    spatialite: Database, tmp_path: Path, now: datetime
) -> None:
    fill(spatialite)
    save(spatialite, tmp_path / "b.zip", now)
    (tmp_path / "erasures.jsonl").write_text("?\n")
    held = content_of(spatialite)
    with pytest.raises(MissingPart, match="would come back"):
        bring_back(spatialite, tmp_path / "b.zip", now, replaces=True)
    assert content_of(spatialite) == held


def test_without_its_key_a_backup_gives_addresses_without_names(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    fill(database)
    save(database, tmp_path / "b.zip", now)
    raw = (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        texts = b"".join(archive.read(name) for name in archive.namelist())
    assert "李示例".encode() not in texts
    assert KEYS.secrets[1].hex().encode() not in texts + raw
    database.engine.dialect.gisgrid_keys = OTHER_KEYS
    try:
        with pytest.raises(MissingPart, match="without-names"):
            bring_back(database, tmp_path / "b.zip", now, OTHER_KEYS, replaces=True)
        done = bring_back(database, tmp_path / "b.zip", now, OTHER_KEYS, replaces=True, without_names=True)
        assert done.names_lost == 2  # the name and the phone
        assert names(database) == [""]
    finally:
        database.engine.dialect.gisgrid_keys = KEYS


@pytest.mark.parametrize("times", [60, pytest.param(2000, marks=pytest.mark.prove)])
def test_any_damage_is_found_before_anything_is_touched(
    spatialite: Database, tmp_path: Path, now: datetime, times: int
) -> None:
    fill(spatialite)
    path = tmp_path / "b.zip"
    content = save(spatialite, path, now).content
    whole, rng, refused = path.read_bytes(), random.Random(7), 0
    for _ in range(times):
        hurt = bytearray(whole)
        place = rng.randrange(len(hurt))
        hurt[place] ^= 1 << rng.randrange(8)
        refused += _is_refused(path, bytes(hurt), content)
    assert refused > 0.75 * times  # some bytes of a zip, such as dates, say nothing
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        assert _is_refused(path, whole[:length], content)


def _is_refused(path: Path, data: bytes, content: str) -> bool:
    """Whether a file is refused with a sentence; where it is taken, it must say what the whole one says."""
    path.write_bytes(data)
    try:
        with opened(path) as archive:
            assert check_backup(archive, KEYS).manifest.content == content
    except InvalidInput as error:
        return error.faults[0].file == "b.zip"
    return False


def _forged(path: Path, change: dict[str, Any]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[NAME] = json.dumps(json.loads(parts[NAME]) | change).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"head": "9999"}, "later than this version"),
        ({"format": 99}, "later version"),
        ({"program": "other"}, "can't be read"),
        ({"tables": []}, "content hash"),
        ({"head": "0014"}, "which this version can't bring up"),
    ],
)
def test_a_backup_of_a_later_version_or_a_forged_one_is_refused(
    spatialite: Database, tmp_path: Path, now: datetime, change: dict[str, Any], said: str
) -> None:
    fill(spatialite)
    save(spatialite, tmp_path / "b.zip", now)
    _forged(tmp_path / "b.zip", change)
    with opened(tmp_path / "b.zip") as archive, pytest.raises(InvalidInput, match=said):
        check_backup(archive, KEYS)


def test_another_file_is_never_written_over_a_backup_is(
    spatialite: Database, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "notes.zip"
    path.write_text("mine")
    with pytest.raises(InvalidInput, match="another name"):
        save(spatialite, path, now)
    assert path.read_text() == "mine"
    path.unlink()
    save(spatialite, path, now)
    fill(spatialite)
    later = save(spatialite, path, now)
    assert path.stat().st_mode & 0o777 == 0o600
    with opened(path) as archive:
        assert archive.check().content == later.content
    assert [one.name for one in tmp_path.glob(".*.part")] == []


def test_only_who_may_copies_or_restores(spatialite: Database, tmp_path: Path, now: datetime) -> None:
    fill(spatialite)
    head = Actor(role=Role.HEAD)
    with pytest.raises(NotAllowed):
        back_up(spatialite, head, tmp_path / "b.zip", now=now)
    assert not (tmp_path / "b.zip").exists()
    save(spatialite, tmp_path / "b.zip", now)
    with opened(tmp_path / "b.zip") as archive:
        checked = check_backup(archive, KEYS)
        with pytest.raises(NotAllowed):
            restore(spatialite, Actor(role=Role.ADMIN), archive, checked, wished(tmp_path), now=now)


def test_a_restore_that_fails_leaves_everything_as_it_was(
    database: Database, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    save(database, tmp_path / "b.zip", now)
    held = content_of(database)

    def fail(*_arguments: object, **_named: object) -> int:
        raise OSError("torn out")

    monkeypatch.setattr(restoration, "replay_erasures", fail)
    with pytest.raises(OSError, match="torn out"):
        bring_back(database, tmp_path / "b.zip", now, replaces=True)
    assert content_of(database) == held
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), database.write() as session:
        session.execute(sa.delete(AuditEntry))


def test_backups_made_while_others_write_hold_one_state_each(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    """Two rows are always written together: no backup has one without the other."""
    fill(database)
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            with database.write() as session:
                session.add(AuditEntry(at=now, action="pair:a", object_kind="x", count=number))
                session.flush()
                session.add(AuditEntry(at=now, action="pair:b", object_kind="x", count=number))

    writer = threading.Thread(target=write)
    writer.start()
    counts = []
    for number in range(5):
        path = tmp_path / f"{number}.zip"
        save(database, path, now)
        with opened(path) as archive:
            note = next(one for one in archive.check().tables if one.form.name == "audit_entry")
            place = note.form.names.index("action")
            actions = [row[place] for row in archive.rows(note)]
        assert actions.count("pair:a") == actions.count("pair:b")
        assert actions.count(BACKUP) == number + 1
        counts.append(len(actions))
    ended.set()
    writer.join()
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_others_write_while_a_backup_is_restored(spatialite: Database, tmp_path: Path, now: datetime) -> None:
    """At every step of it; what was revoked meanwhile stays revoked, and readers keep their state."""
    fill(spatialite)
    with spatialite.write() as session:
        account = Account(name="program", role=Role.STAFF, created_at=now)
        session.add(account)
        session.flush()
        life = {"created_at": now, "expires_at": now + timedelta(days=9)}
        token = ApiToken(account_id=account.id, digest="d", label="x", **life)
        session.add(token)
    save(spatialite, tmp_path / "b.zip", now)
    other = open_database(spatialite.engine.url, KEYS)
    shares: list[float] = []

    def write_beside(share: float) -> None:
        if share >= 1 and shares[-1] < 1:
            with other.write(patience_ms=0) as session:
                session.execute(sa.update(ApiToken).values(revoked_at=now))
        elif share < 1:
            with other.write(patience_ms=0) as session:
                session.add(AuditEntry(at=now, action="beside", object_kind="x"))
        shares.append(share)

    with opened(tmp_path / "b.zip") as archive, other.read() as reading:
        before = reading.scalar(select(func.count()).select_from(AuditEntry))
        checked = check_backup(archive, KEYS)
        wish = wished(tmp_path / "b.zip", replaces=True)
        restore(spatialite, LOCAL, archive, checked, wish, now=now, report=write_beside)
        assert reading.scalar(select(func.count()).select_from(AuditEntry)) == before
    assert len([share for share in shares if share < 1]) > 5
    with other.read() as session:
        assert session.scalar(select(func.count()).where(AuditEntry.action == "beside")) == 0
        assert session.scalars(select(ApiToken.revoked_at)).one() == now
    other.close()
    assert list(tmp_path.glob(".trial-*")) == []


def test_check_tells_what_a_backup_needs(spatialite: Database, tmp_path: Path, now: datetime) -> None:
    save(spatialite, tmp_path / "empty.zip", now)
    with opened(tmp_path / "empty.zip") as archive:
        found: CheckedBackup = check_backup(archive, None)
    assert (found.has_sealed, found.shut) == (False, frozenset())
    fill(spatialite)
    save(spatialite, tmp_path / "b.zip", now)
    with opened(tmp_path / "b.zip") as archive:
        assert check_backup(archive, KEYS).shut == frozenset()
        assert check_backup(archive, None).shut == {("resident.name", 1), ("resident.phone", 1)}


def test_a_backup_older_than_all_that_is_known_is_refused_with_what_to_do(
    database: Database, other: Database, tmp_path: Path, now: datetime
) -> None:
    fill(database)
    _as_of_revision(database, "0042", tmp_path / "old.zip", now)
    held = content_of(other)
    with pytest.raises(InvalidInput) as refused:
        bring_back(other, tmp_path / "old.zip", now, replaces=True)
    said = (
        "old.zip: it is of revision 0042, which this version can't bring up: restore it with the version of"
        f" {migrate.LAST_STEPWISE} and make a new backup there"
    )
    assert [fault.sentence() for fault in refused.value.faults] == [said]
    assert content_of(other) == held


def _as_of_revision(database: Database, head: str, path: Path, now: datetime) -> None:
    """A backup that says it is of a revision."""
    stand = sa.text("UPDATE alembic_version SET version_num = :head")
    with database.engine.begin() as connection:
        connection.execute(stand, {"head": head})
        archive_module.write_archive(connection, path, now=now)
        connection.execute(stand, {"head": migrate.newest()})
