"""Taking imports back, two at once, stopping one, losing one half way; on both databases."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from data.importers.prepare import ImportRequest, prepare
from data.importers.preview import preview
from data.importers.run import ImportStopped, ImportWatch, run
from gisgrid.access.imports import UNDO_DAYS, forget_former
from gisgrid.access.models import ImportChange, ImportRun, Role
from gisgrid.errors import Conflict, DatabaseBusy, NotFound
from gisgrid.imports.undo import list_imports, undo_import
from gisgrid.people.consent.service import keep_answer
from gisgrid.people.core.models import Consent, Resident, ServiceContract
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import ConsentStatus
from gisgrid.places.models import Household
from tests import fieldwork, world
from tests.importing import Desk
from tests.world import TZ

CARD = "11010519491231002X"


@pytest.fixture
def desk(database, tmp_path, now):
    return Desk(database, tmp_path, now)


def home(room="101", **more):
    return {"地址": f"柳岸新村1幢1单元{room}室", **more}


def person(name="示例甲", room="101", **more):
    told = {"姓名": name, "出生日期": "1950-3-7", "居住状态": "户籍在册且常住"}
    return {**home(room), **told, **more}


def undo(desk, outcome, *, actor=None, days=0):
    with desk.database.write() as session:
        who = actor or desk.world.actor
        return undo_import(session, who, outcome.counts["import"], now=desk.now + timedelta(days=days))


def random_rows(rng, kind):
    if kind == "households":
        rooms = rng.sample(range(101, 120), rng.randint(1, 8))
        return [
            {
                "地址": f"柳岸新村{rng.choice('1234')}幢1单元{room}室",
                "联系电话": rng.choice(["", "1", "2"]),
                "登记同意": rng.choice(["", "同意", "拒绝"]),
            }
            for room in rooms
        ]
    if kind == "residents":
        return [
            person(
                f"示例{rng.choice('甲乙丙丁')}", str(rng.randint(101, 104)), 电话=rng.choice(["", "1", "2"])
            )
            for _ in range(rng.randint(1, 6))
        ]
    if kind == "facilities":
        return [
            {"名称": f"站{n}", "类型": "红色驿站", "编码": f"F{n}", "地址": f"柳岸新村{rng.choice('1234')}幢"}
            | {"容量": str(rng.randint(1, 3))}
            for n in rng.sample(range(6), 3)
        ]
    return [
        {"姓名": f"员{rng.choice('甲乙丙')}", "职责": "网格员", "网格": f"G{grid}"}
        | {"是否主责": rng.choice(["是", "否", ""]), "办公电话": rng.choice(["", "5"])}
        for grid in rng.sample(range(1, 5), 3)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_undoing_backwards_gives_every_earlier_state_again(desk, seed):
    rng = random.Random(seed)
    desk.bring("households", *(home(str(room)) for room in range(101, 105)))
    before, done = [], []
    for _ in range(8):
        kind = rng.choice(["households", "residents", "facilities", "members"])
        before.append(desk.contents())
        done.append(desk.bring(kind, *random_rows(rng, kind)))
    for state, outcome in zip(reversed(before), reversed(done), strict=True):
        if outcome.counts["new"] or outcome.counts["updated"]:
            undo(desk, outcome)
        now = desk.contents()
        # What had been left is history of what came back; all the rest is as it was.
        for name in state.keys() - {"placement"}:
            assert now[name] == state[name], (seed, name)


def test_what_was_changed_or_used_since_stops_an_undo_and_nothing_happens(desk):
    first = desk.bring("households", home(), home("102"))
    second = desk.bring("households", home(联系电话="1"))
    before = desk.contents()
    with pytest.raises(Conflict, match="since this import"):
        undo(desk, first)
    assert desk.contents() == before
    undo(desk, second)
    people = desk.bring("residents", person())
    with pytest.raises(Conflict, match="since this import"):
        undo(desk, first)
    undo(desk, people)
    undo(desk, first)
    assert desk.rows(Household) == []
    with pytest.raises(Conflict, match="already"):
        undo(desk, first)


@pytest.mark.parametrize("answered", [{}, {"登记同意": "同意", "询问日期": "2025-03-01"}])
def test_whom_an_organisation_serves_is_not_undone_and_nothing_happens(desk, answered):
    desk.bring("households", home())
    outcome = desk.bring("residents", person(**answered))
    served = desk.rows(Resident)[0]["id"]
    contract = {"service": "meals", "from_day": desk.now.date(), "made_at": desk.now}
    with desk.database.write() as session:
        org = world.add_actor(session, desk.world, Role.ORG)
        session.add(ServiceContract(account_id=org.account_id, resident_id=served, **contract))
    with pytest.raises(Conflict, match=r"service contracts hang on it \(1\)$"):
        undo(desk, outcome)
    assert desk.rows(Resident)[0]["name"] == "示例甲"
    assert len(desk.rows(ServiceContract)) == 1


def test_whom_something_was_noted_about_is_not_undone_and_nothing_happens(desk):
    desk.bring("households", home())
    outcome = desk.bring("residents", person())
    visited = desk.rows(Resident)[0]["id"]
    with desk.database.write() as session:
        version = fieldwork.add_form(session, at=desk.now)
        fieldwork.add_record(session, version, visited, at=desk.now)
    with pytest.raises(Conflict, match=r"filled forms hang on it \(1\)$"):
        undo(desk, outcome)
    assert desk.rows(Resident)[0]["name"] == "示例甲"


def test_answers_stay_so_whom_they_belong_to_is_emptied(desk):
    desk.bring("households", home())
    outcome = desk.bring("residents", person(登记同意="同意", 询问日期="2025-03-01"))
    done = undo(desk, outcome)
    assert (done.removed, done.emptied) == (0, 1)
    stored = desk.rows(Resident)[0]
    gone = ("name", "phone", "birth_date", "sex", "external_key")
    assert {stored[name] for name in gone} == {None}
    assert stored["consent"] == "withdrawn"
    assert len(desk.rows(Consent)) == 1


def test_former_values_are_sealed_forgotten_in_time_and_on_demand(desk):
    desk.bring("households", home(联系电话="199-55"))
    outcome = desk.bring("households", home(联系电话="199-66"))
    with desk.database.read() as session:
        before = session.scalars(select(ImportChange.before).where(ImportChange.before.is_not(None))).one()
        assert "199-55" in before
        raw = session.connection().exec_driver_sql(
            "SELECT before FROM import_change WHERE before IS NOT NULL"
        )
        assert b"199-55" not in bytes(raw.scalar_one())
    with pytest.raises(Conflict, match="30 days"):
        undo(desk, outcome, days=UNDO_DAYS + 1)
    with desk.database.write() as session:
        forget_former(session, [desk.rows(Household, "id")[0]["id"]])
    with pytest.raises(Conflict, match="nothing is undone"):
        undo(desk, outcome)


def test_a_phone_of_before_an_import_goes_with_the_consent(desk):
    desk.bring("households", home(联系电话="199-55"))
    desk.bring("households", home(联系电话="199-66"))
    with desk.database.write() as session:
        view = desk.world.view(session, now=desk.now)
        household = session.scalars(select(Household)).one()
        keep_answer(view, household, Purpose.CONTACT, ConsentStatus.REFUSED, now=desk.now)
    with desk.database.read() as session:
        assert {one or "" for one in session.scalars(select(ImportChange.before))} == {""}


def test_the_record_tells_who_when_what_and_is_seen_by_right(desk):
    with desk.database.write() as session:
        head = world.add_actor(session, desk.world, Role.HEAD)
        staff = world.add_actor(session, desk.world, Role.STAFF, "G1")
    first = desk.bring("households", home(), actor=head)
    desk.bring("households", home("102"), actor=staff)
    with desk.database.read() as session:
        both = list_imports(session, head, now=desk.now)
        own = list_imports(session, staff, now=desk.now)
        run_of = session.get(ImportRun, first.counts["import"])
    assert [(one.kind, one.who, one.counts["new"], one.can_undo) for one in both] == [
        ("households", staff.name, 1, True),
        ("households", head.name, 1, True),
    ]
    assert [one.who for one in own] == [staff.name]
    assert (run_of.file_name, len(run_of.sha256), run_of.community_id) == (
        "rows.csv",
        64,
        desk.world.community,
    )
    with pytest.raises(NotFound):
        undo(desk, first, actor=staff)
    undo(desk, first, actor=head)


def test_a_stopped_or_broken_import_leaves_nothing(desk):
    before = desk.contents()
    rows = [home(str(room)) for room in range(101, 111)]
    asked = iter([False, True])
    with pytest.raises(ImportStopped, match="nothing was kept"):
        desk.bring("households", *rows, watch=ImportWatch(is_cancelled=lambda: next(asked, True)))
    assert desk.contents() == before

    class BrokenError(Exception):
        pass

    def break_down(*_arguments):
        raise BrokenError

    event.listen(Session, "before_commit", break_down)
    try:
        with pytest.raises(BrokenError):
            desk.bring("households", *rows)
    finally:
        event.remove(Session, "before_commit", break_down)
    assert desk.contents() == before
    seen = []
    desk.bring(
        "households",
        *rows,
        watch=ImportWatch(progress=lambda done, total: seen.append((done, total)), is_dry=True),
    )
    assert desk.contents() == before
    assert seen == [(0, 10), (10, 10), (10, 10)]


def test_two_importers_at_once_lose_nothing(desk):
    """Each changes other fields of the same households, and both make the same new ones."""
    rooms = [str(room) for room in range(101, 141)]
    desk.bring("households", *(home(room) for room in rooms[:20]))
    files = [
        desk.file(*(home(room, 联系电话="7") for room in rooms), name="a.csv"),
        desk.file(*(home(room, 居住类型="出租") for room in reversed(rooms)), name="b.csv"),
    ]
    ready, outcomes = threading.Barrier(2), []

    def bring(path):
        prepared = prepare(ImportRequest(kind="households", file=path, community="C1"), tz=TZ)
        ready.wait()
        outcomes.append(run(desk.database, lambda _session: desk.world.actor, prepared, now=desk.now, tz=TZ))

    threads = [threading.Thread(target=bring, args=(path,)) for path in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(outcome.counts["new"] for outcome in outcomes) == [0, 20]
    stored = desk.rows(Household, "room", "contact", "kind")
    assert sorted(row["room"] for row in stored) == rooms
    assert {(row["contact"], row["kind"]) for row in stored} == {("7", "rented")}


def test_whoever_waits_too_long_for_another_writer_is_told_so(desk):
    if not desk.database.is_sqlite:
        pytest.skip("PostGIS waits for rows, not for the whole database")
    with desk.database.write() as session:
        session.execute(update(Household).values(kind="owned"))
        with pytest.raises(DatabaseBusy, match="nothing was kept, try later"):
            desk.bring("households", home(), watch=ImportWatch(patience_s=0))


def test_a_preview_shows_columns_rows_and_faults_without_a_database(tmp_path):
    path = tmp_path / "r.csv"
    head = "姓名,出生日期,地址,居住状态,身份证号,爱好\n"
    path.write_text(
        f"{head}甲,1950-3-7,柳岸新村1幢101室,流动,{CARD},下棋\n{CARD},x,柳岸新村1幢102室,流动,,\n",
        encoding="gb18030",
    )
    shown = preview(ImportRequest(kind="residents", file=path), tz=TZ)
    assert shown.mapping == {
        "address": "地址",
        "name": "姓名",
        "birth_date": "出生日期",
        "residence_status": "居住状态",
    }
    assert (shown.unused, shown.total) == (["身份证号", "爱好"], 2)
    assert shown.rows[0]["birth_date"] == "1950-3-7"
    assert CARD not in str(shown)
    assert {(fault.row, fault.field) for fault in shown.faults} == {(3, "name"), (3, "birth_date")}
    broken = preview(ImportRequest(kind="residents", file=path, columns=["name=爱好", "phone=爱好"]), tz=TZ)
    assert broken.mapping["name"] == "爱好"
