"""A community with elders whose visits stand in every way, for tests of lists and counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.areas.view import Caches, View
from gisgrid.days import day_of, start_of
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id
from gisgrid.welfare.models import AssignedVisitor
from tests import fieldwork, world
from tests.world import TZ

OLD, VERY_OLD = date(1950, 1, 1), date(1940, 1, 1)
LONG_AGO = date(2025, 1, 1)


class Elders:
    """A community of four grids to which elders are added one by one."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.today = session, now, day_of(now, TZ)
        self.made = world.found(session)
        self.forms = self.publish()
        self.people: list[Resident] = []
        self.rooms = 0
        self.buildings = {}

    def publish(self) -> dict[str, str]:
        """The forms there are, without questions; the ids of their versions by code."""
        return {"elder_visit": fieldwork.add_form(self.session, "elder_visit", at=self.now)}

    def view(self, actor: Actor | None = None) -> View:
        """A view that remembers nothing of former ones: rows are added here without the services."""
        self.made.caches = Caches()
        return self.made.view(self.session, actor, now=self.now)

    def home(self, column: int = 0, row: int = 0, **answers: str) -> Household:
        """A household of its own in a cell, with answers to purposes given long ago."""
        place = (column, row)
        if place not in self.buildings:
            number = str(1 + len(self.buildings))
            self.buildings[place] = world.add_building(self.session, self.made, column, row, number=number)
        self.rooms += 1
        household = world.add_household(self.session, self.buildings[place], str(100 + self.rooms))
        for purpose, status in answers.items():
            self.answer(purpose, status, household=household.id)
        return household

    def answer(
        self,
        purpose: str,
        status: str,
        *,
        household: str | None = None,
        person: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """An answer to a purpose, row by row."""
        self.session.add(
            Consent(
                id=new_id(),
                household_id=household,
                resident_id=person,
                purpose=purpose,
                status=status,
                text_version="x",
                asked_at=at or start_of(LONG_AGO, TZ),
            )
        )
        self.session.flush()

    def elder(
        self,
        household: Household,
        *needs: str,
        birth: date = OLD,
        grade: int | None = None,
        name: str = "示例甲",
    ) -> Resident:
        """An elder of a household with needs since long ago."""
        person = world.add_resident(self.session, household, birth, name=name)
        self.people.append(person)
        for kind in needs:
            self.need(person, kind, grade=grade if kind in {"ability_grade", "disabled"} else None)
        return person

    def need(
        self,
        person: Resident,
        kind: str,
        *,
        since: date = LONG_AGO,
        until: date | None = None,
        grade: int | None = None,
    ) -> None:
        """A need of a person from a day on, up to another."""
        self.session.add(
            Need(
                id=new_id(),
                resident_id=person.id,
                kind=kind,
                grade=grade,
                legal_basis="示例依据",
                valid_from=start_of(since, TZ),
                valid_to=start_of(until, TZ) if until else None,
            )
        )
        self.session.flush()

    def visitor(self, person: Resident) -> None:
        """A volunteer who visits since long ago."""
        row = AssignedVisitor(
            resident_id=person.id, kind="volunteer", name="示例志愿者", valid_from=start_of(LONG_AGO, TZ)
        )
        self.session.add(row)
        self.session.flush()

    def visit(
        self, person: Resident, days_ago: int, *, met: bool | None = True, form: str = "elder_visit", **values
    ) -> str:
        """A record of a visit so many days ago."""
        if form not in self.forms:
            self.forms[form] = fieldwork.add_form(self.session, form, at=self.now)
        at = self.now - timedelta(days=days_ago)
        return fieldwork.add_record(self.session, self.forms[form], person.id, at=at, met=met, **values).id
