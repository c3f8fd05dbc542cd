"""What is to be done, computed in sets, is what a clerk finds who looks at one subject a day at a time."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import gisgrid.forms.tasks.shipped
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Household
from gisgrid.records.work.computation import TOLD_ENDS, WorkPicture, compute_work, since_of
from gisgrid.records.work.scopes import whole_scope
from gisgrid.storage.engine import Database
from tests.gisgrid.forms.test_tasks import days_of
from tests.gisgrid.records.slow_work import Clerk
from tests.working import FORMS, RandomWorld, noon

SHIPPED = Path(gisgrid.forms.tasks.shipped.__file__).with_name("shipped.json")
RULES = [days_of(row["rule"]) for row in json.loads(SHIPPED.read_text(encoding="utf-8")) if row["is_on"]]
TABLES = {"person": Resident, "household": Household, "building": Building}
FIRST = date(2025, 6, 1)
DAYS = [date(2026, 3, 1), date(2026, 4, 30), date(2026, 3, 31), date(2026, 5, 15)]


def told(state: WorkPicture) -> dict[str, Any]:
    return {
        row.task.key: (row.task.state.value, row.task.opens, row.task.due, row.task.cell, row.task.why)
        for row in state.tasks
    }


@pytest.mark.parametrize("seed", range(12))
def test_a_clerk_finds_the_same(database: Database, seed: int) -> None:
    today = DAYS[seed % len(DAYS)]
    with database.write() as session:
        made = RandomWorld(session, seed, today)
        view = made.made.view(session, now=noon(today))
        fast = told(compute_work(view, whole_scope(view), today))
        clerk = Clerk(session, today, {code: purpose for code, (_subject, purpose) in FORMS.items()})
        slow = {}
        for rule in RULES:
            for subject in session.scalars(select(TABLES[rule["subject"]])):
                for task in clerk.tasks(subject, rule, first=FIRST):
                    is_over = task["state"] == "missed" or task.get("why") in TOLD_ENDS
                    if task["state"] in {"open", "overdue"} or (is_over and task["due"] >= since_of(today)):
                        why = task.get("why")
                        row = (task["state"], task["opens"], task["due"], task["cell"], why)
                        slow[task["key"]] = row
        assert fast == slow
        assert slow or seed == 3
