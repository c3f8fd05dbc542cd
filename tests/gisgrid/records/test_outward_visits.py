"""Visits that were owed in a month, counted by person for a department's table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from gisgrid.people.core.models import Consent
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.content import read_content
from gisgrid.records.outward.fields import read_fields
from gisgrid.records.outward.scope import OutwardRequest, open_scope
from gisgrid.records.outward.sheets import OutwardSheet
from gisgrid.records.outward.visit_counts import VISIT_COUNTS
from gisgrid.storage.engine import Database
from tests.gisgrid.records.test_work_list import Street, street

NAMES = ("due", "made", "owed", "overdue")
COLUMNS = {letter: f"count.visits.{name}" for letter, name in zip("BCDE", NAMES, strict=True)}
GRIDS = OutwardSheet(sheet="表", rows=OutwardRows.GRID, columns={"A": "grid.code", **COLUMNS})


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as opened:
        yield opened


def counts(place: Street, month: str = "2026-11") -> tuple[object, ...]:
    view = place.made.view(place.session, now=place.now)
    scope = open_scope(view, OutwardRequest(month=month))
    table = read_content(view, scope, read_fields(view), [GRIDS])
    rows = table.rows["表"]
    assert all(row[code] == 0 for row in rows[1:] for code in COLUMNS.values()), (
        "others live in no other grid"
    )
    assert rows[0]["grid.code"] == "G1"
    return tuple(rows[0][code] for code in COLUMNS.values())


def test_a_visit_that_is_late_is_owed_until_somebody_was_met(session: Session, now: datetime) -> None:
    place = street(session, now)
    assert set(COLUMNS.values()) == VISIT_COUNTS
    assert counts(place) == (1, 0, 1, 1)
    place.visit(met=False, days=1)
    assert counts(place) == (1, 0, 1, 1), "nobody was met"
    place.visit(met=True)
    place.visit(met=True, days=2)
    assert counts(place) == (1, 1, 0, 0), "one person, however often met"


def test_a_month_that_is_over_stands_as_on_its_last_day(session: Session, now: datetime) -> None:
    place = street(session, now)
    place.visit(met=True)
    assert counts(place, "2026-10") == (1, 0, 1, 1), "met in November, not in October"
    place.visit(met=True, days=40)
    assert counts(place, "2026-10")[:3] == (1, 1, 0)


def test_who_said_no_to_visits_is_owed_none(session: Session, now: datetime) -> None:
    place = street(session, now)
    answer = {"purpose": "elder_visits", "status": "refused", "text_version": "1", "asked_at": now}
    session.add(Consent(household_id=place.person.household_id, **answer))
    session.flush()
    assert counts(place) == (0, 0, 0, 0)


def test_who_is_young_is_owed_none(session: Session, now: datetime) -> None:
    place = street(session, now)
    place.person.birth_date = date(1990, 1, 1)
    session.flush()
    assert counts(place) == (0, 0, 0, 0)
