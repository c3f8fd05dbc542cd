"""Random edits, moves and answers to consent by several people, against a plain program without tables."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from gisgrid.errors import Conflict, InvalidInput
from gisgrid.people.core.edit_models import FieldClash
from gisgrid.people.core.models import Resident
from gisgrid.people.core.phone_digests import fill_every_phone_digest
from gisgrid.people.edits.persons import come_back, leave
from gisgrid.storage.engine import Database
from tests.gisgrid.people.edits.home import Home, became

VALUES = {
    "sex": ("f", "m", None),
    "phone": ("199-0000-0001", "199-0000-0002", None),
    "name": ("示例甲", "示例丙", "示例丁"),
}
EDITORS, STEPS = 3, 12


class Plain:
    """One person's fields as a dictionary, and what each editor saw of them."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"sex": "f", "phone": "199-0000-0000", "name": "示例甲"}
        self.seen = [dict(self.values) for _editor in range(EDITORS)]
        self.left, self.may_call, self.clashes = None, True, 0

    def edit(self, editor: int, name: str, value: Any) -> str:
        if name == "phone" and not self.may_call:
            return "refused"
        if self.values[name] == value:
            return "confirmed"
        if self.seen[editor][name] == self.values[name]:
            self.values[name] = value
            return "written"
        self.clashes += 1
        return "clash"


def replay(database: Database, now: datetime, seed: int) -> None:
    draw, plain = random.Random(seed), Plain()
    with database.write() as session:
        home = Home(session, now)
        fill_every_phone_digest(session)
        person = home.first
        for _step in range(STEPS):
            editor, act = draw.randrange(EDITORS), draw.random()
            if act < 0.6:
                name = draw.choice(sorted(VALUES))
                value = draw.choice(VALUES[name])
                wanted = plain.edit(editor, name, value)
                try:
                    got = became(home.edit(person, name, value, seen=plain.seen[editor][name]))[0]
                except InvalidInput:
                    got = "refused"
                assert got == wanted, seed
            elif act < 0.8:
                plain.seen[editor] = dict(plain.values)
            elif act < 0.9:
                plain.may_call = not plain.may_call
                plain.values["phone"] = plain.values["phone"] if plain.may_call else None
                home.answer("contact", "granted" if plain.may_call else "withdrawn")
            elif plain.left is None:
                leave(home.view(), person.id, "2026-11-20", "moved", now=now)
                plain.left = "moved"
            else:
                with pytest.raises(Conflict):
                    leave(home.view(), person.id, "2026-11-21", "moved", now=now)
                come_back(home.view(), person.id, now=now)
                plain.left = None
            session.expire_all()
            row = session.get_one(Resident, person.id)
            assert {name: getattr(row, name) for name in VALUES} == plain.values, seed
            assert row.leaving == plain.left, seed
            assert (row.phone is None) == (row.phone_digest is None), seed
        assert len(session.scalars(select(FieldClash)).all()) == plain.clashes, seed
        session.rollback()


def test_some_sequences_end_as_the_plain_program_says(database: Database, now: datetime) -> None:
    for seed in range(6):
        replay(database, now, seed)


@pytest.mark.prove
def test_a_thousand_sequences_end_as_the_plain_program_says(spatialite: Database, now: datetime) -> None:
    for seed in range(1_000):
        replay(spatialite, now, seed)
