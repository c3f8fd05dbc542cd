"""Undoing whole imports of areas, buildings, streets and cases leaves the database as it was, on both."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Connection, select, update

from data.importers.kinds.cases import NewCategories
from data.importers.outcome import ImportOutcome
from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import ring_of
from gisgrid.access.models import Account, AuditEntry, Duty, DutyKind, ImportChange, ImportRun, Role, Worker
from gisgrid.areas.communities import current_version
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.models import Area, AreaName, CellKind, Level, Placement, Revision, WithdrawnRevision
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.cases.core.models import Case, CaseLog, CaseNotice, Category
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.redaction import redact
from gisgrid.cases.steps import take
from gisgrid.errors import Conflict, NotAllowed, NotFound
from gisgrid.imports.undo import list_imports, undo_import
from gisgrid.imports.undo_rows import Undone
from gisgrid.places.models import Building, Compound, Street
from gisgrid.storage.content.forms import TableForm
from gisgrid.storage.content.reader import read_content, rows_of
from gisgrid.storage.engine import Database
from gisgrid.upkeep.tables import all_forms, sealed_columns
from tests import world
from tests.cases_by_log import rebuilt
from tests.importing import Desk
from tests.world import LAT, LON, STEP, square

ONLY_GROWS = {"audit_entry", "import_run", "import_columns", "community_state", "placement"}
"""Records of what was done, numbers that are never given again, and what caches hang on."""

CALL = {"来源": "12345", "类别": "garbage", "上报时间": "2025-03-01 08:00"}
CALL |= {"经度": str(LON + STEP / 2), "纬度": str(LAT + STEP / 2)}


def opened_hash(connection: Connection, form: TableForm, sealed: list[str]) -> str:
    """A hash of the rows of a table with its sealed columns opened: the same text is never sealed alike."""
    ring, lines = ring_of(connection.dialect), []
    for row in rows_of(connection, form):
        told = dict(zip(form.names, row, strict=True))
        held = {name: told[name] for name in sealed if told[name] is not None}
        told |= {name: ring.unseal(bytes(one), f"{form.name}.{name}") for name, one in held.items()}
        lines.append(repr(told))
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


class Clerk:
    """Somebody who imports and undoes, an hour later each time."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.database = desk, desk.database

    def content(self, *beside: str) -> dict[str, str]:
        """The content hash of every table, as ``db copy`` compares them; what is sealed, by what it says."""
        with self.database.snapshot() as connection:
            forms, sealed = all_forms(), sealed_columns()
            tables = read_content(connection, [form for form in forms if form.name not in sealed]).tables
            for form in forms:
                if form.name in sealed:
                    tables[form.name] = opened_hash(connection, form, sealed[form.name])
        return {name: told for name, told in tables.items() if name not in {*ONLY_GROWS, *beside}}

    def bring(self, kind: str, file: Path, **how: Any) -> ImportOutcome:
        self.desk.now += timedelta(hours=1)
        how |= {"crs": "EPSG:4326"} if kind == "cases" else {}
        return self.desk.bring_file(kind, file, **how)

    def undo(self, outcome: ImportOutcome, actor: Actor | None = None) -> Undone:
        self.desk.now += timedelta(hours=1)
        with self.database.write() as session:
            who = actor or self.desk.world.actor
            return undo_import(session, who, outcome.counts["import"], now=self.desk.now)

    def refused(self, outcome: ImportOutcome, why: str, actor: Actor | None = None) -> None:
        """An undo is refused with a sentence, and nothing happens."""
        before = self.content()
        with pytest.raises(Conflict, match=why):
            self.undo(outcome, actor)
        assert self.content() == before

    def division(self, at: datetime | None = None) -> Division:
        with self.database.read() as session:
            community = session.scalars(select(AreaName.area_id).where(AreaName.code == "C1")).one()
            return load_division(session, community, at=at or self.desk.now, revision=0)


@pytest.fixture
def clerk(database: Database, tmp_path: Path, now: datetime) -> Clerk:
    return Clerk(Desk(database, tmp_path, now))


def views(division: Division) -> tuple[Any, ...]:
    """A division as people see it: codes, names, parents, and whose each piece of land is."""
    areas = division.tree.areas
    tree = {one.code: (one.name, one.level, areas[one.parent_id].code if one.parent_id in areas else None)
            for one in areas.values()}  # fmt: skip
    land = [
        (shapely.normalize(shape).wkb, areas[division.owners[cell]].code)
        for cell, shape in zip(division.cell_ids, division.cells, strict=True)
    ]
    outlines = {areas[area].code: shapely.normalize(one).wkb for area, one in division.outlines.items()}
    return tree, land, outlines


