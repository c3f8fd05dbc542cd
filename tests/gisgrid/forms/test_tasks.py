"""Tasks: vectors, a clerk who counts day by day as the oracle, and what must always hold."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from gisgrid.forms.tasks.computation import compute_tasks
from gisgrid.forms.tasks.documents import read_rule
from gisgrid.forms.tasks.facts import FACTS
from gisgrid.forms.tasks.model import (
    WAITING,
    CellPlacement,
    HeldSpan,
    SpanEnd,
    TaskRecord,
    TaskState,
    TaskSubject,
)
from gisgrid.forms.tasks.months import months_later
from gisgrid.forms.tasks.shipped import shipped_rules
from tests.gisgrid.forms.slow_tasks import slow_tasks

VECTORS = json.loads(Path(__file__).with_name("vectors").joinpath("tasks.json").read_text())["vectors"]
FIRST, LAST = date(2023, 11, 1), date(2024, 9, 30)
"""A calendar with a leap day; what isn't over at its end has no end."""


def rule_of(document: dict[str, Any]):
    return read_rule({"subject": "person"} | document)


def subject_of(row: dict[str, Any]) -> TaskSubject:
    spans = [HeldSpan(start=start, end=end, why=why and SpanEnd(why)) for start, end, why in row["spans"]]
    cells = tuple(CellPlacement(since=since, cell=cell) for since, cell in row["cells"])
    return TaskSubject(id=row["id"], spans=tuple(spans), cells=cells)


def record_of(row: dict[str, Any]) -> TaskRecord:
    return TaskRecord(**row | {"marks": frozenset(row["marks"])})


def days_of(value: Any) -> Any:
    """The same with each text that is a day as that day."""
    if isinstance(value, list | tuple):
        return [days_of(part) for part in value]
    if isinstance(value, dict):
        return {name: days_of(part) for name, part in value.items()}
    return (
        date.fromisoformat(value)
        if isinstance(value, str) and len(value) == 10 and value[4] == "-"
        else value
    )


def row_of(task) -> dict[str, Any]:
    """A task as the vectors write it."""
    names = ("key", "opens", "due", "state", "cell")
    row = {name: getattr(task, name) for name in names}
    return row | {name: getattr(task, name) for name in ("record", "why") if getattr(task, name)}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["why"] for vector in VECTORS])
def test_vector(vector) -> None:
    values = days_of({name: vector[name] for name in ("subject", "records", "today", "want")})
    records = [record_of(row) for row in values["records"]]
    tasks = compute_tasks(rule_of(vector["rule"]), subject_of(values["subject"]), records, values["today"])
    assert [row_of(task) for task in tasks] == values["want"]


def test_the_vectors_are_all_there() -> None:
    assert len(VECTORS) == 28


# What is drawn lies close together, so that borders meet.
DAYS = st.integers(0, (LAST - FIRST).days - 60).map(lambda number: FIRST + timedelta(days=number))
MARKS = st.frozensets(st.sampled_from(["met", "fell"]), max_size=2)
SPARSE = st.sampled_from([0, 0, 0, 1, 2, 3, 5, 8, 12])
DAY = timedelta(days=1)


@st.composite
def spans_drawn(draw) -> list[list[Any]]:
    """Spans in order, some of which touch, the last with or without an end."""
    spans, day = [], draw(DAYS)
    for _number in range(draw(st.integers(1, 3))):
        start = day + timedelta(days=draw(SPARSE))
        end = start + timedelta(days=draw(st.integers(1, 50)))
        spans.append([start, end, draw(st.sampled_from(["moved", "consent", "facts"]))])
        day = end
    if draw(st.booleans()):
        spans[-1][1:] = [None, None]
    return [span for span in spans if span[0] < LAST - timedelta(days=70)] or spans[:1]


