"""A household whose two people are edited in tests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.models import Resident
from gisgrid.people.edits.service import EditAnswer, FieldEdit, edit_person
from tests import world

OLD = date(1950, 1, 1)
NOTHING_TO_SAY = {"registration": "granted", "contact": "granted", "sensitive_needs": "granted"}


class Home:
    """A household with two people whose member may edit them."""

    def __init__(self, session: Session, now: datetime, **answers: str) -> None:
        self.session, self.now = session, now
        self.made = world.found(session)
        building = world.add_building(session, self.made, 0, 0)
        self.household = world.add_household(session, building, "101", consent="granted")
        self.first, self.second = (
            world.add_resident(session, self.household, OLD, name=name) for name in ("示例甲", "示例乙")
        )
        self.member = world.add_actor(session, self.made, Role.MEMBER, "G1")
        for purpose, status in (answers or NOTHING_TO_SAY).items():
            self.answer(purpose, status)

    def view(self, actor: Actor | None = None) -> View:
        return self.made.view(self.session, actor or self.member, now=self.now)

    def answer(self, purpose: str, status: str, person: Resident | None = None) -> None:
        said = AnswerInput(
            purpose=purpose, status=status, resident=person.id if person else None, unasked=True
        )
        record_answer(self.view(), self.household.id, said, now=self.now)

    def edit(
        self, person: Resident, name: str, value: Any, *, seen: Any, actor: Actor | None = None
    ) -> EditAnswer:
        change = FieldEdit(field=f"person.{name}", value=value, seen=seen)
        return edit_person(self.view(actor), person.id, [change], reason="核对", now=self.now)


def became(answer: EditAnswer) -> list[str]:
    return [str(row["became"]) for row in answer["fields"]]