def houses(clerk: Clerk, rng: random.Random) -> Path:
    rows = []
    for place in rng.sample(range(16), rng.randint(1, 6)):
        column, row = place % 4, place // 4
        told = {"编码": f"B{column}{row}-{rng.choice('12')}", "地址": f"柳岸新村{place}幢"}
        told |= {"小区": rng.choice(["柳岸新村", "赛跑新村", ""]), "层数": str(rng.randint(1, 9))}
        rows.append((told, square(column + rng.choice([0.1, 0.25, 0.9]), row + 0.25, 0.3)))
    return clerk.desk.shapes(*{told["编码"]: (told, shape) for told, shape in rows}.values())


def roads(clerk: Clerk, rng: random.Random) -> Path:
    lines = rng.sample(range(6), 3)
    return clerk.desk.shapes(
        *(
            ({"名称": rng.choice(["幸福路", "和平路"]), "类型": rng.choice(["支路", ""])},
             shapely.LineString([(LON, LAT + row * STEP), (LON + STEP, LAT + row * STEP)]))
            for row in lines
        )
    )  # fmt: skip


def calls(clerk: Clerk, rng: random.Random) -> Path:
    rows = []
    for number in rng.sample(range(12), rng.randint(1, 8)):
        closed = rng.choice(["", "2025-03-02 09:00"])
        told = {"来源": "12345", "编号": f"A-{number}", "上报时间": f"2025-03-0{1 + number % 3} 08:00"}
        told |= {"类别": rng.choice(["garbage", "从没见过的很长很长的类别名称" * 3, "楼道杂物"])}
        told |= {"经度": str(LON + rng.choice([0.5, 1.5, 9]) * STEP), "纬度": str(LAT + STEP / 2)}
        told |= {"办结时间": closed, "状态": "closed" if closed else "handling"}
        told |= {"内容": rng.choice(["", "甲", "乙"]), "电话": rng.choice(["", "12345"])}
        rows.append(told)
    return clerk.desk.file(*rows)


FILES: dict[str, Callable[[Clerk, random.Random], Path]] = {
    "buildings": houses,
    "streets": roads,
    "cases": calls,
}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 12))])
def test_undoing_backwards_gives_the_content_of_every_earlier_state_again(clerk: Clerk, seed: int) -> None:
    rng = random.Random(seed)
    before, done = [], []
    for _ in range(7):
        kind = rng.choice([*FILES])
        how = {"new_categories": NewCategories.OPEN} if kind == "cases" else {}
        file = FILES[kind](clerk, rng)
        before.append(clerk.content())
        done.append((kind, clerk.bring(kind, file, **how)))
    for state, (kind, outcome) in zip(reversed(before), reversed(done), strict=True):
        if outcome.counts["new"] or outcome.counts["updated"]:
            clerk.undo(outcome)
        assert clerk.content() == state, (seed, kind)
    with clerk.database.read() as session:
        assert session.scalars(select(Case)).all() == []
        assert set(session.scalars(select(Placement.object_id))) <= set(session.scalars(select(Building.id)))


def test_a_case_that_came_further_by_a_file_stands_and_is_told_as_before(clerk: Clerk) -> None:
    told = {**CALL, "编号": "A-1"}
    clerk.bring("cases", clerk.desk.file({**told, "状态": "handling"}))
    before = clerk.content()
    further = clerk.desk.file({**told, "状态": "closed", "办结时间": "2025-03-02 09:00", "内容": "更多"})
    second = clerk.bring("cases", further)
    assert second.counts["updated"] == 1
    assert (clerk.undo(second).restored, clerk.content()) == (1, before)
    with clerk.database.read() as session:
        case = session.scalars(select(Case)).one()
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_numbers_of_cases_that_were_taken_back_are_never_given_again(clerk: Clerk) -> None:
    told = {**CALL, "编号": "A-1"}
    first = clerk.bring("cases", clerk.desk.file(told))
    with clerk.database.read() as session:
        number = session.scalars(select(Case.number)).one()
    clerk.undo(first)
    clerk.bring("cases", clerk.desk.file(told))
    with clerk.database.read() as session:
        assert session.scalars(select(Case.number)).one() != number


