"""Erasure: who may, what is gone, what stays as a count, and that no backup brings anybody back."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.erasures import Erased, list_beside, note_erased, read_erased
from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.rules import REDACTED
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.redaction import redact
from gisgrid.errors import Conflict, InvalidInput, MissingPart, NotAllowed, NotFound
from gisgrid.figures.cards import household_card
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.erasure_rules import ErasureState
from gisgrid.people.core.models import Consent, ErasedCount, Need, Resident
from gisgrid.people.erasure.queries import erasures_of, list_erasures
from gisgrid.people.erasure.replay import replay_erasures
from gisgrid.people.erasure.service import ask_erasure, carry_out, decline, take_back
from gisgrid.people.requests.service import VisitInput, note_visit
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ

BIRTHS = (date(1950, 1, 1), date(1990, 5, 5), date(2020, 6, 1))


@pytest.fixture
def erasures(tmp_path: Path) -> Path:
    return list_beside(tmp_path / "keys" / "keys.json")


def _home(session: Session, made: world.World, *, births: tuple[date, ...] = BIRTHS) -> Household:
    home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
    for birth in births:
        person = world.add_resident(session, home, birth)
        session.add(
            Need(
                resident_id=person.id,
                kind="ability_grade",
                grade=2,
                legal_basis="评估",
                valid_from=world.START,
            )
        )
    session.flush()
    return home


def _bands(session: Session) -> dict[tuple[str, str], int]:
    rows = session.execute(select(ErasedCount.area_id, ErasedCount.age_band, ErasedCount.count))
    return {(area, band): count for area, band, count in rows}


def test_a_resident_asks_a_head_confirms_and_nothing_personal_is_left(
    database: Database, now: datetime, erasures: Path
) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        resident = made.view(session, Actor(role=Role.RESIDENT, household_id=home.id), now=now)
        head = made.view(session, world.add_actor(session, made, Role.HEAD, "C1"), now=now)
        asked = ask_erasure(resident, home.id, now=now)
        assert ask_erasure(resident, home.id, now=now) == asked
        rows, total = list_erasures(head, now=now)
        assert (total, rows[0].people, rows[0].state) == (1, 3, ErasureState.ASKED)
        assert carry_out(head, asked, erasures=erasures, now=now) == 3
        blanked = session.execute(
            select(
                Resident.name,
                Resident.phone,
                Resident.birth_date,
                Resident.sex,
                Resident.external_key,
                Resident.consent,
                Resident.erased_at,
            )
        ).all()
        assert blanked == [(None, None, None, None, None, "withdrawn", now)] * 3
        assert session.scalar(select(func.count()).select_from(Need)) == 0
        grid = made.areas["G1"]
        assert _bands(session) == {(grid, "70-79"): 1, (grid, "18-59"): 1, (grid, "0-13"): 1}
        card = household_card(head, home.id, reason="核对", now=now)
        assert (card["address"], card["persons"], card["people"]) == (home.std_address, None, None)
        assert erasures_of(resident, home.id)[0].state == ErasureState.DONE
        with pytest.raises(Conflict):
            carry_out(head, asked, erasures=erasures, now=now)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "erasure:carry_out")).one()
        assert (entry.object_id, entry.count) == (home.id, 3)
        assert set(entry.fields) == {"name", "phone", "birth_date", "sex", "external_key"}
    ids = {one.id for one in read_erased(erasures)}
    assert len(ids) == 3
    assert stat.S_IMODE(erasures.stat().st_mode) == 0o600
    assert "示例" not in erasures.read_text()


def test_one_person_goes_and_the_others_stay(database: Database, now: datetime, erasures: Path) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        view = made.view(session, now=now)
        gone = session.scalars(select(Resident.id).order_by(Resident.birth_date)).first()
        request = ask_erasure(view, home.id, resident_id=gone, now=now)
        assert carry_out(view, request, erasures=erasures, now=now) == 1
        left = session.execute(select(Resident.id, Resident.name).where(Resident.erased_at.is_(None))).all()
        assert len(left) == 2
        assert gone not in {row.id for row in left}
        assert all(row.name for row in left)
        assert session.scalars(select(Household.consent)).one() == "granted"
        card = household_card(view, home.id, reason=None, now=now)
        assert [person["age"] for person in card["persons"]] == [36]  # the child is never listed
        with pytest.raises(NotFound):
            ask_erasure(view, home.id, resident_id=gone, now=now)


def test_every_sealed_text_that_hangs_on_a_person_is_blanked_in_the_database(
    database: Database, now: datetime, erasures: Path
) -> None:
    """Looked for in the raw rows of every table, also of tables that nobody thought of here."""
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101", consent=None)
        world.add_resident(session, home, BIRTHS[0])
        view = made.view(session, now=now)
        mediated = VisitInput(outcome="mediation", mediator_kind="relative", mediator="示例丙")
        note_visit(view, home.id, mediated, now=now)
        request = ask_erasure(view, home.id, now=now)
        carry_out(view, request, erasures=erasures, now=now)
        sealed = session.execute(text("SELECT mediator FROM data_request_step")).scalars().all()
        assert sealed == [None]
        names = session.execute(text("SELECT name, phone FROM resident")).all()
        assert names == [(None, None)]


def test_no_sealed_text_of_the_household_outlives_it(
    database: Database, now: datetime, erasures: Path
) -> None:
    sealed = [one.key for one in inspect(Household).columns if isinstance(one.type, Encrypted)]
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        home = _home(session, made)
        for purpose in ("contact", "registration"):
            for name in sealed:
                setattr(home, name, "199-0000-0001")
            session.flush()
            answer = AnswerInput(purpose=purpose, status="refused", unasked=True)
            record_answer(view, home.id, answer, now=now)
            assert [getattr(home, name) for name in sealed] == [None] * len(sealed)
        for name in sealed:
            setattr(home, name, "199-0000-0001")
        session.flush()
        carry_out(view, ask_erasure(view, home.id, now=now), erasures=erasures, now=now)
        session.refresh(home)
        assert [getattr(home, name) for name in sealed] == [None] * len(sealed)


def test_a_count_grows_and_one_outside_all_grids_is_the_communitys(
    database: Database, now: datetime, erasures: Path
) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        for column, row in ((0, 0), (1, 0), (2, 0)):
            building = world.add_building(session, made, column, row, number=str(column + 1))
            home = world.add_household(session, building, "101")
            world.add_resident(session, home, BIRTHS[0])
            if column == 2:
                home.cell_id = None
                session.flush()
            carry_out(view, ask_erasure(view, home.id, now=now), erasures=erasures, now=now)
        assert _bands(session) == {(made.areas["G1"], "70-79"): 2, (made.community, "70-79"): 1}


def test_who_asks_may_take_it_back_and_a_head_may_decline_with_a_reason(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        resident = made.view(session, Actor(role=Role.RESIDENT, household_id=home.id), now=now)
        view = made.view(session, now=now)
        first = ask_erasure(resident, home.id, now=now)
        take_back(resident, first, now=now)
        second = ask_erasure(resident, home.id, now=now + timedelta(seconds=1))
        assert second != first
        for reason in ("", "  ", "x" * 201):
            with pytest.raises(InvalidInput):
                decline(view, second, reason, now=now)
        decline(view, second, "案件未结", now=now)
        assert [(row.state, row.reason) for row in erasures_of(resident, home.id)] == [
            (ErasureState.DECLINED, "案件未结"),
            (ErasureState.TAKEN_BACK, None),
        ]
        with pytest.raises(Conflict):
            take_back(resident, second, now=now)
        assert session.scalar(select(func.count()).where(Resident.erased_at.is_not(None))) == 0


@pytest.mark.parametrize("role", [Role.STAFF, Role.MEMBER, Role.RESIDENT, Role.LEADER, Role.ADMIN])
def test_only_a_head_of_the_community_decides(
    spatialite: Database, now: datetime, erasures: Path, role: Role
) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        home = _home(session, made)
        asked = ask_erasure(made.view(session, now=now), home.id, now=now)
        actor = Actor(role=role, household_id=home.id, areas=frozenset({made.community}))
        view = made.view(session, actor, now=now)
        for act in (
            lambda: carry_out(view, asked, erasures=erasures, now=now),
            lambda: decline(view, asked, "x", now=now),
            lambda: list_erasures(view, now=now),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert not erasures.exists()


def test_a_household_of_another_grid_is_not_there(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made)
        stranger = made.view(session, world.add_actor(session, made, Role.MEMBER, "G2"), now=now)
        with pytest.raises(NotFound):
            ask_erasure(stranger, home.id, now=now)
        with pytest.raises(NotFound):
            erasures_of(stranger, home.id)
        request = ask_erasure(made.view(session, now=now), home.id, now=now)
        with pytest.raises(NotFound):
            take_back(stranger, request, now=now)


def test_nobody_is_erased_twice_or_where_nobody_is(database: Database, now: datetime, erasures: Path) -> None:
    with database.write() as session:
        made = world.found(session)
        home = _home(session, made, births=BIRTHS[:1])
        view = made.view(session, now=now)
        carry_out(view, ask_erasure(view, home.id, now=now), erasures=erasures, now=now)
        with pytest.raises(Conflict):
            ask_erasure(view, home.id, now=now)


def test_a_backup_from_before_brings_nobody_back(
    spatialite: Database, now: datetime, erasures: Path, tmp_path: Path
) -> None:
    """The database file is kept, people are erased, a case is redacted, the kept file takes its place."""
    with spatialite.write() as session:
        made = world.found(session)
        home = _home(session, made)
        command = ReportCase(
            lon=LON + STEP / 2, lat=LAT + STEP / 2, category="garbage", description="示例甲 said so"
        )
        kept = report(session, made.actor, command, caches=made.caches, now=now, tz=TZ)
        case_id = kept.case.id
    file = Path(str(spatialite.engine.url.database))
    spatialite.close()
    backup = tmp_path / "backup.sqlite"
    shutil.copy(file, backup)
    with spatialite.write() as session:
        view = made.view(session, now=now)
        carry_out(view, ask_erasure(view, home.id, now=now), erasures=erasures, now=now)
        redact(view, case_id, ["description"], erasures=erasures, now=now)
        bands = _bands(session)
        columns = (Resident.id, Resident.name, Resident.birth_date, Resident.consent, Resident.erased_at)
        after = session.execute(select(*columns).order_by(Resident.id)).all()
    spatialite.close()
    for aside in file.parent.glob(f"{file.name}-*"):
        aside.unlink()
    shutil.copy(backup, file)
    with spatialite.read() as session:
        assert session.scalars(select(Resident.name)).first() == "示例甲"
    with spatialite.write() as session:
        assert replay_erasures(session, erasures) == 4
    with spatialite.write() as session:
        assert _bands(session) == bands
        assert session.execute(select(*columns).order_by(Resident.id)).all() == after
        assert session.scalars(select(Case.description)).one() == REDACTED
        assert session.scalars(select(Household.consent)).one() == "withdrawn"
        assert replay_erasures(session, erasures) == 0  # done is done
        assert _bands(session) == bands
        assert session.scalar(select(func.count()).select_from(Consent)) == 3
        counts = select(AuditEntry.count).where(AuditEntry.action == "erasure:replay")
        assert sorted(session.scalars(counts)) == [0, 4]


def test_replaying_leaves_alone_what_is_not_in_this_database(
    database: Database, now: datetime, erasures: Path
) -> None:
    note_erased(
        erasures,
        [Erased(table="resident", id="nobody", at=now), Erased(table="case_file", id="none", at=now)],
    )
    with database.write() as session:
        world.found(session)
        assert replay_erasures(session, erasures) == 0
        assert replay_erasures(session, erasures.with_name("none.jsonl")) == 0


def test_the_list_grows_keeps_its_mode_and_is_read_back(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "erasures.jsonl"
    path.touch(0o644)
    written = [Erased(table="resident", id=str(n), at=now) for n in range(3)]
    written.append(Erased(table="case_file", id="c", at=now, columns=("case_file.result",)))
    note_erased(path, written[:2])
    note_erased(path, written[2:])
    assert read_erased(path) == written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(
        set(json.loads(line)) == {"table", "id", "at", "columns"} for line in path.read_text().splitlines()
    )
    with path.open("a") as file:
        file.write('{"table": "resi')  # the power went
    assert read_erased(path) == written


@pytest.mark.parametrize("line", ["{}", "nonsense", '{"table": "resident", "id": "x", "at": "soon"}', "[]"])
def test_a_list_that_cannot_be_read_stops_a_restore(tmp_path: Path, line: str) -> None:
    path = tmp_path / "erasures.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(MissingPart, match=r"erasures\.jsonl, line 1"):
        read_erased(path)
