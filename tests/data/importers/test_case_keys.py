"""A case of a file is known by its source and the number it has there, by nothing that is given out here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select, update

from data.importers.outcome import ImportOutcome
from gisgrid.access.installation import installation_code
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.core.rules import case_number
from gisgrid.cases.intake import imports
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.storage.engine import Database
from tests import world
from tests.importing import Desk
from tests.world import TZ

LATER: Final = datetime(2025, 6, 1, tzinfo=UTC)
DAYS: Final = [date(2025, 3, 1) + timedelta(days=one) for one in range(3)]
MIDDLE: Final = world.middle(0, 0)
ROW: Final = {"category": "garbage", "lon": str(MIDDLE.x), "lat": str(MIDDLE.y)}


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path, LATER)


def bring(desk: Desk, rows: list[dict[str, str]]) -> ImportOutcome:
    return desk.bring("cases", *rows, crs="4326")


def told(outcome: ImportOutcome) -> tuple[Any, ...]:
    return tuple(outcome.counts[name] for name in ("new", "updated", "unchanged", "refused"))


def content(desk: Desk, sources: str = "%") -> list[str]:
    """All that stands of cases of some sources, as it stands."""
    wanted = select(Case.id).where(Case.source.like(sources))
    with desk.database.read() as session:
        return [
            str(row)
            for table, key in ((Case, Case.id), (CaseLog, CaseLog.case_id))
            for row in session.execute(select(*table.__table__.columns).where(key.in_(wanted)).order_by("id"))
        ]


def born(desk: Desk, count: int, *, source: str, at: datetime) -> list[str]:
    """Cases that were reported here, by their numbers."""
    with desk.database.write() as session:
        command = ReportCase(
            lon=MIDDLE.x, lat=MIDDLE.y, category="garbage", description="在此上报", source=source
        )
        actor, caches = desk.world.actor, desk.world.caches
        return [
            report(session, actor, command, caches=caches, now=at, tz=TZ).case.number for _ in range(count)
        ]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Batches so small that what one gives out stands there for the next."""
    monkeypatch.setattr(imports, "_AT_ONCE", 3)
    return iter(())


def test_three_thousand_numbers_that_look_like_ours_in_descending_order_are_three_thousand_cases(
    desk: Desk,
) -> None:
    rows = [
        {**ROW, "number": f"20250301-{place:04d}", "reported_at": "2025-03-01 08:00", "description": "堆放"}
        for place in range(3000, 0, -1)
    ]
    assert told(bring(desk, rows)) == (3000, 0, 0, 0)
    before = content(desk)
    assert told(bring(desk, rows)) == (0, 0, 3000, 0)
    assert content(desk) == before


def test_a_number_of_another_system_that_is_one_of_ours_makes_a_case_of_its_own(desk: Desk) -> None:
    (ours,) = born(desk, 1, source="import", at=LATER - timedelta(days=1))
    before = content(desk)
    row = {**ROW, "number": ours, "reported_at": "2025-03-01 08:00", "description": "别处的案件"}
    assert told(bring(desk, [row])) == (1, 0, 0, 0)
    assert set(before) < set(content(desk))


def test_our_number_behind_our_id_is_our_case_and_behind_another_id_another(desk: Desk) -> None:
    (ours,) = born(desk, 1, source="import", at=LATER - timedelta(days=1))
    with desk.database.read() as session:
        house = installation_code(session)
    row = {**ROW, "number": "unimportant", "reported_at": "2025-05-31 08:00:00"}
    with desk.database.read() as session:
        at = session.scalars(select(Case.reported_at).where(Case.number == ours)).one()
    at_home = {**row, "external_number": f"{house}:{ours}", "reported_at": at.isoformat()}
    assert told(bring(desk, [at_home])) == (0, 0, 1, 0)
    assert told(bring(desk, [{**at_home, "external_number": f"ANOTHER234:{ours}"}])) == (1, 0, 0, 0)


def test_a_number_given_out_in_a_run_is_no_number_of_a_later_row(desk: Desk, small_steps: None) -> None:
    """Also behind our own id, where a case of that number was never born here."""
    del small_steps
    with desk.database.read() as session:
        house = installation_code(session)
    first = [
        {**ROW, "number": f"A-{place}", "reported_at": "2025-03-01 08:00", "description": "一"}
        for place in range(6)
    ]
    bring(desk, first)
    with desk.database.read() as session:
        given = session.scalars(select(Case.number).order_by(Case.number)).all()
    later = [
        {
            **ROW,
            "number": "",
            "external_number": f"{house}:{one}",
            "reported_at": "2025-03-02 08:00",
            "description": "二",
        }
        for one in given
    ]
    assert told(bring(desk, later)) == (6, 0, 0, 0)
    assert told(bring(desk, first + later)) == (0, 0, 12, 0)


