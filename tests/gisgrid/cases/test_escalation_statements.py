"""Telling of many cases at once asks the database hardly more than telling of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from gisgrid.cases.core.models import CaseLog, CaseNotice
from gisgrid.cases.deadlines.rule_versions import add_version
from gisgrid.cases.deadlines.rulebook import DEFAULT
from gisgrid.storage.engine import Database
from tests.gisgrid.cases.test_escalation import HOUR, Scene

TOLD_TO = {"owner": ["member"], "community": ["head", "staff"], "subdistrict": ["head", "leader"]}
PER_SUPERVISED = 7
"""Supervising is a step like any other: each case is read, checked and written by itself."""


def statements(session: Session, scene: Scene, hours: float, cases: int) -> int:
    """How many statements the database gets while so many cases are told of at an hour."""
    found = 0

    def note(*_told: object) -> None:
        nonlocal found
        found += 1

    session.flush()
    session.expunge_all()
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        assert scene.tick(hours) == cases
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return found


@pytest.mark.parametrize(("hours", "kind"), [(18, "owner"), (24, "community"), (36, "subdistrict")])
@pytest.mark.parametrize("has_versions", [False, True])
def test_statements_do_not_grow_with_the_cases_that_are_told_of(
    database: Database, now: datetime, hours: int, kind: str, *, has_versions: bool
) -> None:
    counts = []
    for cases in (2, 9):
        with database.write() as session:
            scene = Scene(session, now)
            if has_versions:
                rules = replace(DEFAULT, claim_minutes=60)
                add_version(scene.view(0, "head"), rules, valid_from=now, now=now)
            for _ in range(cases - 1):
                scene.report()
            for earlier in (18, 24):
                if earlier < hours:
                    scene.tick(earlier)
            counts.append(statements(session, scene, hours, cases))
            notices = select(func.count()).where(CaseNotice.kind == f"limit_{kind}")
            lines = select(func.count()).where(CaseLog.action == "urge", CaseLog.at == now + hours * HOUR)
            assert session.scalar(notices) == cases * len(TOLD_TO[kind])
            assert session.scalar(lines) == cases
            session.rollback()
    assert counts[1] - counts[0] == 7 * (PER_SUPERVISED if kind == "subdistrict" else 0)
