"""Four people of different rights at work by chance, through the services and plainly at once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.models import Duty, DutyKind, Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import Choice, FormSettings, FormTree, Question, Repeat
from gisgrid.people.edits.fields import FIELDS
from gisgrid.people.edits.values import base_of
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from tests import world
from tests.gisgrid.records.replay.plain_people import Editor, Home, Person, RefusalError
from tests.gisgrid.records.replay.plain_records import CHECK, VISIT, PlainArchive

SINCE: Final = date(2026, 10, 5)
ERRORS: Final = (Conflict, InvalidInput, NotAllowed, NotFound)
NAMES: Final = ("member", "other", "staff", "head")
_YES_NO: Final = (Choice(name="yes"), Choice(name="no"))


def _seen() -> Question:
    return Question(name="seen", type="select_one", choices="yes_no", no_consent=True)


def _mark(name: str, when: str, *, no_consent: bool = True) -> Question:
    return Question(name=name, type="calculate", calculation=parse(when), mark=True, no_consent=no_consent)


FORMS: Final = (
    FormTree(
        code=VISIT,
        title={"zh": "探访"},
        languages=("zh",),
        settings=FormSettings(subject="person", purpose="elder_visits", legal_basis="示例"),
        choices={"yes_no": _YES_NO},
        items=(
            _seen(),
            Question(name="alone", type="select_one", choices="yes_no", register="person.need.living_alone"),
            Question(name="phone", type="text", register="person.phone"),
            Question(name="note", type="text"),
            _mark("met", "${seen} = 'yes'"),
            _mark("not_met", "${seen} = 'no'"),
            _mark("fell", "${note} = '跌倒'", no_consent=False),
        ),
    ),
    FormTree(
        code=CHECK,
        title={"zh": "核实"},
        languages=("zh",),
        settings=FormSettings(subject="household", purpose="registration", legal_basis="示例"),
        choices={
            "yes_no": _YES_NO,
            "kind": (Choice(name="owned"), Choice(name="rented")),
            "sex": (Choice(name="f"), Choice(name="m")),
        },
        items=(
            _seen(),
            Question(name="kind", type="select_one", choices="kind", register="household.kind"),
            Question(name="contact", type="text", register="household.contact"),
            Question(name="note", type="text"),
            _mark("verified", "${seen} = 'yes'"),
            Repeat(
                name="people",
                register="household.persons",
                items=(
                    Question(name="phone", type="text", register="person.phone"),
                    Question(name="sex", type="select_one", choices="sex", register="person.sex"),
                ),
            ),
        ),
    ),
)
"""A visit to a person and the check of a household, both with fields of the register."""


@dataclass
class Replay:
    """A small community, its four people, and everything twice: in the database and as plain lists."""

    session: Session
    seed: int
    now: datetime
    erasures: Path
    plain: PlainArchive = field(default_factory=PlainArchive)
    counts: Counter[str] = field(default_factory=Counter)
    seen: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.made = world.found(self.session)
        files = [FormFile(tree=tree, workbook=tree.code.encode()) for tree in FORMS]
        install_forms(self.session, self.made.actor, files, now=self.now)
        rows = select(FieldForm.code, FormVersion.id).join(FormVersion, FormVersion.form_id == FieldForm.id)
        self.versions = {row.code: row.id for row in self.session.execute(rows)}
        self.actors = {
            "member": world.add_actor(self.session, self.made, Role.MEMBER, "G1"),
            "other": world.add_actor(self.session, self.made, Role.MEMBER, "G2"),
            "staff": world.add_actor(self.session, self.made, Role.STAFF, "G2", "G3"),
            "head": world.add_actor(self.session, self.made, Role.HEAD),
        }
        for name in ("member", "other"):  # whoever hands the last grid over still knows the community
            beside = {"kind": DutyKind.GRID_MEMBER, "is_primary": False, "valid_from": world.START}
            worker = str(self.actors[name].worker_id)
            self.session.add(Duty(worker_id=worker, area_id=self.made.areas["G4"], **beside))
        served = {"member": {"G1", "G4"}, "other": {"G2", "G4"}, "staff": {"G2", "G3"}, "head": set()}
        self.editors = {
            name: Editor(str(actor.account_id), str(actor.worker_id), str(actor.role), served[name])
            for name, actor in self.actors.items()
        }
        self.primary = {"G1": "member", "G2": "other"}
        for column, row, ages in ((0, 0, (84, 70)), (1, 0, (81,)), (1, 1, (66,)), (2, 0, (90, 45))):
            self._add_home(column, row, ages)
        self.session.flush()
        self.favourite = self.any_person()

    def _add_home(self, column: int, row: int, ages: tuple[int, ...]) -> None:
        number = len(self.plain.homes) + 1
        building = world.add_building(self.session, self.made, column, row, number=str(number))
        consent = self.draw.choice(["granted", "granted", None])
        home = world.add_household(self.session, building, "101", consent=consent)
        home.lived_from = SINCE
        names = ("kind", "contact", "people_told", "minors")
        plain = Home(home.id, str(home.cell_id), consent, {f"household.{name}": None for name in names})
        self.plain.homes[home.id] = plain
        self.plain.grid_of[plain.cell] = f"G{1 + column // 2}"
        for age in ages:
            born = date(2026 - age, 3, 1)
            own = consent or "not_asked"
            person = world.add_resident(self.session, home, born, consent=own, lived_from=SINCE)
            values = {
                "person.name": "示例甲",
                "person.sex": "f",
                "person.phone": "199-0000-0000",
                "person.residence_status": "registered_here",
                "person.birth_date": born.isoformat(),
                "person.lived_to": None,
            }
            self.plain.people[person.id] = Person(person.id, plain, values, own, SINCE)

    def actor(self, name: str) -> Actor:
        """Who it is today: duties may have been handed over."""
        actor = self.actors[name]
        if name == "head":
            return actor
        return load_actor(self.session, str(actor.account_id), now=self.now) or actor

    def view(self, name: str) -> View:
        return self.made.view(self.session, self.actor(name), now=self.now)

    def tick(self) -> None:
        self.now += timedelta(minutes=self.draw.choice([3, 40, 300, 900, 2100]))

    def both(self, what: str, real: Callable[[], Any], plain: Callable[[], Any]) -> tuple[Any, Any]:
        """Do the same in the database and plainly: both take it, or both refuse it in the same way."""
        try:
            wanted: Any = plain()
        except RefusalError as refusal:
            wanted = refusal
        try:
            with self.session.begin_nested():
                answer: Any = real()
        except ERRORS as error:
            self.session.expire_all()
            answer = error
        refused = str(wanted) if isinstance(wanted, RefusalError) else "taken"
        answered = type(answer).__name__ if isinstance(answer, ERRORS) else "taken"
        assert answered == refused, (self.seed, what, answer)
        self.counts[f"{what} {answered}"] += 1
        return (None, None) if answered != "taken" else (answer, wanted)

    def any_home(self) -> Home:
        return self.draw.choice(list(self.plain.homes.values()))

    def any_person(self) -> Person:
        return self.draw.choice(list(self.plain.people.values()))

    def someone(self) -> Person:
        """One person is looked after more than others, so that people meet over the same fields."""
        return self.favourite if self.draw.random() < 0.4 else self.any_person()

    def who_for(self, subject: Home | Person) -> str:
        """Mostly one of those who serve a household, sometimes anybody."""
        home = subject if isinstance(subject, Home) else subject.home
        grid = self.plain.grid_of[home.cell]
        serving = [name for name in NAMES if name == "head" or grid in self.editors[name].grids]
        return self.draw.choice(serving if self.draw.random() < 0.85 else NAMES)

    def look(self, name: str) -> None:
        """Somebody opens a household or a person, and keeps what was seen while others go on."""
        subject = self.draw.choice([self.any_home(), self.someone(), self.someone()])
        kind = "household." if isinstance(subject, Home) else "person."
        for code in FIELDS:
            if code.startswith(kind) and (code in subject.values or ".need." in code):
                self.seen[name, subject.id, code] = subject.read(code)

    def seen_by(self, name: str, subject: Home | Person, code: str) -> Any:
        """What somebody saw of a field, maybe long ago, or on another's list."""
        current = subject.read(code)
        return None if self.draw.random() < 0.1 else self.seen.get((name, subject.id, code), current)

    def base(self, subject: Home | Person, code: str, value: Any) -> str:
        return base_of(self.session, subject.id, FIELDS[code], value)
