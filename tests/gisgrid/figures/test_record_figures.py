"""Records by form, area and month: by an oracle, and without small numbers for who has no exact counts."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import Caches, View
from gisgrid.days import Period, day_of, period
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.figures.record_figures import SpanStep, last_quarter, record_figures, record_spans
from gisgrid.forms.tree import FormSettings, FormTree, Question
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Building, Household
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import subject_columns
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.records.test_entries import CHECK, VISIT

COUNTS = ("records", "subjects", "met", "unmet")
FEW = (Level.GRID, Level.COMMUNITY)


def form_about(subject: str) -> FormTree:
    items = (Question(name="state", type="text"),)
    return FormTree(
        code=subject,
        title={"zh": subject},
        languages=("zh",),
        settings=FormSettings(subject=subject),
        items=items,
    )


SCREEN = replace(form_about("building"), code="dispute_screen")
TREES = (VISIT, CHECK, SCREEN, *map(form_about, ("building", "area", "community", "case")))


@dataclass
class Notes:
    """A community of four grids with forms about all kinds of subjects, and records row by row."""

    session: Session
    now: datetime
    homes: list[tuple[str, Household]] = field(default_factory=list)
    people: list[tuple[str, Resident]] = field(default_factory=list)
    buildings: list[tuple[str, Building]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.made, self.today = world.found(self.session), day_of(self.now, world.TZ)
        files = [FormFile(tree=tree, workbook=tree.code.encode()) for tree in TREES]
        install_forms(self.session, self.made.actor, files, now=self.now)
        for grid, (column, row) in zip(
            ("G1", "G2", "G3", "G4"), ((0, 0), (2, 0), (0, 2), (2, 2)), strict=True
        ):
            building = world.add_building(self.session, self.made, column, row, number=grid)
            self.buildings.append((grid, building))

    def settle(self, grid: str, count: int) -> list[Resident]:
        """So many more homes of one person in a grid; the persons."""
        building = dict(self.buildings)[grid]
        people = []
        for _ in range(count):
            home = world.add_household(self.session, building, str(101 + len(self.homes)))
            self.homes.append((grid, home))
            people.append(world.add_resident(self.session, home, date(1940, 1, 1)))
            self.people.append((grid, people[-1]))
        return people

    def note(self, form: str, subject: str | None, day: date, **values: Any) -> Record:
        digest = hashlib.sha256(form.encode()).hexdigest()
        version = self.session.scalars(select(FormVersion.id).where(FormVersion.sha256 == digest)).one()
        kind = next(tree.settings.subject for tree in TREES if tree.code == form)
        record = Record(
            id=new_id(),
            **subject_columns(SubjectKind(kind), subject),
            form_version_id=version,
            form_code=form,
            community_id=self.made.community,
            day=day,
            filled_at=self.now,
            received_at=self.now,
            **{"answers": "{}", "marks": "{}", "sent": "x", **values},
        )
        self.session.add(record)
        self.session.flush()
        return record

    def view(self, actor: Actor | None = None) -> View:
        """A view that remembers nothing: rows are added without the services."""
        self.made.caches = Caches()
        return self.made.view(self.session, actor, now=self.now)

    def leader(self) -> Actor:
        return Actor(name="leader", role=Role.LEADER, areas=frozenset({self.made.community}))

    def quarter(self) -> Period:
        return last_quarter(self.view())

    def rows(
        self, form: str, days: Period, level: Level = Level.GRID, actor: Actor | None = None
    ) -> dict[str, Any]:
        return {row["code"]: row for row in record_figures(self.view(actor), level, days, form=form).rows}


def days_of(first: date, last: date) -> Period:
    return period(first, last, today=last, tz=world.TZ)


@pytest.mark.parametrize("seed", range(4))
def test_the_counts_are_those_of_an_oracle(database: Database, now: datetime, seed: int) -> None:
    dice = random.Random(seed)
    with database.write() as session:
        notes = Notes(session, now)
        for grid, _ in notes.buildings:
            notes.settle(grid, dice.randrange(1, 6))
        refused = {home.id for _, home in notes.homes if dice.random() < 0.2}
        for home in refused:
            asked = {"asked_at": now, "text_version": "1", "status": "refused"}
            session.add(Consent(household_id=home, purpose="elder_visits", **asked))
        for _, person in notes.people:
            person.erased_at = now if dice.random() < 0.1 else None
        first, last = notes.today - timedelta(days=60), notes.today - timedelta(days=10)
        counted: list[tuple[str, str, bool | None]] = []
        for _ in range(60):
            grid, person = dice.choice(notes.people)
            day, met = notes.today - timedelta(days=dice.randrange(80)), dice.choice([True, False, None])
            fate = dice.choice(["stays", "stays", "redacted", "corrected"])
            record = notes.note(
                "visit", person.id, day, met=met, redacted_at=now if fate == "redacted" else None
            )
            holds = fate == "stays" and person.household_id not in refused and person.erased_at is None
            if fate == "corrected":
                notes.note("visit", person.id, notes.today, met=met, corrects_id=record.id)
            if holds and first <= day <= last:
                counted.append((grid, person.id, met))
        rows = notes.rows("visit", days_of(first, last))
        whole = notes.rows("visit", days_of(first, last), Level.COMMUNITY)["C1"]
        for code in ("G1", "G2", "G3", "G4"):
            own = [note for note in counted if note[0] == code]
            subjects, met = {note[1] for note in own}, {note[1] for note in own if note[2]}
            assert [rows[code][name] for name in COUNTS] == [
                *(len(own), len(subjects), len(met), len(subjects - met)),
            ]
        assert [whole[name] for name in COUNTS] == [
            sum(row[name] for row in rows.values()) for name in COUNTS
        ]


def test_each_kind_of_subject_counts_where_it_lies(database: Database, now: datetime) -> None:
    with database.write() as session:
        notes = Notes(session, now)
        notes.settle("G2", 2)
        session.flush()
        day, days = notes.today, days_of(notes.today, notes.today)
        for _ in range(2):
            notes.note("check", notes.homes[0][1].id, day)
            notes.note("building", notes.buildings[2][1].id, day)
            notes.note("area", notes.made.areas["G3"], day)
            notes.note("community", None, day)
        told = {form: notes.rows(form, days) for form in ("check", "building", "area", "community")}
        where = {form: [code for code, row in rows.items() if row["records"]] for form, rows in told.items()}
        assert where == {"check": ["G2"], "building": ["G3"], "area": ["G3"], "community": []}
        assert {
            rows[code]["subjects"] for rows in told.values() for code in rows if rows[code]["records"]
        } == {1}
        whole = {form: notes.rows(form, days, Level.COMMUNITY)["C1"] for form in told}
        assert {row["records"] for row in whole.values()} == {2}
        assert {row["met"] for row in whole.values()} == {None}
        table = record_figures(notes.view(), Level.GRID, days)
        assert sorted({row["form"] for row in table.rows}) == [
            "area",
            "building",
            "check",
            "community",
            "dispute_screen",
            "visit",
        ]


def test_months_are_told_one_by_one_and_cut_where_the_days_begin_and_end(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        notes = Notes(session, now)
        (person,) = notes.settle("G1", 1)
        for day in (
            date(2026, 8, 31),
            date(2026, 9, 1),
            date(2026, 9, 30),
            date(2026, 11, 2),
            date(2026, 11, 3),
        ):
            notes.note("visit", person.id, day, met=day.month != 11)
        days = days_of(date(2026, 9, 1), date(2026, 11, 2))
        rows = record_spans(notes.view(), SpanStep.MONTH, days, form="visit").rows
        assert [(row["first"], row["last"]) for row in rows] == [
            *(("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-02")),
        ]
        assert [[row[name] for name in COUNTS] for row in rows] == [[2, 1, 1, 0], [0, 0, 0, 0], [1, 1, 0, 1]]
        quarters = record_spans(notes.view(), SpanStep.QUARTER, days, form="visit", area="G1").rows
        assert [row["records"] for row in quarters] == [2, 1]
        assert [
            row["records"]
            for row in record_spans(notes.view(), SpanStep.MONTH, days, form="visit", area="G2").rows
        ] == [0] * 3
        with pytest.raises(NotFound):
            record_spans(notes.view(), SpanStep.MONTH, days, form="visit", area="G9")
        with pytest.raises(InvalidInput, match="36"):
            record_spans(notes.view(), SpanStep.MONTH, days_of(date(1990, 1, 1), notes.today), form="visit")


def test_leaders_see_persons_by_whole_quarters_and_no_small_number(database: Database, now: datetime) -> None:
    with database.write() as session:
        notes = Notes(session, now)
        quarter, leader = notes.quarter(), notes.leader()
        for grid, count in (("G1", 20), ("G2", 3), ("G3", 12), ("G4", 0)):
            for person in notes.settle(grid, count):
                notes.note("visit", person.id, quarter.first, met=True)
        for _ in range(3):
            notes.note("building", notes.buildings[0][1].id, notes.today)
        rows = notes.rows("visit", quarter, actor=leader)
        assert [rows["G1"][name] for name in COUNTS] == [20, 20, 20, 0]
        assert [rows[code][name] for code in ("G2", "G3") for name in COUNTS] == [None] * 8
        assert set(COUNTS) == set(rows["G2"]["suppressed"])
        assert rows["G2"]["reason"] == rows["G3"]["reason"] == "不显示"
        assert [rows["G4"][name] for name in COUNTS] == [0] * 4
        for first, last in ((quarter.first, quarter.last - timedelta(days=1)), (quarter.first, notes.today)):
            hidden = notes.rows("visit", days_of(first, last), actor=leader).values()
            assert {row[name] for row in hidden for name in COUNTS} == {None}
            assert {row["reason"] for row in hidden} == {"整季度结束后可见"}
        (whole,) = record_spans(notes.view(leader), SpanStep.QUARTER, quarter, form="visit").rows
        assert whole["subjects"] == 35
        months = record_spans(notes.view(leader), SpanStep.MONTH, quarter, form="visit").rows
        assert [row["subjects"] for row in months] == [None] * 3
        assert notes.rows("building", days_of(notes.today, notes.today), actor=leader)["G1"]["records"] == 3
        assert record_figures(notes.view(leader), Level.GRID, quarter).meta["records"] is None


def test_where_disputes_were_looked_for_is_told_like_counts_of_persons(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        notes = Notes(session, now)
        quarter, leader = notes.quarter(), notes.leader()
        for day in (quarter.first, notes.today):
            notes.note("dispute_screen", notes.buildings[0][1].id, day)
        assert notes.rows("dispute_screen", quarter)["G1"]["records"] == 1
        assert notes.rows("dispute_screen", quarter, actor=leader)["G1"]["records"] is None
        this_month = notes.rows("dispute_screen", days_of(notes.today, notes.today), actor=leader)
        assert {row["reason"] for row in this_month.values()} == {"整季度结束后可见"}


def test_who_was_left_out_of_few_households_is_hidden_too(database: Database, now: datetime) -> None:
    with database.write() as session:
        notes = Notes(session, now)
        quarter = notes.quarter()
        for grid, count in (("G1", 20), ("G2", 20), ("G3", 20), ("G4", 20)):
            notes.settle(grid, count)
        for grid, home in notes.homes[2:]:  # two of the first grid are left out
            if grid != "G4" or int(home.room) % 2:
                notes.note("check", home.id, quarter.last)
        rows = notes.rows("check", quarter, actor=notes.leader())
        assert rows["G1"]["subjects"] is None
        assert {"subjects", "records"} == set(rows["G1"]["suppressed"])
        assert sum(row["subjects"] is None for row in rows.values()) > 1


def test_members_have_their_own_grids_exactly(database: Database, now: datetime) -> None:
    with database.write() as session:
        notes = Notes(session, now)
        for grid in ("G1", "G2"):
            (person,) = notes.settle(grid, 1)
            notes.note("visit", person.id, notes.today, met=False)
        member = world.add_actor(session, notes.made, Role.MEMBER, "G1")
        rows = notes.rows("visit", days_of(notes.today, notes.today), actor=member)
        assert [rows["G1"][name] for name in COUNTS] == [1, 1, 0, 1]
        assert [rows["G2"][name] for name in COUNTS] == [None] * 4


def test_what_cannot_be_told_is_refused(database: Database, now: datetime) -> None:
    with database.write() as session:
        notes = Notes(session, now)
        days = days_of(notes.today, notes.today)
        with pytest.raises(InvalidInput, match="not counted"):
            record_figures(notes.view(), Level.GRID, days, form="case")
        with pytest.raises(NotFound):
            record_figures(notes.view(), Level.GRID, days, form="none")
        with pytest.raises(InvalidInput, match="by grid"):
            record_figures(notes.view(), Level.SUBDISTRICT, days)
        for role in set(Role) - {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LEADER, Role.LOCAL}:
            view = notes.view(world.add_actor(session, notes.made, role))
            with pytest.raises(NotAllowed):
                record_figures(view, Level.GRID, days)
            with pytest.raises(NotAllowed):
                record_spans(view, SpanStep.MONTH, days, form="visit")
