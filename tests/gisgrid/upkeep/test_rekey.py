"""Keys are turned while others write; broken off, it goes on; no value is ever without its key."""

from __future__ import annotations

import json
import threading
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from gisgrid.access.actors import Actor
from gisgrid.access.audit import record
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.access.keys.encryption import KeyFile, load_keys, open_database
from gisgrid.access.keys.file import rekey_alone
from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import Conflict, NotAllowed
from gisgrid.people.core.models import Resident
from gisgrid.people.imports import PURPOSE, digest_parts
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from gisgrid.upkeep import rekey
from gisgrid.upkeep.rekey import forget_old_keys, keys_in_use, turn_keys
from tests import world
from tests.conftest import KEYS
from tests.demo_files import key_file_text
from tests.stepping import close

LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")
PEOPLE = 1003


@pytest.fixture
def keys(tmp_path: Path, database: Database) -> Path:
    """The key file that the database is opened with, as an application has it."""
    path = tmp_path / "ring.json"
    path.write_text(key_file_text(KEYS))
    path.chmod(0o600)
    database.engine.dialect.gisgrid_keys = KeyFile(path)
    return path


def fill(database: Database, now: datetime, *, people: int = PEOPLE) -> list[str]:
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        digests = Digests(key_ring(session), PURPOSE)
        ids = []
        for number in range(people):
            person = world.add_resident(session, home, date(1950, 1, 1), name=f"示例{number}")
            person.external_key = digests.current(digest_parts(home.id, person.name or "", date(1950, 1, 1)))
            ids.append(person.id)
        record(session, made.actor, "persons:view", "household", now=now, reason="visit")
        return ids


def names(database: Database) -> set[str | None]:
    with database.read() as session:
        return set(session.scalars(select(Resident.name)))


def test_everything_is_sealed_by_the_new_key_and_says_the_same(
    database: Database, keys: Path, now: datetime
) -> None:
    fill(database, now)
    before = names(database)
    assert keys_in_use(database).keys() == {1}
    done = turn_keys(database, LOCAL, keys, now=now)
    assert (done.key, done.is_new, done.old_keys) == (2, True, (1,))
    assert done.resealed == 2 * PEOPLE + 1
    assert keys_in_use(database).keys() == {2}
    assert names(database) == before
    assert keys.stat().st_mode & 0o777 == 0o600
    with database.read() as session:
        assert session.scalars(select(AuditEntry.reason).where(AuditEntry.reason.is_not(None))).all() == [
            "visit"
        ]
        home = session.scalars(select(Household.id)).one()
        person = session.scalars(select(Resident).limit(1)).one()
        digests = Digests(key_ring(session), PURPOSE)
        assert person.external_key == digests.current(digest_parts(home, person.name or "", date(1950, 1, 1)))
    assert turn_keys(database, LOCAL, keys, now=now).key == 3
    gone, needed = forget_old_keys(database, LOCAL, keys, now=now)
    assert (gone, needed) == ((1, 2), {})
    assert load_keys(keys).secrets.keys() == {3}
    assert names(database) == before


def test_texts_of_cases_are_turned_too(database: Database, keys: Path, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        lon, lat = world.middle(0, 0).coords[0]
        for number in range(3):
            command = ReportCase(lon=lon, lat=lat, category="dispute", description=f"said {number}")
            case = report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ).case
        close(made.view(session, now=now), case.id, "done", now=now)
    assert turn_keys(database, LOCAL, keys, now=now).resealed == 5  # the result stands in the log too
    assert keys_in_use(database).keys() == {2}
    assert forget_old_keys(database, LOCAL, keys, now=now) == ((1,), {})
    with database.read() as session:
        said = select(Case.description, Case.result).order_by(Case.fid)
        assert session.execute(said).all() == [("said 0", None), ("said 1", None), ("said 2", "done")]
        assert session.scalars(select(CaseLog.text).where(CaseLog.text.is_not(None))).all() == ["done"]


