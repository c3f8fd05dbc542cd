"""Contracted services: who hands whom to whom, and that an organisation knows of nobody else."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.erasures import list_beside
from gisgrid.access.models import Account, AccountScope, AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.consent.texts import NewText, write_text
from gisgrid.people.contracts.queries import contract_card, contracts_of, household_contracts
from gisgrid.people.contracts.service import NewContract, end_contract, make_contract
from gisgrid.people.core.contract_rules import ContractState, HomeService
from gisgrid.people.core.models import Resident, ServiceContract
from gisgrid.people.erasure.replay import replay_erasures
from gisgrid.people.erasure.service import ask_erasure, carry_out
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world

OLD = date(1940, 1, 1)
PURPOSE = "contracted_services"


class Scene:
    """Two elders of a household of G1, and two organisations at work in the community."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made = world.found(session)
        self.home = world.add_household(session, world.add_building(session, self.made, 0, 0), "101")
        self.one = world.add_resident(session, self.home, OLD, name="示例甲")
        self.other = world.add_resident(session, self.home, OLD, name="示例乙")
        self.member = world.add_actor(session, self.made, Role.MEMBER, "G1")
        self.head = world.add_actor(session, self.made, Role.HEAD)
        self.org = self.organisation(Role.ORG)
        self.company = self.organisation(Role.PROPERTY)

    @property
    def today(self) -> date:
        return self.now.astimezone(world.TZ).date()

    def organisation(self, role: Role) -> Actor:
        actor = world.add_actor(self.session, self.made, role)
        self.session.add(AccountScope(id=new_id(), account_id=actor.account_id, area_id=self.made.community))
        self.session.flush()
        return actor

    def view(self, actor: Actor | None = None) -> View:
        return self.made.view(self.session, actor or self.member, now=self.now)

    def answer(self, status: str, resident: Resident | None = None, purpose: str = PURPOSE) -> None:
        self.now += timedelta(minutes=1)
        given = AnswerInput(
            purpose=purpose, status=status, resident=resident.id if resident else None, unasked=True
        )
        record_answer(self.view(), self.home.id, given, now=self.now)

    def contract(
        self,
        actor: Actor | None = None,
        *,
        org: Actor | None = None,
        resident: Resident | None = None,
        service: str = "meals",
        first: date | None = None,
        until: date | None = None,
    ) -> str:
        new = NewContract(
            resident=(resident or self.one).id,
            account=str((org or self.org).account_id),
            service=service,
            first=first,
            until=until,
        )
        return make_contract(self.view(actor), self.home.id, new, now=self.now)

    def known(self, org: Actor | None = None) -> list[str | None]:
        """Names an organisation knows."""
        return [one.name for one in contracts_of(self.view(org or self.org), now=self.now)]


def test_an_organisation_learns_name_address_service_and_last_day_of_its_own_alone(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        last = scene.today + timedelta(days=30)
        scene.contract(until=last)
        rows = [asdict(one) for one in contracts_of(scene.view(scene.org), now=scene.now)]
        address = scene.home.std_address
        assert rows == [{"name": "示例甲", "address": address, "service": HomeService.MEALS, "until": last}]
        assert scene.known(scene.company) == []
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "contracts:list")).all()
        assert [(one.account_id, one.count, one.object_id, one.fields) for one in entry] == [
            (scene.org.account_id, 1, None, ["name"]),
            (scene.company.account_id, 0, None, ["name"]),
        ]