def test_cases_with_steps_are_named_and_nothing_happens(clerk: Clerk) -> None:
    rows = [{**CALL, "状态": "reported", "编号": f"A-{number}"} for number in range(3)]
    outcome = clerk.bring("cases", clerk.desk.file(*rows))
    step(clerk, "A-1")
    clerk.refused(outcome, r"^nothing is undone: since this import cases took steps \(1\)$")


def test_a_known_case_with_steps_after_the_import_is_named_too(clerk: Clerk) -> None:
    told = {**CALL, "编号": "A-1"}
    clerk.bring("cases", clerk.desk.file({**told, "状态": "reported"}))
    second = clerk.bring("cases", clerk.desk.file({**told, "内容": "更多"}))
    step(clerk, "A-1")
    clerk.refused(second, r"cases took steps \(1\)$")


def step(clerk: Clerk, number: str) -> None:
    """A case is taken a step further by hand."""
    clerk.desk.now += timedelta(minutes=1)
    with clerk.database.write() as session:
        view = clerk.desk.world.view(session, now=clerk.desk.now)
        case_id = session.scalars(select(Case.id).where(Case.external_number == number)).one()
        take(view, case_id, CaseAction.SUPERVISE, StepInput(kind="leader"), now=clerk.desk.now)


def test_what_the_clock_told_of_a_case_goes_with_it(clerk: Clerk) -> None:
    before = clerk.content()
    outcome = clerk.bring("cases", clerk.desk.file({**CALL, "编号": "A-1", "状态": "reported"}))
    with clerk.database.write() as session:
        case = session.scalars(select(Case)).one()
        case.escalated, case.escalates_at = 75, clerk.desk.now
        account = session.scalars(select(Account.id)).one()
        session.add(CaseNotice(account_id=account, case_id=case.id, kind="amber", at=clerk.desk.now))
    clerk.undo(outcome)
    assert clerk.content() == before


def test_former_texts_of_a_case_are_forgotten_when_they_are_taken_out(clerk: Clerk, tmp_path: Path) -> None:
    clerk.bring("cases", clerk.desk.file({**CALL, "编号": "A-1", "内容": "张某家里"}))
    second = clerk.bring("cases", clerk.desk.file({**CALL, "编号": "A-1", "内容": "某家"}))
    clerk.desk.now += timedelta(hours=1)
    with clerk.database.write() as session:
        view = clerk.desk.world.view(session, now=clerk.desk.now)
        case_id = session.scalars(select(Case.id)).one()
        redact(view, case_id, ["description"], erasures=tmp_path / "erasures.jsonl", now=clerk.desk.now)
    with clerk.database.read() as session:
        assert set(session.scalars(select(ImportChange.before))) == {None, ""}
    clerk.refused(second, "cases took steps")


def test_a_category_that_others_use_keeps_its_import(clerk: Clerk) -> None:
    told = {**CALL, "类别": "楼道杂物"}
    how = {"new_categories": NewCategories.OPEN}
    first = clerk.bring("cases", clerk.desk.file({**told, "编号": "A-1"}), **how)
    second = clerk.bring("cases", clerk.desk.file({**told, "编号": "A-2"}), **how)
    clerk.refused(first, r"cases hang on it \(1\)")
    clerk.undo(second)
    clerk.undo(first)
    with clerk.database.read() as session:
        assert session.scalar(select(Category.code).where(Category.name == "楼道杂物")) is None
        assert session.scalars(select(CaseLog)).all() == []


def test_a_building_with_households_or_cells_of_its_own_stays(clerk: Clerk) -> None:
    house = ({"编码": "N1", "地址": "赛跑新村1幢", "小区": "赛跑新村"}, square(0.1, 0.1, 0.2))
    outcome = clerk.bring("buildings", clerk.desk.shapes(house))
    homes = clerk.bring("households", clerk.desk.file({"地址": "赛跑新村1幢1单元101室"}))
    clerk.refused(outcome, r"since this import households hang on it \(1\)$")
    clerk.undo(homes)
    with clerk.database.write() as session:
        session.execute(update(Building).where(Building.code == "N1").values(floors=7))
    clerk.refused(outcome, r"buildings were changed \(1\)$")
    with clerk.database.write() as session:
        session.execute(update(Building).where(Building.code == "N1").values(floors=None))
        cells = [NewCell(geom=square(0, 0, 4), kind=CellKind.BUILDING, owner="G1")]
        clerk.desk.now += timedelta(hours=1)
        publish_cells(
            session,
            clerk.desk.world.actor,
            clerk.desk.world.community,
            cells,
            at=clerk.desk.now,
            reason="drawn",
        )
    clerk.refused(outcome, r"cells were drawn from the buildings \(revision 2\)$")


