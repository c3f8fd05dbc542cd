"""Cases that a third party checks: the import that brought them can't be taken back from under a sample."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from gisgrid.errors import Conflict
from gisgrid.imports.undo import undo_import
from gisgrid.indicators.evaluation.models import EvaluationCase
from gisgrid.indicators.evaluation.service import draw
from gisgrid.storage.engine import Database
from tests.data.importers.test_import_errands import Desk


def test_an_import_of_cases_in_a_sample_is_not_taken_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        desk = Desk(session, now)
        ended = (now - timedelta(minutes=30)).isoformat()
        brought = desk.bring(now, state=["closed", "closed"], closed_at=[ended, ended])
        later, day = now + timedelta(days=2), date(2026, 11, 24)
        draw(desk.view(desk.head, later), day, day, 1, now=later)
        with pytest.raises(Conflict, match="cases in samples for a check hang on it"):
            undo_import(session, desk.made.actor, brought, now=later)
        assert session.scalar(select(func.count()).select_from(EvaluationCase)) == 1
        assert len(desk.cases()) == 2
