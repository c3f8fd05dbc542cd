"""A round freezes whom it asks; who moved, refused or was erased is excused; done is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Building, Household
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.work_models import Round, RoundSubject
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.records.rounds.drafts import draft_round, try_round
from gisgrid.records.rounds.inputs import RoundInput, RoundSelector
from gisgrid.records.rounds.progress import RoundProgress, round_progress, walking_key
from gisgrid.records.rounds.queries import list_rounds, one_round
from gisgrid.records.rounds.selection import selected_ids
from gisgrid.records.rounds.service import close_round, discard_round, open_round, reopen_round
from gisgrid.records.work.round_lines import LineReader, round_of
from gisgrid.storage.engine import Database
from tests import world
from tests.fieldwork import add_record
from tests.gisgrid.records.slow_rounds import slow_choice, slow_line
from tests.gisgrid.records.slow_work import Clerk
from tests.gisgrid.records.test_bindings import HOME, bound, write
from tests.working import FORMS, RandomWorld, install, noon

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
PURPOSES = {code: purpose for code, (_subject, purpose) in FORMS.items()}


@dataclass
class Block:
    """Two buildings in G1 and one in G2, three homes each with one person of 70; a round is for homes."""

    session: Session
    made: world.World
    now: datetime
    homes: list[Household]
    people: list[Resident]
    versions: dict[str, str]

    def view(self, actor: Actor | None = None, days: int = 0) -> View:
        touch(self.session, [self.made.community])
        return self.made.view(self.session, actor or self.made.actor, now=self.now + days * DAY)

    def sent(self, **values: Any) -> RoundInput:
        usual = {"form": "household_check", "title": "入冬核实", "first_day": TODAY}
        return RoundInput(**{**usual, "last_day": TODAY + 20 * DAY, "legal_basis": "示例依据", **values})

    def open(self, **values: Any) -> str:
        round_id = draft_round(self.view(), self.sent(**values), now=self.now)
        open_round(self.view(), round_id, now=self.now)
        return round_id

    def check(self, home: Household, days: int = 0, *, met: bool = True, **values: Any) -> str:
        at, version = self.now + days * DAY, self.versions["household_check"]
        marks = {"met": met}
        return add_record(
            self.session, version, home.id, at=at, kind="household", met=met, marks=marks, **values
        ).id

    def progress(self, round_id: str, actor: Actor | None = None, days: int = 0) -> RoundProgress:
        return round_progress(self.view(actor, days), round_id)

    def counts(self, round_id: str, days: int = 0) -> tuple[int | None, ...]:
        total = self.progress(round_id, days=days)["total"]
        return total["subjects"], total["excused"], total["done"], total["left"]


def block(session: Session, now: datetime) -> Block:
    made = world.found(session)
    homes, people = [], []
    for column, row, number in ((0, 0, "10"), (0, 1, "2"), (2, 0, "3")):
        building = world.add_building(session, made, column, row, number=number)
        for room in ("101", "201", "301"):
            homes.append(world.add_household(session, building, room))
            people.append(world.add_resident(session, homes[-1], date(1956, 3, 1)))
    return Block(session, made, now, homes, people, install(session, made, now=now))


def test_a_round_is_frozen_when_it_is_opened(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        round_id = draft_round(place.view(), place.sent(), now=now)
        assert session.scalars(select(RoundSubject)).all() == []
        assert open_round(place.view(), round_id, now=now) == 9
        building = session.scalars(select(Building)).first()
        world.add_household(session, building, "401")
        assert place.counts(round_id) == (9, 0, 0, 9)
        cells = set(session.scalars(select(RoundSubject.cell_id)))
        assert cells == {home.cell_id for home in place.homes}
        actions = set(session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == round_id)))
        assert actions == {"rounds:draft", "rounds:open"}
        with pytest.raises(Conflict):
            open_round(place.view(), round_id, now=now)


def test_progress_leaves_the_excused_out(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        round_id = place.open()
        place.check(place.homes[0], 1)
        place.check(place.homes[0], 2)
        place.check(place.homes[6], 2)
        place.check(place.homes[1], 1, met=False)
        place.homes[2].consent = "withdrawn"
        place.homes[3].lived_to = TODAY + DAY
        place.homes[4].kind = "vacant"
        answer = place.progress(round_id, days=3)
        assert place.counts(round_id, days=3) == (9, 3, 2, 4)
        assert answer["excused"] == {"refused": 1, "vacant": 1, "moved": 1, "erased": 0}
        rows = [(row["code"], row["subjects"], row["excused"], row["done"]) for row in answer["grids"]]
        assert rows == [("G1", 6, 3, 1), ("G2", 3, 0, 1)]
        assert [row["share"] for row in answer["grids"]] == [0.3333, 0.3333]
        assert answer["days"] == [{"day": "2026-11-25", "done": 1}, {"day": "2026-11-26", "done": 1}]
        walk = [(row["address"], row["counted"], row["left"]) for row in answer["buildings"]]
        assert walk == [("柳岸新村2幢", 1, 1), ("柳岸新村3幢", 3, 2), ("柳岸新村10幢", 2, 1)]


def test_what_was_noted_of_who_refuses_later_counts_no_more(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        round_id = place.open()
        for home in place.homes[:3]:
            place.check(home, 1)
        place.homes[0].consent = "refused"
        place.homes[1].lived_to = TODAY + 2 * DAY
        assert place.counts(round_id, days=3) == (9, 1, 2, 6)


def test_a_correction_counts_for_the_day_of_the_visit(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        before = place.check(place.homes[0], -9)
        round_id = place.open()
        place.check(place.homes[0], 1, corrects_id=before)
        first = place.check(place.homes[1], 1, met=False)
        place.check(place.homes[1], 9, corrects_id=first)
        second = place.check(place.homes[2], 1)
        place.check(place.homes[2], 2, met=False, corrects_id=second)
        place.check(place.homes[3], 1, redacted_at=now)
        answer = place.progress(round_id, days=9)
        assert answer["days"] == [{"day": "2026-11-25", "done": 1}]


def test_a_closed_round_takes_late_records_for_its_days_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        round_id = place.open()
        place.homes[8].lived_to = TODAY + DAY
        close_round(place.view(days=2), round_id, now=now + 2 * DAY)
        assert place.counts(round_id, days=2) == (9, 1, 0, 8)
        place.homes[7].consent = "refused"  # after it was closed
        place.homes[8].lived_to = None
        place.check(place.homes[0], 2)
        place.check(place.homes[1], 3)
        assert place.counts(round_id, days=5) == (9, 1, 1, 7)
        with pytest.raises(InvalidInput, match="reason"):
            reopen_round(place.view(days=5), round_id, " ", now=now + 5 * DAY)
        reopen_round(place.view(days=5), round_id, "漏了两户", now=now + 5 * DAY)
        assert place.counts(round_id, days=5) == (9, 1, 2, 6)
        entry = select(AuditEntry.reason).where(AuditEntry.action == "rounds:reopen")
        assert session.scalars(entry).one() == "漏了两户"


def test_a_list_of_ids_stands_in_place_of_a_choice(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        ids = tuple(home.id for home in place.homes[:4])
        round_id = draft_round(place.view(), place.sent(selector=RoundSelector(ids=ids)), now=now)
        place.homes[1].lived_to = TODAY
        assert open_round(place.view(), round_id, now=now) == 4
        assert place.counts(round_id) == (4, 1, 0, 3)
        assert one_round(place.view(), round_id)["is_list"] is True
        with pytest.raises(InvalidInput, match="1 ids of the list"):
            draft_round(place.view(), place.sent(selector=RoundSelector(ids=(*ids[:1], "x" * 36))), now=now)


def test_every_fault_of_a_draft_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        selector = RoundSelector(who="${age} >= 60 and ${name} = 'x'", grids=("G9",), ids=())
        sent = place.sent(
            title=" ", legal_basis="", first_day=TODAY - DAY, last_day=TODAY - 2 * DAY, selector=selector
        )
        with pytest.raises(InvalidInput) as refused:
            draft_round(place.view(), sent, now=now)
        fields = [fault.field for fault in refused.value.faults]
        assert sorted(fields) == [  # a household has no age of its own
            *("first_day", "grids", "ids", "ids", "last_day", "legal_basis", "title", "who", "who")
        ]
        for values, field in (
            ({"form": "nothing"}, "form"),
            ({"selector": RoundSelector(who="${lived_days} <")}, "who"),
            ({"selector": RoundSelector(who="${lived_days} < 0")}, "who"),
            ({"last_day": TODAY + 500 * DAY}, "last_day"),
        ):
            with pytest.raises(InvalidInput) as refused:
                draft_round(place.view(), place.sent(**values), now=now)
            assert [fault.field for fault in refused.value.faults] == [field]
        assert session.scalars(select(Round)).all() == []


def test_who_may_what(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        actors = {
            role: world.add_actor(session, place.made, role, "G1") for role in (Role.STAFF, Role.MEMBER)
        }
        head = world.add_actor(session, place.made, Role.HEAD)
        round_id = draft_round(place.view(actors[Role.STAFF]), place.sent(), now=now)
        other = draft_round(place.view(head), place.sent(title="另一轮"), now=now)
        assert len(list_rounds(place.view(actors[Role.STAFF]))) == 2
        assert list_rounds(place.view(actors[Role.MEMBER])) == []
        for actor in actors.values():
            with pytest.raises(NotAllowed):
                open_round(place.view(actor), round_id, now=now)
        with pytest.raises(NotAllowed):
            draft_round(place.view(actors[Role.MEMBER]), place.sent(), now=now)
        with pytest.raises(NotAllowed):
            try_round(place.view(actors[Role.MEMBER]), "household_check", RoundSelector())
        with pytest.raises(NotFound):
            place.progress(round_id)
        discard_round(place.view(head), other, now=now)
        open_round(place.view(head), round_id, now=now)
        with pytest.raises(Conflict):
            discard_round(place.view(head), round_id, now=now)
        assert [row["title"] for row in list_rounds(place.view(actors[Role.MEMBER]))] == ["入冬核实"]
        for role in (Role.GRID_LEADER, Role.STEWARD, Role.PROPERTY, Role.ADMIN, Role.RESIDENT):
            with pytest.raises(NotAllowed):
                place.progress(round_id, world.add_actor(session, place.made, role))


def test_members_know_their_grids_and_leaders_no_small_numbers(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = block(session, now)
        round_id = place.open()
        place.check(place.homes[0])
        member = place.progress(round_id, world.add_actor(session, place.made, Role.MEMBER, "G1"))
        assert [(row["code"], row["done"], row["left"]) for row in member["grids"]] == [("G1", 1, 5)]
        assert (member["total"]["subjects"], len(member["buildings"])) == (6, 2)
        leader = place.progress(round_id, world.add_actor(session, place.made, Role.LEADER))
        assert (leader["buildings"], leader["days"], leader["excused"]) == ([], [], {})
        assert leader["total"]["done"] is None
        assert leader["total"]["subjects"] == 9
        assert [row["subjects"] for row in leader["grids"]] == [None, None]  # 6 and 3: one tells the other
        assert {row["reason"] for row in leader["grids"]} == {"不显示"}


def test_a_clerk_finds_the_same_round(database: Database) -> None:
    whos = [None, "${age} >= 65", "${living_alone} or ${ability_grade} >= 2", "not(${lived_days} <= 60)"]
    for seed in range(4):
        with database.write() as session:
            made = RandomWorld(session, seed, TODAY)
            view = made.made.view(session, now=noon(TODAY))
            clerk = Clerk(session, TODAY, PURPOSES)
            chosen: dict[str, str] = {}
            for kind, form, table in (
                (SubjectKind.PERSON, "elder_visit", Resident),
                (SubjectKind.HOUSEHOLD, "visit5", Household),
            ):
                for who in [*whos[3:], None] if table is Household else whos:
                    slow = slow_choice(clerk, table, who)
                    try:
                        fast = set(selected_ids(view, kind, PURPOSES[form], RoundSelector(who=who)))
                    except InvalidInput:
                        fast = set()
                    assert fast == slow, (seed, form, who)
                if slow:
                    chosen[form] = draft_round(view, _draft(form, TODAY), now=noon(TODAY))
                    open_round(view, chosen[form], now=noon(TODAY))
            later = _live_on(made, session)
            view = made.made.view(session, now=noon(later))
            clerk = Clerk(session, later, PURPOSES)
            for form, round_id in chosen.items():
                opened = round_of(view, round_id)
                assert opened is not None
                lines = LineReader(view=view, round=opened).lines()
                table = Resident if FORMS[form][0] == "person" else Household
                by_id = {row.id: row for row in clerk.all(table)}
                fast = {line.subject: (line.excuse, line.done) for line in lines}
                slow = {subject: slow_line(clerk, by_id[subject], form, TODAY) for subject in fast}
                assert fast == slow, (seed, form)
            session.rollback()


def _draft(form: str, first: date) -> RoundInput:
    return RoundInput(
        form=form, title="示例", first_day=first, last_day=first + 9 * DAY, legal_basis="示例依据"
    )


def _live_on(made: RandomWorld, session: Session) -> date:  # noqa: C901 - whatever happens to a world
    """Two weeks in which people move, refuse, are erased and visited; the day after them."""
    ask, later = made.ask, TODAY + 14 * DAY

    def day() -> date:
        return TODAY + DAY * ask.randint(0, 13)

    for home in session.scalars(select(Household)).all():
        if ask.random() < 0.15:
            home.lived_to = TODAY + DAY * ask.randint(1, 20)
        home.kind = ask.choice([None, "vacant", "owned"])
        if ask.random() < 0.5:
            at = noon(day())
            add_record(session, made.versions["visit5"], home.id, at=at, kind="household", met=None)
    for person in session.scalars(select(Resident)).all():
        if ask.random() < 0.15:
            person.lived_to = TODAY + DAY * ask.randint(1, 20)
        if ask.random() < 0.1:
            person.erased_at = noon(later)
        if ask.random() < 0.2:
            asked = {"status": "refused", "text_version": "1", "asked_at": noon(day())}
            session.add(Consent(resident_id=person.id, purpose="elder_visits", **asked))
        for _visit in range(ask.randint(0, 2)):
            version, met = made.versions["elder_visit"], ask.random() < 0.6
            row = add_record(session, version, person.id, at=noon(day()), met=met)
            if ask.random() < 0.3:
                add_record(session, version, person.id, at=noon(later), met=not met, corrects_id=row.id)
            elif ask.random() < 0.1:
                row.redacted_at = noon(later)
    touch(session, [made.made.community])
    session.flush()
    return later


def test_a_round_cannot_ask_what_a_record_confirmed(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        tree = replace(HOME, items=(HOME.items[0],), code="kind_check")
        install_forms(session, place.view.actor, [FormFile(tree=tree, workbook=b"kind")], now=now)
        heads = Actor(account_id=place.view.actor.account_id, role=Role.HEAD, areas=place.view.actor.areas)
        head = replace(place.view, actor=heads)
        chosen = RoundSelector(ids=(place.home,))
        assert try_round(head, "kind_check", chosen).ids == (place.home,)
        write(place, HOME, {"kind": "rented"})
        with pytest.raises(InvalidInput, match="can't ask what the register knows"):
            try_round(head, "kind_check", chosen)
        with pytest.raises(InvalidInput):
            draft_round(head, _of_list("kind_check", chosen), now=now)
        assert try_round(head, "bound_check", chosen).ids == (place.home,), "it asks more than what is known"
        assert session.scalars(select(Round)).all() == []


def _of_list(form: str, chosen: RoundSelector) -> RoundInput:
    days = {"first_day": TODAY, "last_day": TODAY + 9 * DAY}
    return RoundInput(form=form, title="核实", legal_basis="示例依据", selector=chosen, **days)


def test_a_walk_goes_by_numbers() -> None:
    addresses = ["柳岸新村10幢", "柳岸新村2幢", "柳岸新村2幢1单元", ""]
    assert sorted(addresses, key=walking_key) == ["", "柳岸新村2幢", "柳岸新村2幢1单元", "柳岸新村10幢"]