def a_file(rng: random.Random, house: str, ours: list[str], *, rows: int, seed: int) -> list[dict[str, str]]:
    """Rows with unique keys, drawn so that they meet each other's numbers and ours as often as can be."""
    keys: dict[tuple[str, str], dict[str, str]] = {}
    while len(keys) < rows:
        source = f"{rng.choice(['import', '12345', 'resident'])}-{seed}"  # files meet in one database
        style = rng.randrange(5)
        day = rng.choice(DAYS)
        number = {
            0: f"{day:%Y%m%d}-{rng.randrange(1, 4 * rows):04d}",
            1: case_number(day, rng.randrange(4 * rows)),
            2: f"A-{rng.randrange(4 * rows)}",
            3: rng.choice([*ours, "20250301-0001"]),
            4: "",
        }[style]
        external = ""
        if rng.random() < 0.4:
            other = rng.choice([house, "ANOTHER234", "x"])
            external = f"{other}:{day:%Y%m%d}-{rng.randrange(4 * rows):06d}"
        moment = datetime.combine(day, datetime.min.time()) + timedelta(seconds=rng.randrange(86_400))
        text = f"第{len(keys)}件"
        key = external or number or f"#{text}"
        row = {
            **ROW,
            "source": source,
            "number": number,
            "external_number": external,
            "reported_at": moment.isoformat(" "),
            "description": text,
        }
        keys.setdefault((source, key), row)
    found = list(keys.values())
    order = rng.randrange(3)
    if order == 0:
        rng.shuffle(found)
    else:
        found.sort(key=lambda row: row["number"], reverse=order == 1)
    return found


def one_file_makes_as_many_cases_as_it_has_rows(
    desk: Desk, seed: int, patch: pytest.MonkeyPatch, *, most: int
) -> int:
    """Any order, any batches: nothing is overwritten, and the same file again changes nothing."""
    rng = random.Random(seed)
    patch.setattr(imports, "_AT_ONCE", rng.choice([1, 2, 7, 50, 2000]))
    with desk.database.write() as session:
        house = installation_code(session)
        # Each file meets cases of the day it is about, some of them made under the rules before.
        day = datetime(2025, 3, 1, 4, tzinfo=UTC)
    ours = born(desk, rng.randrange(4), source=f"resident-{seed}", at=day)
    rows = a_file(rng, house, ours, rows=rng.randrange(1, most), seed=seed)
    before = count(desk)
    with desk.database.read() as session:
        mine = select(Case.id, Case.description).where(Case.source.like(f"%-{seed}"))
        stood = dict(session.execute(mine).all())
    assert told(bring(desk, rows)) == (len(rows), 0, 0, 0), seed
    assert count(desk) == before + len(rows), seed
    with desk.database.read() as session:
        now = dict(session.execute(mine).all())
    assert {key: now[key] for key in stood} == stood, seed
    after, count_after = content(desk, f"%-{seed}"), count(desk)
    rng.shuffle(rows)
    assert told(bring(desk, rows)) == (0, 0, len(rows), 0), seed
    assert (content(desk, f"%-{seed}"), count(desk)) == (after, count_after), seed
    return len(rows)


def count(desk: Desk) -> int:
    with desk.database.read() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def test_any_file_with_unique_keys_makes_a_case_of_each_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(8):
        one_file_makes_as_many_cases_as_it_has_rows(desk, seed, monkeypatch, most=60)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_two_hundred_files_with_unique_keys_make_a_case_of_each_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    rows = sum(
        one_file_makes_as_many_cases_as_it_has_rows(desk, seed, monkeypatch, most=150)
        for seed in range(1000, 1200)
    )
    record_property("files", 200)
    record_property("rows", rows)
    record_property("cases", count(desk))


def test_an_older_number_in_a_list_of_ours_is_found_by_the_day_it_was_given(desk: Desk) -> None:
    """Numbers that were given before stay, and come home as they are."""
    (ours,) = born(desk, 1, source="import", at=LATER - timedelta(days=1))
    with desk.database.write() as session:
        house = installation_code(session)
        session.execute(update(Case).where(Case.number == ours).values(number="20250531-0007"))
        at = session.scalars(select(Case.reported_at)).one()
    row = {**ROW, "external_number": f"{house}:20250531-0007", "reported_at": at.isoformat()}
    assert told(bring(desk, [row])) == (0, 0, 1, 0)