def wards(clerk: Clerk, rng: random.Random, *, name: str = "示例") -> Path:
    """The square of C1 cut into strips by codes of its own."""
    cuts = sorted({0, 4, *rng.sample(range(1, 4), rng.randint(0, 3))})
    rows = [
        (
            {"编码": f"{name}{index}", "名称": f"{name}{index}网格"},
            shapely.box(LON + west * STEP, LAT, LON + east * STEP, LAT + 4 * STEP),
        )
        for index, (west, east) in enumerate(pairwise(cuts))
    ]
    return clerk.desk.shapes(*rows)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 12))])
def test_a_community_that_an_import_made_goes_whole(clerk: Clerk, seed: int) -> None:
    rng = random.Random(seed)
    before, level = clerk.content(), rng.choice([Level.GRID, Level.SUB_AREA])
    outcome = clerk.bring("areas", wards(clerk, rng), community="N1", level=level)
    assert clerk.content() != before
    assert clerk.undo(outcome).removed == outcome.counts["new"]
    assert clerk.content() == before
    with clerk.database.read() as session:
        record = session.get_one(ImportRun, outcome.counts["import"])
        assert (record.undone_at, record.community_id) == (clerk.desk.now, None)
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == record.id)).all() == [
            "imports:undo"
        ]
    again = clerk.bring("areas", wards(clerk, rng), community="N1", level=level)
    assert (again.counts["revision"], again.counts["refused"]) == (1, 0)


def test_a_first_division_goes_from_under_what_stands_there_and_its_number_stays_taken(clerk: Clerk) -> None:
    rng = random.Random(1)
    house = ({"编码": "N1", "地址": "赛跑新村1幢", "小区": "赛跑新村"}, square(0.1, 0.1, 0.2))
    road = ({"名称": "幸福路"}, shapely.LineString([(LON, LAT), (LON + STEP, LAT)]))
    empty = clerk.content()
    made = clerk.bring("buildings", clerk.desk.shapes(house), community="N1")
    before = clerk.content()
    outcome = clerk.bring("areas", wards(clerk, rng), community="N1")
    assert outcome.counts["objects_placed"] == 1
    later = clerk.bring("streets", clerk.desk.shapes(road), community="N1")
    clerk.undo(outcome)
    beside = ("withdrawn_revision", "street", "import_change")
    assert clerk.content(*beside) == without(before, *beside)
    with clerk.database.read() as session:
        kept = session.scalars(select(WithdrawnRevision)).one()
        assert (kept.number, kept.withdrawn_at) == (1, clerk.desk.now)
        assert current_version(session, kept.community_id, at=clerk.desk.now).revision == 0
    again = clerk.bring("areas", wards(clerk, rng, name="再来"), community="N1")
    assert again.counts["revision"] == 2
    clerk.undo(again)
    clerk.undo(made)
    with clerk.database.read() as session:  # the street stands in it
        assert session.scalar(select(AreaName.code).where(AreaName.code == "N1")) == "N1"
    clerk.undo(later)
    assert clerk.content() == empty


def without(content: dict[str, str], *names: str) -> dict[str, str]:
    return {name: told for name, told in content.items() if name not in names}


def test_a_code_that_nobody_sees_gives_way_and_comes_back(clerk: Clerk) -> None:
    before = clerk.content()
    ward = ({"编码": "G100", "名称": "示例"}, square(10, 0, 2))  # as the micro grid of G1 that nobody sees
    outcome = clerk.bring("areas", clerk.desk.shapes(ward), community="N1")
    assert outcome.counts["new"] == 1
    clerk.undo(outcome)
    assert clerk.content() == before


def test_what_hangs_on_a_first_division_is_named(clerk: Clerk) -> None:
    outcome = clerk.bring("areas", wards(clerk, random.Random(2)), community="N1")
    with clerk.database.write() as session:
        worker = Worker(name="示例丁")
        session.add(worker)
        session.flush()
        area = session.scalars(select(AreaName.area_id).where(AreaName.code == "示例0")).one()
        kind = DutyKind.GRID_MEMBER
        session.add(Duty(worker_id=worker.id, area_id=area, kind=kind, valid_from=clerk.desk.now))
    clerk.refused(outcome, r"since this import duties hang on it \(1\)$")