@st.composite
def rules_drawn(draw) -> dict[str, Any]:
    rule = {"code": "r", "form": "a", "priority": 2, "from": draw(st.just(FIRST) | DAYS)}
    rule |= draw(st.sampled_from([{}, {"counts": "met"}, {"counts": "met", "any_form": True}]))
    rule |= {"until": rule["from"] + timedelta(days=draw(st.integers(1, 90)))} if draw(st.booleans()) else {}
    kind = draw(st.sampled_from(["month", "every", "after"]))
    if kind == "month":
        return rule | {"month": True}
    rule["open"] = draw(st.integers(0, 9))
    if kind == "every":
        every = draw(st.sampled_from([{"days": 1}, {"days": 7}, {"days": 10}, {"months": 1}, {"months": 2}]))
        return rule | {"every": every, "first": draw(st.integers(0, 12))}
    form = draw(st.sampled_from([{}, {"form": "a"}, {"form": "b"}]))
    days, keep = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    return rule | {"after": form | {"mark": "fell", "days": days}, "keep": keep}


@st.composite
def records_drawn(draw, start: date) -> list[dict[str, Any]]:
    """Records around a day, some corrected by another; ids are drawn, not in the order of their days."""
    records = []
    for identity in draw(st.lists(st.integers(10, 99), max_size=8, unique=True)):
        day = start + timedelta(days=draw(st.integers(-20, 70)))
        form, cell = draw(st.sampled_from(["a", "a", "b"])), draw(st.sampled_from(["c1", "c2", None]))
        record = {"id": f"r{identity}", "form": form, "day": day, "marks": draw(MARKS), "cell": cell}
        if records and draw(st.integers(0, 5)) == 0:
            record["corrects"] = draw(st.sampled_from(records))["id"]
        records.append(record)
    return [record for record in records if FIRST <= record["day"] < LAST]


@st.composite
def cases_drawn(draw):
    """A rule, a subject, its records and a day to look from."""
    rule, spans = draw(rules_drawn()), draw(spans_drawn())
    cells = [[FIRST, "c1"]] + ([[draw(DAYS) + DAY, "c2"]] if draw(st.booleans()) else [])
    records = draw(records_drawn(max(spans[0][0], rule["from"])))
    today = max(spans[0][0], rule["from"]) + timedelta(days=draw(st.integers(-3, 90)))
    return rule, {"id": "p", "spans": spans, "cells": cells}, records, min(today, LAST - timedelta(days=1))


def compute(case, **more):
    rule, subject, records, today = case
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in rule.items()}
    return compute_tasks(
        rule_of(plain), subject_of(subject), [record_of(row) for row in records], today, **more
    )


def agrees(case) -> None:
    """The tasks are those of the clerk, with what asked for them again while they waited."""
    tasks = compute(case)
    wanted = slow_tasks(*case, first=FIRST, last=LAST + timedelta(days=62))
    again = [row.pop("again", []) for row in wanted]
    assert [row_of(task) for task in tasks] == wanted
    assert [list(task.again) for task in tasks] == again


def keeps_the_laws(case, shift: int) -> None:
    """Keys are unique, the order of the records says nothing, and an early look hides only what is over."""
    rule, subject, records, today = case
    tasks = compute(case)
    assert len({task.key for task in tasks}) == len(tasks)
    assert compute((rule, subject, records[::-1], today)) == tasks
    since = today - timedelta(days=shift)
    kept = [task for task in tasks if task.due >= since or task.state in WAITING]
    assert compute(case, since=since) == kept
    assert all(task.opens <= task.due for task in tasks)
    assert sum(task.state in WAITING for task in tasks) <= 1
    assert not {task.record for task in tasks} & {row.get("corrects") for row in records} - {None}


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(cases_drawn(), st.integers(0, 90))
def test_tasks_are_those_of_the_clerk(case, shift) -> None:
    agrees(case)
    keeps_the_laws(case, shift)


@pytest.mark.prove
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(cases_drawn(), st.integers(0, 90))
def test_ten_thousand_rules_facts_and_records_are_those_of_the_clerk(case, shift) -> None:
    agrees(case)
    keeps_the_laws(case, shift)