def test_a_turning_that_is_broken_off_goes_on_with_its_key(
    database: Database, keys: Path, now: datetime
) -> None:
    fill(database, now)
    before = names(database)

    def stop(share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turn_keys(database, LOCAL, keys, now=now, report=stop)
    mixed = keys_in_use(database)
    assert mixed.keys() == {1, 2}
    assert names(database) == before
    assert forget_old_keys(database, LOCAL, keys, now=now)[0] == ()
    done = turn_keys(database, LOCAL, keys, now=now)
    assert (done.key, done.is_new) == (2, False)
    sealed = ("audit_entry.reason", "resident.name", "resident.phone")
    assert done.resealed + sum(mixed[2][column] for column in sealed) == 2 * PEOPLE + 1
    assert keys_in_use(database).keys() == {2}
    assert names(database) == before
    assert turn_keys(database, LOCAL, keys, now=now).key == 3


def test_keys_are_turned_while_another_application_writes_and_reads(
    database: Database, keys: Path, now: datetime
) -> None:
    ids = fill(database, now, people=700)
    url = make_url(database.engine.url.render_as_string(hide_password=False))
    other = open_database(url, KeyFile(keys))
    ended, faults, wrote = threading.Event(), [], {}

    def work() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            who = ids[(number * 37) % len(ids)]
            try:
                with other.write() as session:
                    person = session.get(Resident, who)
                    assert person.name is not None
                    assert person.name.startswith("示例")
                    person.name = wrote[who] = f"示例-{number}"
            except Exception as error:
                faults.append(error)
                raise

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for wanted in (2, 3):
            assert turn_keys(database, LOCAL, keys, now=now).key == wanted
    finally:
        ended.set()
        worker.join()
        other.close()
    assert faults == []
    assert wrote
    with database.read() as session:
        found = {one.id: one.name for one in session.scalars(select(Resident))}
    assert {who: found[who] for who in wrote} == wrote
    assert {key for key, uses in keys_in_use(database).items() if uses["resident.name"]} <= {2, 3}
    turn_keys(database, LOCAL, keys, now=now)
    assert keys_in_use(database)[4]["resident.name"] == 700


def test_a_digest_of_what_somebody_was_called_before_keeps_its_key(
    database: Database, keys: Path, now: datetime
) -> None:
    (who,) = fill(database, now, people=1)
    with database.write() as session:
        session.get(Resident, who).name = "改名"
    turn_keys(database, LOCAL, keys, now=now)
    gone, needed = forget_old_keys(database, LOCAL, keys, now=now)
    assert gone == ()
    assert needed == {1: {"resident.external_key": 1}}
    assert load_keys(keys).secrets.keys() == {1, 2}


def test_an_id_of_another_system_is_no_digest(database: Database, keys: Path, now: datetime) -> None:
    (who,) = fill(database, now, people=1)
    with database.write() as session:
        session.get(Resident, who).external_key = "#A7"
    turn_keys(database, LOCAL, keys, now=now)
    with database.read() as session:
        assert session.get(Resident, who).external_key == "#A7"
    assert forget_old_keys(database, LOCAL, keys, now=now) == ((1,), {})


def test_two_cannot_turn_at_once_and_few_may(spatialite: Database, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"current": 1, "keys": {"1": "00"}}')
    with rekey_alone(path), pytest.raises(Conflict, match="already"):
        turn_keys(spatialite, LOCAL, path, now=now)
    for role in (Role.ADMIN, Role.HEAD):
        with pytest.raises(NotAllowed):
            turn_keys(spatialite, Actor(role=role), path, now=now)
        with pytest.raises(NotAllowed):
            forget_old_keys(spatialite, Actor(role=role), path, now=now)
    assert json.loads(path.read_text())["current"] == 1


def test_a_value_changed_between_reading_and_sealing_is_left_alone(
    spatialite: Database, now: datetime
) -> None:
    """What was erased in between is not brought back by the value read before."""
    (who,) = fill(spatialite, now, people=1)
    with spatialite.write() as session:
        table, key = rekey._plain("resident", ["name"])
        ring = type(KEYS)(2, {**KEYS.secrets, 2: b"x" * 32})
        rows = session.execute(rekey._old_rows(table, key, ["name"], 2, None)).all()
        session.execute(text("UPDATE resident SET name = NULL"))
        rekey._reseal(session, table, key, "name", rows, ring)
    with spatialite.read() as session:
        assert session.get(Resident, who).name is None


def test_a_key_file_is_read_again_when_it_changed_and_kept_when_it_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"current": 1, "keys": {"1": "00"}}')
    known = KeyFile(path)
    path.write_text('{"current": 2, "keys": {"1": "00", "2": "01"}}')
    assert known.ring().current == 2
    path.write_text("{")
    assert known.ring().current == 2
    path.unlink()
    assert known.ring().current == 2
