"""An erasure reaches every sealed column of rows whose foreign keys lead to the person, and no one else's.

The tables are found by walking the metadata. A mark is planted in each column; a new table without a row here
fails the test.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, String, Table, select
from sqlalchemy.orm import Session

from gisgrid.access.erasures import list_beside
from gisgrid.access.imports import FORGOTTEN, ImportNotes
from gisgrid.access.keys.encryption import Encrypted, EncryptedBytes, Sealed
from gisgrid.access.models import ImportChange, ImportRun
from gisgrid.people.core.edit_models import FieldClash, RegisterEdit
from gisgrid.people.core.models import ErasureRequest, Resident
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.erasure.replay import replay_erasures
from gisgrid.people.erasure.service import ask_erasure, carry_out
from gisgrid.people.requests.service import VisitInput, note_visit
from gisgrid.places.models import Household
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import subject_columns
from gisgrid.records.core.work_models import TaskNote
from gisgrid.storage.base import Base, new_id
from gisgrid.storage.engine import Database
from gisgrid.upkeep.tables import all_forms
from gisgrid.welfare.models import AssignedVisitor
from tests import fieldwork, world
from tests.conftest import KEYS

OTHERS: Final = {"account", "worker"}
"""Tables of people besides residents: what leads to one of them is theirs."""


def chain(root: str) -> dict[str, list[str]]:
    """Sealed columns by table that lead to a row of ``root``, found as the test understands it."""
    reached, grown = {root}, True
    people = OTHERS | {"resident"} - {root}
    while grown:
        leading = {
            table.name
            for table in Base.metadata.sorted_tables
            if table.name not in people
            and any(key.column.table.name in reached for key in table.foreign_keys)
        }
        grown = not leading <= reached
        reached |= leading
    found = {
        name: [one.name for one in Base.metadata.tables[name].columns if isinstance(one.type, Sealed)]
        for name in reached
    }
    return {name: columns for name, columns in found.items() if columns}


@pytest.fixture
def letters(database: Database) -> Iterator[None]:
    """Two tables nobody has thought of: a letter of a person with a scan, and its pages one table on."""
    letter = Table(
        "letter",
        Base.metadata,
        Column("id", String(36), primary_key=True),
        Column("resident_id", String(36), ForeignKey("resident.id"), nullable=False),
        Column("scan", EncryptedBytes("letter.scan"), nullable=False),
        Column("seal", EncryptedBytes("letter.seal")),
    )
    page = Table(
        "letter_page",
        Base.metadata,
        Column("id", String(36), primary_key=True),
        Column("letter_id", String(36), ForeignKey("letter.id"), nullable=False),
        Column("text", Encrypted("letter_page.text"), nullable=False),
        Column("picture", EncryptedBytes("letter_page.picture")),
    )
    tables = [letter, page]
    with database.engine.begin() as connection:
        Base.metadata.create_all(connection, tables=tables)
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            Base.metadata.drop_all(connection, tables=tables)
        for table in tables:
            Base.metadata.remove(table)


class Planted:
    """Two households with two people each, and rows of every table that leads to them."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made = world.found(session)
        self.view = self.made.view(session, now=now)
        self.homes, self.people = [], []
        for number in range(2):
            building = world.add_building(session, self.made, number, 0, number=str(number + 1))
            home = world.add_household(session, building, "101", consent=None)
            self.homes.append(home.id)
            births = (date(1950, 1, 1), date(1960, 1, 1))
            self.people += [world.add_resident(session, home, born).id for born in births]
            self._requests(home)
        self.version = fieldwork.add_form(session, at=now)
        for person in self.people:
            self._hang(person)
        for home in self.homes:
            self._note(home, fieldwork.add_record(session, self.version, home, at=now, kind="household").id)
        session.flush()
        session.expire_all()

    def _requests(self, home: Household) -> None:
        visit = VisitInput(outcome="mediation", mediator_kind="relative", mediator="x")
        note_visit(self.view, home.id, visit, now=self.now)
        edit = {"household_id": home.id, "at": self.now, "field": "household.kind", "purpose": "registration"}
        self.session.add(RegisterEdit(act_id=new_id(), **edit))
        self.session.add(FieldClash(**edit))
        row = {"community_id": self.made.community, "household_id": home.id, "asked_at": self.now}
        self.session.add(ErasureRequest(state="declined", reason="x", decided_at=self.now, **row))

    def _hang(self, person: str) -> None:
        home = self.session.get(Resident, person).household_id
        row = {"community_id": self.made.community, "household_id": home, "asked_at": self.now}
        self.session.add(ErasureRequest(state="declined", reason="x", resident_id=person, **row))
        self.session.add(AssignedVisitor(resident_id=person, kind="volunteer", name="x", valid_from=self.now))
        served = {"resident_id": person, "kind": "no_income", "server": "volunteer", "name": "x"}
        self.session.add(NeedService(**served, since=self.now.date(), noted_at=self.now))
        edit = {"household_id": home, "resident_id": person, "at": self.now, "purpose": "contact"}
        self.session.add(RegisterEdit(act_id=new_id(), field="person.phone", **edit))
        self.session.add(FieldClash(field="person.phone", **edit))
        metadata = Base.metadata.tables
        self._note(home, fieldwork.add_record(self.session, self.version, person, at=self.now).id, person)
        letter, page = new_id(), new_id()
        self.session.execute(
            metadata["letter"].insert().values(id=letter, resident_id=person, scan=b"x", seal=b"x")
        )
        self.session.execute(
            metadata["letter_page"].insert().values(id=page, letter_id=letter, text="x", picture=b"x")
        )

    def _note(self, home: str, record: str, person: str | None = None) -> None:
        """A photo of a record, and a note to a task of the same subject."""
        fieldwork.add_photo(self.session, record, at=self.now, resident=person)
        kind = SubjectKind.PERSON if person else SubjectKind.HOUSEHOLD
        subject = subject_columns(kind, person or home)
        note = {"rule_code": "elder_week", "of": "2026-11", "kind": "impossible", "at": self.now}
        self.session.add(TaskNote(**subject, **note, reason="x"))

    def mark(self) -> dict[tuple[str, str], list[str]]:
        """A mark in every sealed column of every row that leads to a household; ids of the rows by column."""
        marked: dict[tuple[str, str], list[str]] = {}
        for name, columns in (chain("household") | chain("resident")).items():
            table = Base.metadata.tables[name]
            ids = list(self.session.scalars(select(table.c.id)))
            assert ids, f"no row of {name} stands here: make one that leads to a person"
            for column in columns:
                mark = b"MARK" if isinstance(table.c[column].type, EncryptedBytes) else "MARK"
                self.session.execute(table.update().values({column: mark}))
                marked[name, column] = ids
        run = ImportRun(
            kind="residents", at=self.now, file_name="x", sha256="0" * 64, counts={}, account_id=None
        )
        self.session.add(run)
        self.session.flush()
        notes = ImportNotes(self.session, run)
        for person in self.people:
            notes.changed(Resident, [(person, {**self._plain(Resident, person)}, {"phone": "MARK"})])
        self.session.expire_all()
        return marked

    def _plain(self, table: type[Base], key: str) -> dict[str, Any]:
        columns = table.__table__.columns
        row = self.session.execute(select(*columns).where(columns["id"] == key)).one()
        return dict(row._mapping) | {"phone": "MARK"}


