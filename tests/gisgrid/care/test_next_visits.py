"""The next visit is due when the tasks that are computed from records say so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.forms.tasks.computation import compute_tasks
from gisgrid.forms.tasks.model import WAITING, HeldSpan, Monthly, TaskRecord, TaskState, TaskSubject
from gisgrid.forms.tasks.next_dues import due_after
from tests.gisgrid.care.visit_oracle import RULES, VisitFacts, rule_of, visit_rule

TODAY = date(2026, 12, 2)
DAYS = st.dates(date(2026, 1, 1), TODAY - timedelta(days=1))


def tasks_of(code: str, since: date, visits: list[date]):
    records = [
        TaskRecord(id=f"{number:04}", form="elder_visit", day=day, marks=frozenset({"met"}))
        for number, day in enumerate(sorted(visits))
    ]
    subject = TaskSubject(id="p", spans=(HeldSpan(start=since),))
    return compute_tasks(rule_of(code), subject, records, TODAY)


@given(st.sampled_from(RULES), DAYS, st.lists(DAYS, max_size=4))
def test_a_due_day_is_that_of_the_task_that_waits(code: str, since: date, visits: list[date]) -> None:
    due = due_after(rule_of(code).schedule, since=since, last=max(visits, default=None))
    tasks = tasks_of(code, since, visits)
    if isinstance(rule_of(code).schedule, Monthly):
        asked = {task.due: task.state for task in tasks}
        missed = [
            day
            for day, state in asked.items()
            if state == TaskState.MISSED and day > max(visits, default=since)
        ]
        assert (due < TODAY) == bool(missed)
        assert not missed or due == min(missed)
    else:
        assert [task.due for task in tasks if task.state in WAITING] == [due]


@pytest.mark.parametrize(
    ("age", "needs", "grade", "has_visitor", "rule"),
    [
        (80, {"living_alone"}, None, False, "elder_week"),
        (79, {"living_alone"}, None, False, "elder_month"),
        (85, {"ability_grade"}, 2, False, "elder_month"),
        (85, {"ability_grade"}, 1, False, "elder_quarter"),
        (70, set(), None, True, "elder_quarter"),
        (70, set(), None, False, None),
        (70, {"a_need_of_later"}, None, False, None),
    ],
)
def test_facts_choose_at_most_one_rule(age, needs, grade, has_visitor, rule) -> None:
    facts = VisitFacts(age=age, needs=frozenset(needs), grade=grade, has_visitor=has_visitor)
    assert visit_rule(facts) == rule