WEEKLY = {"code": "w", "form": "a", "priority": 1, "from": "2026-01-01", "every": {"days": 7}, "open": 2}
MONTHLY = {"code": "m", "form": "a", "priority": 2, "from": "2026-01-01", "month": True}
FALLS = {"code": "f", "form": "a", "priority": 2, "from": "2026-01-01", "counts": "met", "hastens": True}
FALLS |= {"after": {"mark": "not_met", "days": 3}, "open": 3, "keep": 4}


def day(number: int) -> date:
    """A day of December 2026; 0 is the last of November."""
    return date(2026, 11, 30) + timedelta(days=number)


def about(*spans: tuple[int, int | None], cells=((-400, "c1"),)) -> TaskSubject:
    held = (
        HeldSpan(start=day(start), end=end and day(end), why=SpanEnd.FACTS if end else None)
        for start, end in spans
    )
    placements = tuple(CellPlacement(since=day(since), cell=cell) for since, cell in cells)
    return TaskSubject(id="p", spans=tuple(held), cells=placements)


def records_on(*days: int, marks: tuple[str, ...] = ()) -> list[TaskRecord]:
    return [
        TaskRecord(id=f"r{number:02}", form="a", day=day(number), marks=frozenset(marks)) for number in days
    ]


@pytest.mark.parametrize(("start", "count"), [(25, 1), (26, 0)])
def test_a_month_asks_from_seven_days_on(start, count) -> None:
    assert len(compute_tasks(rule_of(MONTHLY), about((start, None)), [], day(30))) == count


def test_spans_that_touch_are_one() -> None:
    apart = compute_tasks(rule_of(WEEKLY), about((1, 10), (10, None)), records_on(2), day(12))
    assert apart == compute_tasks(rule_of(WEEKLY), about((1, None)), records_on(2), day(12))
    assert [(task.due, task.state) for task in apart][-1] == (day(9), TaskState.OVERDUE)


def test_what_is_known_of_days_to_come_changes_nothing_today() -> None:
    subject = about((1, 20), (25, None), cells=((-400, "c1"), (15, "c2")))
    (task,) = compute_tasks(rule_of(MONTHLY), subject, records_on(18), day(12))
    assert (task.state, task.cell, task.due) == (TaskState.OPEN, "c1", day(19))


def test_where_the_same_task_comes_again_it_is_the_same() -> None:
    first, second = about((1, 8)), about((1, 8), (9, None))
    (_done, before) = compute_tasks(rule_of(WEEKLY), first, records_on(2), day(8))
    (_done, after) = compute_tasks(rule_of(WEEKLY), second, records_on(2), day(9))
    assert (before.key, before.state, before.why) == ("w|p|2026-12-09", TaskState.CANCELLED, SpanEnd.FACTS)
    assert (after.key, after.state, after.opens) == (before.key, TaskState.OPEN, day(9))


def test_nobody_met_again_makes_no_second_task_but_hurries_the_first() -> None:
    tasks = compute_tasks(rule_of(FALLS), about((1, None)), records_on(1, 3, marks=("not_met",)), day(4))
    assert [(task.key, task.priority, task.again) for task in tasks] == [("f|p|r01", 1, ("r03",))]
    calm = rule_of(FALLS | {"hastens": False})
    (task,) = compute_tasks(calm, about((1, None)), records_on(1, 3, marks=("not_met",)), day(4))
    assert task.priority == 2