def still_marked(session: Session) -> dict[tuple[str, str], set[str]]:
    """Ids of rows in whose sealed values the mark stands, opened from the raw bytes of every table."""
    found: dict[tuple[str, str], set[str]] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, Sealed) or "id" not in table.c:
                continue
            raw = sa.table(table.name, sa.column("id"), sa.column(column.name, sa.LargeBinary()))
            where = raw.c[column.name].is_not(None)
            for key, value in session.execute(select(*raw.c).where(where)):
                if b"MARK" in KEYS.unseal(bytes(value), f"{table.name}.{column.name}"):
                    found.setdefault((table.name, column.name), set()).add(str(key))
    return found


def belonging(session: Session, people: set[str], homes: set[str]) -> set[str]:
    """Ids of all rows that are of some people or households, whichever way."""
    own = people | homes
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if "id" in table.c and table.name not in OTHERS | {"resident"}:
                reads = select(table.c.id).where(key.parent.in_(own))
                own = own | {str(one) for one in session.scalars(reads)}
    return own


def test_the_walk_reaches_further_than_one_table() -> None:
    assert set(chain("household")) >= {"household", "data_request_step", "erasure_request"}
    assert set(chain("resident")) >= {"resident", "assigned_visitor", "erasure_request"}
    assert len(all_forms()) > len(chain("household"))


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("whole", [False, True])
def test_every_mark_that_leads_to_the_erased_is_gone_and_no_other(
    database: Database, now: datetime, tmp_path: Path, *, whole: bool
) -> None:
    erasures = list_beside(tmp_path / "keys.json")
    with database.write() as session:
        planted = Planted(session, now)
        marked = planted.mark()
        assert {name for name, _column in marked} >= {"letter", "letter_page", "data_request_step"}
        assert {key: set(ids) for key, ids in marked.items()}.items() <= still_marked(session).items()
        (home, _other), person = planted.homes, planted.people[0]
        asked = ask_erasure(planted.view, home, resident_id=None if whole else person, now=now)
        erased = set(planted.people[: 2 if whole else 1])
        own = belonging(session, erased, {home} if whole else set()) - ({home} if not whole else set())
        assert carry_out(planted.view, asked, erasures=erasures, now=now) == len(erased)
        left = still_marked(session)
        for (name, column), ids in marked.items():
            assert left.get((name, column), set()) == set(ids) - own, (name, column)
        former = session.execute(select(ImportChange.object_id, ImportChange.before)).all()
        assert {one for one, before in former if before == FORGOTTEN} == erased


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("database", ["spatialite"], indirect=True)
def test_a_copy_from_before_is_erased_as_far(database: Database, now: datetime, tmp_path: Path) -> None:
    """The list outside of the backup knows the person alone; the walk is done again."""
    erasures = list_beside(tmp_path / "keys" / "keys.json")
    with database.write() as session:
        planted = Planted(session, now)
        marked = planted.mark()
    file = Path(str(database.engine.url.database))
    database.close()
    shutil.copy(file, tmp_path / "before.sqlite")
    with database.write() as session:
        view = planted.made.view(session, now=now)
        carry_out(view, ask_erasure(view, planted.homes[0], now=now), erasures=erasures, now=now)
        after = still_marked(session)
    database.close()
    for aside in file.parent.glob(f"{file.name}-*"):
        aside.unlink()
    shutil.copy(tmp_path / "before.sqlite", file)
    with database.write() as session:
        assert len(still_marked(session)) >= len(marked)
        assert replay_erasures(session, erasures) == 2
    with database.read() as session:
        assert still_marked(session) == after
