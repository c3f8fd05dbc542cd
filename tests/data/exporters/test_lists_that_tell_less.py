"""A list made for somebody who may not see all of it takes nothing away where it is imported again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.analysis.disclosure import bin_middle
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import REDACTED
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.steps import take
from gisgrid.people.core.models import Resident
from gisgrid.storage.engine import Database
from tests import world
from tests.data.exporters.test_cases_of_another_house import bring as bring_elsewhere
from tests.data.exporters.test_cases_of_another_house import listed
from tests.data.exporters.test_export_round_trip import bring, contents
from tests.exporting import Depot, actor_of, read_csv, stocked
from tests.importing import Desk, reasons

LATER: Final = datetime(2026, 6, 1, tzinfo=UTC)
TRUE: Final = "三单元门口堆放杂物"
PUBLIC: Final = "楼道杂物"
FORMS: Final = ("csv", "xlsx", "geojson", "gpkg", "zip")


def depot_of(database: Database, folder: Path, now: datetime) -> Depot:
    """Cases whose place, address, texts and recorded area are all known; a text of each is public."""
    found = stocked(database, folder, now)
    with database.write() as session:
        for case in session.scalars(select(Case)):
            case.description, case.public_description = TRUE, PUBLIC
            case.address, case.recorded_area = "柳岸新村1幢", "老网格3"
        view = found.world.view(session, now=now)
        closed = session.scalars(select(Case).where(Case.category_code == "garbage")).first()
        assert closed is not None
        take(view, closed.id, CaseAction.CLOSE, StepInput(result="已清运", feedback="phone"), now=now)
    return found


@pytest.fixture
def depot(database: Database, tmp_path: Path, now: datetime) -> Depot:
    return depot_of(database, tmp_path / "out", now)


def crs_of(form: str) -> str | None:
    return "EPSG:4326" if form in {"csv", "xlsx"} else None


@pytest.mark.parametrize("form", FORMS)
def test_a_leaders_list_changes_nothing_at_home(depot: Depot, form: str) -> None:
    """Neither place and grid nor address, texts and what was recorded; the report says why."""
    before = contents(depot.database)
    leader = actor_of(depot.world, Role.LEADER)
    for in_chinese in (False, True) if crs_of(form) else (False,):
        file = depot.take("cases", form, actor=leader, in_chinese=in_chinese)
        outcome = bring(depot, "cases", file, crs=crs_of(form))
        counts = {name: outcome.counts[name] for name in ("new", "updated", "unchanged", "refused")}
        assert counts == {"new": 0, "updated": 0, "unchanged": 2, "refused": 0}
        told = [str(one) for one in outcome.warnings]
        assert any(one.startswith("rows that tell places to 100 m only: 2;") for one in told), told
        assert any(one.startswith("rows that tell public texts only: 2;") for one in told), told
        assert contents(depot.database) == before


def test_the_list_says_of_each_row_how_much_it_tells(depot: Depot) -> None:
    leader = depot.rows("cases", actor=actor_of(depot.world, Role.LEADER))
    head = depot.rows("cases", actor=actor_of(depot.world, Role.HEAD))
    assert {(row["place_exact"], row["texts_whole"]) for row in leader} == {("no", "no")}
    assert {(row["place_exact"], row["texts_whole"]) for row in head} == {("yes", "yes")}


@pytest.mark.parametrize("names", [("spatialite", "postgis"), ("postgis", "spatialite")], ids=["to", "fro"])
def test_elsewhere_a_coarse_place_is_kept_as_one_and_never_goes_home_as_another(
    request: pytest.FixtureRequest, names: tuple[str, str], tmp_path: Path, now: datetime
) -> None:
    home, elsewhere = (request.getfixturevalue(name) for name in names)
    depot = depot_of(home, tmp_path / "out", now)
    with elsewhere.write() as session:
        world.found(session)
    before = contents(home)
    coarse = depot.take("cases", "csv", actor=actor_of(depot.world, Role.LEADER))
    assert brought(elsewhere, coarse, now=now)["new"] == 2
    with home.read() as session:
        true = {str(case.number): case for case in session.scalars(select(Case))}
    with elsewhere.read() as session:
        for case in session.scalars(select(Case)):
            position = true[(case.external_number or "").partition(":")[2]].position
            middle = bin_middle(position.x, position.y)
            assert (case.position.x, case.position.y) == pytest.approx(middle, abs=2e-6)
            assert (case.accuracy_m, case.public_description, case.description) == (71.0, PUBLIC, "")
    back = listed(elsewhere, tmp_path / "back.csv", community="C1", now=now)
    assert {(row["place_exact"], row["texts_whole"]) for row in read_csv(back)} == {("no", "yes")}
    assert brought(home, back, now=now) == {"new": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert contents(home) == before
    whole = listed(home, tmp_path / "whole.csv", community="C1", now=now)
    assert brought(elsewhere, whole, now=now) == {"new": 1, "updated": 2, "unchanged": 0, "refused": 0}
    with elsewhere.read() as session:
        for case in session.scalars(select(Case).where(Case.public_description.is_not(None))):
            known = true[(case.external_number or "").partition(":")[2]]
            assert (case.position, case.address) == (known.position, known.address)
            assert (case.description, case.accuracy_m) == (TRUE, None)
    assert brought(elsewhere, coarse, now=now) == {"new": 0, "updated": 0, "unchanged": 2, "refused": 0}


def brought(database: Database, file: Path, *, now: datetime) -> dict[str, Any]:
    return bring_elsewhere(database, file, community="C1", now=now)


def test_a_text_that_a_form_of_file_cut_is_not_the_text(depot: Depot) -> None:
    with depot.database.write() as session:
        for case in session.scalars(select(Case)):
            case.description = "反映楼道堆放" * 40
    before = contents(depot.database)
    file = depot.take("cases", "zip")
    assert depot.made is not None
    assert depot.made.texts_cut == 3
    assert bring(depot, "cases", file).counts["updated"] == 0
    assert contents(depot.database) == before


def test_numbers_masked_on_the_way_out_mask_nothing_at_home(depot: Depot) -> None:
    """Lists of the hotline are masked when they are read: also the one of cases that were written here."""
    with depot.database.write() as session:
        for case in session.scalars(select(Case)):
            case.source, case.description = "12345", "王家 19900000000 说路灯坏了"
            case.address, case.result = "柳岸 19900000000", "已回电 19900000000"
    before = contents(depot.database)
    assert bring(depot, "cases", depot.take("cases", "csv"), crs="EPSG:4326").counts["updated"] == 0
    assert contents(depot.database) == before


def test_what_was_redacted_in_one_house_stays_in_another(depot: Depot) -> None:
    before = contents(depot.database)
    file = depot.take("cases", "csv")
    file.write_text(file.read_text(encoding="utf-8-sig").replace(TRUE, REDACTED), encoding="utf-8-sig")
    assert bring(depot, "cases", file, crs="EPSG:4326").counts["updated"] == 0
    assert contents(depot.database) == before


def test_another_text_and_another_place_still_come_in(depot: Depot) -> None:
    """What a head wrote into the list by hand is taken as before."""
    file = depot.take("cases", "csv")
    file.write_text(file.read_text(encoding="utf-8-sig").replace(TRUE, "三单元"), encoding="utf-8-sig")
    assert bring(depot, "cases", file, crs="EPSG:4326").counts["updated"] == 3
    with depot.database.read() as session:
        assert set(session.scalars(select(Case.description))) == {"三单元"}


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    found = Desk(database, tmp_path, LATER)
    home = {"address": "柳岸新村1幢101室"}
    found.bring("households", home)
    person = {"birth_date": "1950-01-01", "residence_status": "resident", "phone": "13800001234"}
    found.bring("residents", {**home, **person, "external_id": "P1", "name": "示例甲"})
    return found


@pytest.mark.parametrize(
    ("phone", "field"),
    [("138****1234", None), ("13800001234", "name")],
    ids=["phone", "name"],
)
def test_masked_names_and_phones_take_nothing_from_residents(
    desk: Desk, phone: str, field: str | None
) -> None:
    before = desk.rows(Resident)
    name = "示例甲" if field is None else "示**"
    row = {"address": "柳岸新村1幢101室", "birth_date": "1950-01-01", "residence_status": "resident"}
    outcome = desk.bring("residents", {**row, "external_id": "P1", "name": name, "phone": phone})
    assert {one: found for one, (found, _why) in reasons(outcome).items()} == ({1: field} if field else {})
    assert outcome.counts["updated"] == 0
    assert desk.rows(Resident) == before
