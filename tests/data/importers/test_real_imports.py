"""Every real file that fits a kind comes into both databases as it stands; every trap ends in a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.importers.kinds.cases import NewCategories
from data.importers.outcome import ImportOutcome
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import run
from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.errors import InvalidInput
from gisgrid.storage.base import Base
from gisgrid.storage.engine import Database
from tests.data.importers.real_imports import REAL, Real
from tests.world import TZ

pytestmark = [pytest.mark.prove, pytest.mark.real_data]

LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")


def bring(database: Database, folder: Path, one: Real, at: datetime) -> ImportOutcome:
    how = dict(one.how)
    if "level" in how:
        how["level"] = Level(how["level"])
    if "new_categories" in how:
        how["new_categories"] = NewCategories(how["new_categories"])
    asked = ImportRequest(kind=one.kind, file=folder / one.path, community="C1", columns=one.columns, **how)
    return run(database, lambda _session: LOCAL, prepare(asked, tz=TZ), now=at, tz=TZ)


def rows_of(database: Database) -> dict[str, int]:
    tables = [one for one in Base.metadata.sorted_tables if one.name not in {"audit_entry", "import_run"}]
    counted = [sa.select(sa.literal(one.name), sa.func.count()).select_from(one) for one in tables]
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(sa.union_all(*counted))}


@pytest.mark.parametrize("one", REAL, ids=[f"{n:02} {one}" for n, one in enumerate(REAL)])
def test_a_real_file_comes_in_with_its_counts_or_ends_in_a_sentence(
    database: Database,
    real_data: Path,
    now: datetime,
    one: Real,
    record_property: Callable[[str, object], None],
) -> None:
    if one.after is not None:
        bring(database, real_data, REAL[one.after], now)
    before, began = rows_of(database), time.process_time()
    try:
        outcome = bring(database, real_data, one, now + timedelta(minutes=1))
        said = [fault.sentence() for fault in outcome.faults]
        told = {name: outcome.counts[name] for name in one.counts}
    except InvalidInput as error:
        said, told = [fault.sentence() for fault in error.faults], {}
    record_property("cpu_s", round(time.process_time() - began, 1))
    record_property("counts", str(told) if told else said[0])
    assert told == dict(one.counts)
    assert bool(said) == bool(one.said)
    if one.said:
        assert any(one.said in sentence for sentence in said), said[:3]
    if not told.get("new"):
        assert rows_of(database) == before


@pytest.mark.parametrize("one", [one for one in REAL if one.counts.get("new")], ids=str)
def test_a_real_file_once_more_changes_nothing(
    spatialite: Database,
    real_data: Path,
    now: datetime,
    one: Real,
    record_property: Callable[[str, object], None],
) -> None:
    if one.after is not None:
        bring(spatialite, real_data, REAL[one.after], now)
    first = bring(spatialite, real_data, one, now + timedelta(minutes=1)).counts
    before = rows_of(spatialite)
    again = bring(spatialite, real_data, one, now + timedelta(minutes=2)).counts
    record_property("unchanged", again["unchanged"])
    assert again["unchanged"] == first["new"]
    assert (again["new"], again["updated"]) == (0, 0)
    assert rows_of(spatialite) == before