def test_months_end_where_they_end() -> None:
    assert months_later(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert [months_later(date(2026, 10, 31), step).day for step in range(1, 6)] == [30, 31, 31, 28, 31]


def test_the_shipped_rules_are_those_of_the_design() -> None:
    shipped = {row.rule.code: row for row in shipped_rules()}
    assert [*shipped] == [
        *("elder_week", "elder_month", "elder_quarter", "change_24h", "after_fall", "not_met_3d", "aid_30d"),
        *("aid_quarter", "feedback_7d", "new_home_14d", "verify_180d", "patrol_week", "screen_month"),
    ]
    assert [code for code, row in shipped.items() if not row.is_on] == ["patrol_week"]
    assert len({(row.rule.code, row.number) for row in shipped_rules()}) == len(shipped_rules())


def test_shipped_rules_ask_for_known_facts_only() -> None:
    names = {name for row in shipped_rules() for name in re.findall(r"\$\{(\w+)\}", row.rule.who or "")}
    assert len(names) > 8
    assert names <= {*FACTS}


BROKEN = [
    ({"code": "Über"}, "code", "a name of small letters"),
    ({"code": None}, "code", "a name of small letters"),
    ({"form": ""}, "form", "a name of small letters"),
    ({"subject": "cat"}, "subject", "no such subject"),
    ({"priority": 4}, "priority", "from 1 to 3"),
    ({"priority": True}, "priority", "from 1 to 3"),
    ({"from": "2026-02-30"}, "from", "a day like"),
    ({"from": "0026-02-20"}, "from", "a day like"),
    ({"from": "20260220T1"}, "from", "a day like"),
    ({"until": "2025-01-01"}, "until", "ends before it begins"),
    ({"who": 3}, "who", "an expression"),
    ({"who": "x" * 1001}, "who", "an expression"),
    ({"any_form": 1}, "any_form", "true or false"),
    ({"month": False}, "month", "true or nothing"),
    ({"every": {"days": 7}}, "month", "one of these"),
    ({"month": None, "first": 3}, "first", "no such part"),
    ({"month": None, "every": None}, "month", "one of these"),
    ({"sql": "1"}, "sql", "no such part"),
]
BROKEN_RHYTHMS = [
    ({"every": 7}, "every", "parts of its own"),
    ({"every": {}}, "every", "one of the two"),
    ({"every": {"days": 7, "months": 1}}, "every", "one of the two"),
    ({"every": {"days": 0}}, "every.days", "from 1 to"),
    ({"every": {"days": 7.5}}, "every.days", "from 1 to"),
    ({"every": {"days": 10**12}}, "every.days", "from 1 to"),
    ({"every": {"days": 7, "weeks": 1}}, "every.weeks", "no such part"),
    ({"keep": 3}, "keep", "no such part"),
    ({"first": -1}, "first", "from 0 to"),
]


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        *((MONTHLY | part, field, message) for part, field, message in BROKEN),
        *((WEEKLY | part, field, message) for part, field, message in BROKEN_RHYTHMS),
    ],
)
def test_a_broken_rule_is_refused_where_it_is_broken(document, field, message) -> None:
    with pytest.raises(InvalidInput) as error:
        rule_of(document)
    assert any(fault.field == field and message in fault.message for fault in error.value.faults)


def test_all_faults_of_a_rule_are_said_at_once() -> None:
    with pytest.raises(InvalidInput) as error:
        read_rule({"after": {"days": -1}, "keep": "x", "odd": 1})
    assert {fault.field for fault in error.value.faults} >= {
        *("code", "form", "subject", "priority", "from", "after.mark", "after.days", "keep", "odd")
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda parts: st.lists(parts, max_size=2) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*MONTHLY, *WEEKLY, *FALLS, "subject", "who", "until", "any_form", "first"])


@settings(max_examples=200)
@given(st.dictionaries(NAMES, JSON, max_size=5), st.sampled_from([MONTHLY, WEEKLY, FALLS]))
def test_whatever_a_rule_says_it_is_read_or_refused(parts, document) -> None:
    try:
        rule = rule_of(document | parts)
    except InvalidInput as error:
        assert all(fault.field for fault in error.faults)  # noqa: PT017 - most are refused, some are read
        return
    assert compute_tasks(rule, about((1, None)), records_on(3), day(9), since=day(5)) is not None