def test_a_division_that_was_published_again_stays(clerk: Clerk) -> None:
    first = clerk.bring("areas", wards(clerk, random.Random(2)), community="N1")
    clerk.bring("areas", wards(clerk, random.Random(3)), community="N1")
    clerk.refused(first, r"the division was published again \(revision 2\)$")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 12))])
def test_a_division_that_stood_before_comes_back_as_a_revision_of_its_own(clerk: Clerk, seed: int) -> None:
    rng = random.Random(seed)
    first, before = clerk.desk.now, views(clerk.division())
    where = places(clerk)
    outcome = clerk.bring("areas", wards(clerk, rng))
    between, instant = views(clerk.division()), clerk.desk.now
    assert between != before
    clerk.undo(outcome)
    assert views(clerk.division()) == before
    assert places(clerk) == where
    assert views(clerk.division(first)) == before
    assert views(clerk.division(instant)) == between
    with clerk.database.read() as session:
        numbers = session.scalars(select(Revision.number).order_by(Revision.number)).all()
    assert numbers == [1, 2, 3]


def test_names_parents_and_types_that_a_file_changed_are_as_before(clerk: Clerk) -> None:
    before = views(clerk.division())
    quarters = [("G1", 0, 0), ("G2", 2, 0), ("G3", 0, 2), ("G4", 2, 2)]
    rows = [
        ({"编码": code, "名称": f"新{code}", "类型": "专属网格"}, square(column, row, 2))
        for code, column, row in quarters
    ]
    outcome = clerk.bring("areas", clerk.desk.shapes(*rows))
    assert (outcome.counts["updated"], outcome.counts["cells_replaced"]) == (4, 0)
    clerk.undo(outcome)
    assert views(clerk.division()) == before
    with clerk.database.read() as session:
        assert set(session.scalars(select(Area.grid_type))) == {"general"}


def places(clerk: Clerk) -> dict[str, str]:
    """The grid every building stands in, by code."""
    division = clerk.division()
    with clerk.database.read() as session:
        rows = session.execute(select(Building.code, Building.cell_id)).all()
    found = {row.code: division.grid_of(row.cell_id) for row in rows}
    return {code: grid.code for code, grid in found.items() if grid is not None}


def test_administrators_undo_their_first_divisions_and_nothing_else(clerk: Clerk) -> None:
    with clerk.database.write() as session:
        admin = world.add_actor(session, clerk.desk.world, Role.ADMIN)
        head = world.add_actor(session, clerk.desk.world, Role.HEAD)
    outcome = clerk.bring("areas", wards(clerk, random.Random(2)), community="N1", actor=admin)
    elsewhere = clerk.bring("areas", wards(clerk, random.Random(3), name="别处"))
    with pytest.raises(NotFound):
        clerk.undo(elsewhere, admin)
    with pytest.raises(NotAllowed):
        clerk.undo(elsewhere, head)
    with clerk.database.read() as session:
        assert [one.can_undo for one in list_imports(session, admin, now=clerk.desk.now)] == [True]
        assert [one.can_undo for one in list_imports(session, head, now=clerk.desk.now)] == [False]
    clerk.undo(outcome, admin)
    with clerk.database.read() as session:
        assert [one.undone_at for one in list_imports(session, admin, now=clerk.desk.now)] == [clerk.desk.now]


def test_only_the_command_line_replaces_a_division_that_stood_before(clerk: Clerk) -> None:
    with clerk.database.write() as session:
        admin = world.add_actor(session, clerk.desk.world, Role.ADMIN)
    outcome = clerk.bring("areas", wards(clerk, random.Random(3)))
    with clerk.database.write() as session:
        changed = update(ImportRun).where(ImportRun.id == outcome.counts["import"])
        session.execute(changed.values(account_id=admin.account_id))
    clerk.refused(outcome, "restore revision 1 by a plan", admin)


def test_streets_and_compounds_that_were_made_go(clerk: Clerk) -> None:
    house = ({"编码": "N1", "地址": "赛跑新村1幢", "小区": "赛跑新村"}, square(0.1, 0.1, 0.2))
    clerk.undo(clerk.bring("buildings", clerk.desk.shapes(house)))
    clerk.undo(clerk.bring("streets", roads(clerk, random.Random(1))))
    with clerk.database.read() as session:
        assert session.scalars(select(Compound.name)).all() == ["柳岸新村"]
        assert session.scalars(select(Street)).all() == []
