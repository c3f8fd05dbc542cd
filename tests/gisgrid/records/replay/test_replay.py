"""Four people work by chance for a fortnight: all that was accepted is there, as a plain program has it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gisgrid.days import day_of as local_day
from gisgrid.errors import NotFound
from gisgrid.people.core.edit_models import FieldClash, RegisterEdit
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.places.models import Household
from gisgrid.records.core.record_models import GONE, Record, RecordField
from gisgrid.records.lists.card import record_of
from gisgrid.records.lists.queries import RecordFilter, list_records
from gisgrid.records.work.queries import list_work
from gisgrid.storage.engine import Database
from tests.gisgrid.records.replay.plain_people import day_of
from tests.gisgrid.records.replay.plain_records import MARKS, Kept
from tests.gisgrid.records.replay.replay_acts import Acts
from tests.gisgrid.records.replay.replaying import NAMES, SINCE
from tests.gisgrid.records.slow_work import Clerk
from tests.gisgrid.records.test_work_computation import RULES
from tests.world import TZ

BEGIN = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
FIRST = date(2026, 10, 1)
STEPS = 24
ASKED = [rule for rule in RULES if rule["form"] in MARKS]
WORKED_OUT = {name for names in MARKS.values() for name in names}


def register_of(acts: Acts) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for home in acts.session.scalars(select(Household)):
        names = ("kind", "contact", "people_told", "minors", "consent", "last_verified_at", "vacated_at")
        rows[home.id] = [getattr(home, name) for name in names]
    for person in acts.session.scalars(select(Resident)):
        assert (person.phone is None) == (person.phone_digest is None), acts.seed
        left = person.lived_to and {"day": person.lived_to.isoformat(), "why": person.leaving}
        born = person.birth_date and person.birth_date.isoformat()
        values = (person.name, person.sex, person.phone, person.residence_status, born, left)
        rows[person.id] = [*values, person.consent, person.household_id, person.erased_at is not None]
    return rows


def plain_register_of(acts: Acts) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for home in acts.plain.homes.values():
        values = [home.values[f"household.{name}"] for name in ("kind", "contact", "people_told", "minors")]
        rows[home.id] = [*values, home.consent, home.verified_at, home.vacated_at]
    names = ("name", "sex", "phone", "residence_status", "birth_date", "lived_to")
    for person in acts.plain.people.values():
        values = [person.values[f"person.{name}"] for name in names]
        rows[person.id] = [*values, person.consent, person.home.id, person.is_erased]
    return rows


def needs_of(acts: Acts) -> tuple[Any, Any]:
    stored = [
        (
            *(need.resident_id, need.kind, local_day(need.valid_from, TZ)),
            need.valid_to and local_day(need.valid_to, TZ),
            *(need.grade, need.legal_basis),
        )
        for need in acts.session.scalars(select(Need))
    ]
    plain = [
        (person.id, need.kind, need.since, need.until, need.grade, need.basis)
        for person in acts.plain.people.values()
        for need in person.needs
    ]
    return sorted(stored, key=str), sorted(plain, key=str)


def history_of(acts: Acts) -> tuple[Any, Any]:
    names = (
        "household_id",
        "resident_id",
        "at",
        "account_id",
        "field",
        "purpose",
        "before",
        "after",
        "reason",
    )
    stored = [[getattr(row, name) for name in names] for row in acts.session.scalars(select(RegisterEdit))]
    keys = ("home", "person", "at", "account", "field", "purpose", "before", "after", "reason")
    return sorted(stored, key=str), sorted(
        [[row[key] for key in keys] for row in acts.plain.history], key=str
    )


def clashes_of(acts: Acts) -> tuple[Any, Any]:
    names = ("household_id", "resident_id", "at", "account_id", "field", "answer", "state")
    stored = [[getattr(row, name) for name in names] for row in acts.session.scalars(select(FieldClash))]
    keys = ("home", "person", "at", "account", "field", "answer", "state")
    return sorted(stored, key=str), sorted(
        [[row[key] for key in keys] for row in acts.plain.clashes], key=str
    )


def consents_of(acts: Acts) -> tuple[Any, Any]:
    rows = acts.session.scalars(select(Consent))
    stored = [
        (row.household_id or row.resident_id, row.purpose, row.status, row.asked_at, row.asked_by)
        for row in rows
    ]
    keys = ("of", "purpose", "status", "at", "worker")
    return sorted(stored, key=str), sorted(
        [tuple(row[key] for key in keys) for row in acts.plain.answers], key=str
    )


def said(row: Record) -> dict[str, Any] | None:
    if row.answers == GONE:
        return None
    return {name: answer for name, answer in json.loads(row.answers).items() if name not in WORKED_OUT}


def records_of(acts: Acts) -> dict[str, Any]:
    rows, children = {}, {}
    for row in acts.session.scalars(select(Record)):
        if row.parent_id is not None:
            children.setdefault(row.parent_id, {})[row.resident_id] = said(row)
            continue
        kept = {} if row.marks == GONE else json.loads(row.marks)
        marks = {name for name, holds in kept.items() if holds}
        values = (row.form_code, row.resident_id or row.household_id, row.author_account_id, row.day)
        times = (row.filled_at, row.received_at, row.cell_id, row.corrects_id, row.reason)
        rows[row.id] = [*values, *times, said(row), marks, row.redacted_at is not None]
    fields: dict[str, list[Any]] = {}
    for kept in acts.session.scalars(select(RecordField)):
        what = (kept.resident_id or kept.household_id, kept.field, kept.became)
        fields.setdefault(kept.record_id, []).append(what)
    return {
        key: (*values, children.get(key, {}), sorted(fields.get(key, []))) for key, values in rows.items()
    }


def plain_records_of(acts: Acts) -> dict[str, Any]:
    return {
        row.id: (
            *(row.form, row.subject.id, row.account, row.day, row.filled_at, row.received_at),
            *(row.home.cell, row.corrects, row.reason, row.answers),
            *({name for name, holds in row.marks.items() if holds}, row.is_redacted),
            *(row.people, sorted(row.became)),
        )
        for row in acts.plain.records.values()
    }


def check_kept(acts: Acts) -> None:
    """Nothing is lost, nothing is there that nobody did."""
    acts.session.flush()
    acts.session.expire_all()
    assert register_of(acts) == plain_register_of(acts), acts.seed
    for both in (needs_of, history_of, clashes_of, consents_of):
        stored, plain = both(acts)
        assert stored == plain, (acts.seed, both.__name__)
    assert records_of(acts) == plain_records_of(acts), acts.seed


def check_told(acts: Acts) -> None:
    """Each of the four sees the records that are theirs to see, and opens them as they may be opened."""
    days = RecordFilter(first=FIRST, last=day_of(acts.now))
    for name in NAMES:
        listed = {row["id"] for row in list_records(acts.view(name), days, now=acts.now)["rows"]}
        assert listed == acts.plain.lists(acts.editors[name]), (acts.seed, name)
        for row in acts.draw.sample(list(acts.plain.records.values()), min(3, len(acts.plain.records))):
            assert opened(acts, name, row) == expected(acts, name, row), (acts.seed, name, row.id)


def opened(acts: Acts, name: str, row: Kept) -> Any:
    reason = "核对" if name == "head" and acts.draw.random() < 0.5 else None
    acts.reason = reason
    try:
        answers = record_of(acts.view(name), row.id, reason=reason, now=acts.now)["answers"]
    except NotFound:
        return "no such record"
    if answers is None:
        return None
    people = {each["_id"]: set(each) - {"_id"} for each in answers.pop("people", [])}
    return {name for name in answers if name not in WORKED_OUT}, people


def expected(acts: Acts, name: str, row: Kept) -> Any:
    """Heads open what was withdrawn after a reason; a question whose own purpose was refused stays closed."""
    is_head_with_reason = name == "head" and acts.reason is not None
    is_told = acts.plain.tells(acts.editors[name], row)
    if not is_told and not (is_head_with_reason and acts.plain.is_there(row)):
        return "no such record"
    if row.answers is None or (name == "head" and not is_head_with_reason):
        return None
    return acts.plain.shown(row)


@dataclass
class QuickClerk(Clerk):
    """The slow clerk, who remembers what was asked of a day."""

    def __post_init__(self) -> None:
        self.facts = cache(super().facts)  # type: ignore[method-assign]
        self.is_refused = cache(super().is_refused)  # type: ignore[method-assign]
        self.known: dict[Any, list[Any]] = {}

    def spans(self, subject: Any, rule: dict[str, Any], first: date, last: date) -> list[Any]:
        """Several rules are for the same people."""
        key = (subject.id, rule.get("who"), self.purposes[rule["form"]])
        if key not in self.known:
            self.known[key] = super().spans(subject, rule, first, last)
        return self.known[key]


def tasks_of(acts: Acts) -> dict[str, tuple[str, str]]:
    """Which tasks wait, each with the cell it lies in."""
    today = day_of(acts.now)
    clerk = QuickClerk(
        acts.session, today, {"elder_visit": "elder_visits", "household_check": "registration"}
    )
    people = acts.session.scalars(select(Resident).where(Resident.erased_at.is_(None))).all()
    homes = acts.session.scalars(select(Household)).all()
    subjects = {"person": people, "household": homes}
    return {
        task["key"]: (task["state"], task["cell"])
        for rule in ASKED
        for subject in subjects[rule["subject"]]
        for task in clerk.tasks(subject, rule, first=FIRST)
        if task["state"] in ("open", "overdue")
    }


def check_work(acts: Acts) -> None:
    """Tasks fall to whoever serves the grid today; where nobody does, to staff and heads."""
    tasks = tasks_of(acts)
    acts.counts["tasks"] += len(tasks)
    for name in NAMES:
        view = acts.view(name)
        listed = {row["key"]: row["state"] for row in list_work(view, now=acts.now)["rows"]}
        wanted = {}
        for key, (state, cell) in tasks.items():
            grid = acts.plain.grid_of[cell]
            is_served = name == "head" or grid in acts.editors[name].grids
            if is_served and (name in ("member", "other") or grid not in acts.primary):
                wanted[key] = state
        assert listed == wanted, (acts.seed, name)


def replay(database: Database, seed: int, erasures: Path) -> Counter[str]:
    with database.write() as session:
        acts = Acts(session=session, seed=seed, now=BEGIN + timedelta(days=seed % 20), erasures=erasures)
        acts.begin()
        for _step in range(STEPS):
            acts.step()
        check_kept(acts)
        check_told(acts)
        check_work(acts)
        session.rollback()
    return acts.counts


def test_some_sequences_end_as_the_plain_program_says(database: Database, tmp_path: Path) -> None:
    assert SINCE > FIRST
    counts = Counter[str]()
    for seed in range(8):
        counts += replay(database, seed, tmp_path / "erasures.jsonl")
    assert min(counts["record taken"], counts["edit written"], counts["tasks"]) > 0


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_thousand_sequences_end_as_the_plain_program_says(
    database: Database, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    counts = Counter[str]()
    for seed in range(1000, 2000):
        counts += replay(database, seed, tmp_path / "erasures.jsonl")
    record_property("sequences", 1000)
    for name, count in sorted(counts.items()):
        record_property(name, count)