def test_without_consent_there_is_no_contract_and_its_withdrawal_hides_it_at_once(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        with pytest.raises(Conflict):
            scene.contract()
        scene.answer("granted", purpose="elder_visits")
        with pytest.raises(Conflict):
            scene.contract()
        scene.answer("granted")
        scene.contract()
        scene.contract(resident=scene.other)
        assert scene.known() == ["示例甲", "示例乙"]
        scene.answer("refused", scene.one)
        assert scene.known() == ["示例乙"]
        scene.answer("granted", scene.one)
        scene.answer("withdrawn")
        assert scene.known() == []
        rows = household_contracts(scene.view(), scene.home.id, now=scene.now)
        assert {row.state for row in rows} == {ContractState.WITHHELD}
        scene.answer("granted")
        assert scene.known() == ["示例甲", "示例乙"]
        scene.answer("withdrawn", purpose="registration")
        assert scene.known() == []


def test_a_contract_is_known_on_its_days_only_and_until_it_is_ended(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        day = timedelta(days=1)
        made = scene.contract(first=scene.today + day, until=scene.today + 2 * day)
        seen = []
        for _ in range(4):
            seen.append(bool(scene.known()))
            scene.now += day
        assert seen == [False, True, True, False]
        scene.now -= 2 * day
        assert scene.known()
        end_contract(scene.view(), scene.home.id, made, now=scene.now)
        assert not scene.known()
        with pytest.raises(Conflict):
            end_contract(scene.view(), scene.home.id, made, now=scene.now)
        past = scene.made.view(session, scene.org, now=scene.now, as_of=scene.today - 2 * day)
        assert contracts_of(past, now=scene.now) == []


def test_who_moved_out_or_is_below_14_is_known_to_no_organisation(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        scene.contract()
        scene.one.lived_to = scene.today
        session.flush()
        assert scene.known() == []
        with pytest.raises(NotFound):
            scene.contract(service="cleaning")
        child = world.add_resident(session, scene.home, date(2020, 1, 1))
        with pytest.raises(NotFound):
            scene.contract(resident=child)
        scene.contract(resident=scene.other)
        scene.home.lived_to = scene.today
        session.flush()
        assert scene.known() == []


def test_who_makes_and_ends_contracts(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        elsewhere = world.add_actor(session, scene.made, Role.MEMBER, "G2")
        for role in sorted(set(Role) - {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LOCAL}):
            actor = Actor(account_id=scene.org.account_id, role=role, areas=frozenset({scene.made.community}))
            with pytest.raises(NotAllowed):
                scene.contract(actor)
            with pytest.raises(NotAllowed):
                end_contract(scene.view(actor), scene.home.id, "x", now=scene.now)
        for actor in (elsewhere, world.add_actor(session, scene.made, Role.STAFF, "G3")):
            with pytest.raises(NotFound):
                scene.contract(actor)
        staff = world.add_actor(session, scene.made, Role.STAFF, "G1")
        makers = (scene.head, staff, scene.member)
        services = ("meals", "bathing", "company")
        ids = [scene.contract(one, service=service) for one, service in zip(makers, services, strict=True)]
        by = dict(session.execute(select(ServiceContract.id, ServiceContract.made_by)).all())
        assert [by[one] for one in ids] == [one.account_id for one in makers]
        with pytest.raises(NotFound):
            end_contract(scene.view(elsewhere), scene.home.id, ids[0], now=scene.now)
        for role in sorted(set(Role) - {Role.PROPERTY, Role.ORG}):
            with pytest.raises(NotAllowed):
                contracts_of(scene.view(Actor(role=role, areas=scene.org.areas)), now=scene.now)


def test_a_head_chooses_by_masked_names_and_a_member_by_whole_ones(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted", scene.one)
        scene.contract()
        told = {}
        for actor in (scene.head, scene.member):
            card = contract_card(scene.view(actor), scene.home.id, now=scene.now)
            told[actor.role] = [(one["name"], one["agreed"]) for one in card.persons]
            assert {one["account"] for one in card.organisations} == {
                scene.org.account_id,
                scene.company.account_id,
            }
        assert sorted(told[Role.HEAD]) == [("示**", False), ("示**", True)]
        assert sorted(told[Role.MEMBER]) == [("示例乙", False), ("示例甲", True)]
        views = select(AuditEntry.action).where(AuditEntry.action.startswith("persons:"))
        assert sorted(session.scalars(views)) == ["persons:view", "persons:view_masked"]


@pytest.mark.parametrize("field", ["account", "service", "until"])
def test_what_makes_no_contract_is_named(database: Database, now: datetime, field: str) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        wrong = {
            "account": {"org": scene.head},
            "service": {"service": "gardening"},
            "until": {"until": scene.today - timedelta(days=1)},
        }
        with pytest.raises(InvalidInput) as caught:
            scene.contract(**wrong[field])  # type: ignore[arg-type]
        assert [fault.field for fault in caught.value.faults] == [field]


def test_the_same_contract_is_not_made_twice_for_days_in_common(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        week = timedelta(days=7)
        first = scene.contract(until=scene.today + week)
        with pytest.raises(Conflict):
            scene.contract(first=scene.today + week)
        scene.contract(first=scene.today + 2 * week)
        scene.contract(org=scene.company)
        end_contract(scene.view(), scene.home.id, first, now=scene.now)
        scene.contract(until=scene.today + week)


def test_an_organisation_out_of_use_or_of_another_community_gets_no_contract(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        session.get_one(Account, scene.org.account_id).disabled_at = now
        beside = world.found_beside(session, scene.made)
        scope = select(AccountScope).where(AccountScope.account_id == scene.company.account_id)
        session.scalars(scope).one().area_id = beside
        session.flush()
        for org in (scene.org, scene.company):
            with pytest.raises(InvalidInput):
                scene.contract(org=org)


def test_an_erasure_takes_the_contracts_away_and_a_restore_brings_none_back(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    erasures = list_beside(tmp_path / "keys.json")
    count = select(func.count()).select_from(ServiceContract)
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        kept = scene.contract()
        scene.contract(resident=scene.other)
        before = {name: getattr(scene.one, name) for name in ("name", "birth_date", "consent")}
        asked = ask_erasure(scene.view(), scene.home.id, resident_id=scene.one.id, now=scene.now)
        carry_out(scene.view(scene.head), asked, erasures=erasures, now=scene.now)
        assert scene.known() == ["示例乙"]
        assert session.scalar(count) == 1
        for name, value in before.items():  # as a backup made before brings the person back
            setattr(scene.one, name, value)
        scene.one.erased_at = None
        contract = {"resident_id": scene.one.id, "account_id": scene.org.account_id, "service": "meals"}
        session.add(ServiceContract(id=kept, from_day=scene.today, made_at=scene.now, **contract))
        session.flush()
        replay_erasures(session, erasures)
        assert session.scalar(count) == 1
        assert scene.known() == ["示例乙"]


def test_another_text_of_the_purpose_can_be_written(database: Database, now: datetime) -> None:
    with database.write() as session:
        admin = world.add_actor(session, world.found(session), Role.ADMIN)
        text = write_text(session, admin, NewText(purpose=PURPOSE, zh="新", en="new"), now=now)
        assert text.zh == "新"


def test_a_household_of_another_community_is_not_in_the_list(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.answer("granted")
        scene.contract()
        scene.home.community_id = world.found_beside(session, scene.made)
        session.flush()
        assert session.scalar(select(func.count()).select_from(Household)) == 1
        assert scene.known() == []
