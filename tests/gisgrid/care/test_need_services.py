"""Who serves a need: noted, replaced, ended, and gone with a no or an erasure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from shapely import Point
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.access.erasures import list_beside
from gisgrid.access.models import AccountScope, AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.care.need_services import NewNeedService, end_service, set_service
from gisgrid.care.servers import NewServer
from gisgrid.care.service_rows import person_services
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.models import Resident
from gisgrid.people.core.need_models import NeedService, ServerKind
from gisgrid.people.edits.needs import end_need, set_need
from gisgrid.people.erasure.replay import replay_erasures
from gisgrid.people.erasure.service import ask_erasure, carry_out
from gisgrid.places.models import Facility
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.care.elders import Elders

AGREED = {"elder_visits": "granted", "sensitive_needs": "granted"}


class Scene(Elders):
    """An elder without income in G1, and one of each kind who could serve."""

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__(session, now)
        self.household = self.home(**AGREED)
        self.person: Resident = self.elder(self.household, "no_income", "living_alone")
        self.member = world.add_actor(session, self.made, Role.MEMBER, "G1")
        self.org, self.company = (self._organisation(role) for role in (Role.ORG, Role.PROPERTY))
        self.station = new_id()
        place = Point(world.LON, world.LAT)
        session.add(
            Facility(
                id=self.station,
                community_id=self.made.community,
                type="home_care_station",
                name="示例服务站",
                position=place,
            )
        )
        session.flush()

    def _organisation(self, role: Role) -> str:
        actor = world.add_actor(self.session, self.made, role)
        self.session.add(AccountScope(id=new_id(), account_id=actor.account_id, area_id=self.made.community))
        self.session.flush()
        return str(actor.account_id)

    def own(self) -> View:
        return self.view(self.member)

    def set(self, need: str = "no_income", *, ago: int = 0, view: View | None = None, **sent: Any) -> bool:
        since = sent.pop("since", (self.today - timedelta(days=ago)).isoformat())
        reason = sent.pop("reason", None)
        new = NewNeedService(server=NewServer(**sent), since=since)
        return set_service(view or self.own(), self.person.id, need, new, reason=reason, now=self.now)

    def told(self, view: View | None = None, **reason: str) -> list[tuple[str, str, str | None]]:
        services = person_services(view or self.own(), self.person.id, now=self.now, **reason)
        return [(row["kind"], row["server"], row["name"]) for row in services["running"]]

    def servers(self) -> list[dict[str, str]]:
        """One of each kind, as it is sent."""
        return [
            {"kind": "member", "worker": str(self.member.worker_id)},
            {"kind": "volunteer", "name": "示例志愿者"},
            {"kind": "organisation", "organisation": self.org},
            {"kind": "property", "organisation": self.company},
            {"kind": "station", "facility": self.station},
        ]


def faults(call: Any, *args: Any, **values: Any) -> set[str | None]:
    with pytest.raises(InvalidInput) as caught:
        call(*args, **values)
    return {fault.field for fault in caught.value.faults}


def test_each_kind_of_server_takes_the_place_of_the_one_before(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        for ago, server in zip((40, 30, 20, 10, 0), scene.servers(), strict=True):
            assert scene.set(ago=ago, **server)
            assert not scene.set(ago=ago, **server)
        services = person_services(scene.own(), scene.person.id, now=now)
        (running,) = services["running"]
        assert (running["server"], running["name"], running["until"]) == ("station", "示例服务站", None)
        day = lambda ago: (scene.today - timedelta(days=ago)).isoformat()  # noqa: E731
        spans = [(row["server"], row["since"], row["until"]) for row in services["former"]]
        assert spans == [
            ("property", day(10), day(0)),
            ("organisation", day(20), day(10)),
            ("volunteer", day(30), day(20)),
            ("member", day(40), day(30)),
        ]
        assert set(ServerKind) == {row["server"] for row in (*services["former"], running)}


def test_all_that_is_wrong_is_said_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        wrong = {"kind": "member", "worker": "nobody", "name": "x"}
        assert faults(scene.set, "hardship", since="2099-01-01", **wrong) == {
            *("kind", "since", "worker", "name"),
        }
        assert faults(scene.set, kind="nobody") == {"server"}
        assert faults(scene.set, kind="volunteer", name="x" * 81) == {"name"}
        assert faults(scene.set, kind="organisation", organisation=scene.company) == {"organisation"}
        assert faults(scene.set, kind="property", organisation=scene.org) == {"organisation"}
        assert faults(scene.set, "hardship", kind="volunteer", name="x") == {"kind"}
        with pytest.raises(NotFound):
            scene.set("no_such_need", kind="volunteer", name="x")
        assert session.scalars(select(NeedService)).all() == []


def test_who_may(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        volunteer = {"kind": "volunteer", "name": "示例志愿者"}
        other = scene.view(world.add_actor(session, scene.made, Role.MEMBER, "G2"))
        with pytest.raises(NotFound):
            scene.set(view=other, **volunteer)
        for role in (Role.GRID_LEADER, Role.STEWARD, Role.LEADER, Role.ORG, Role.ADMIN):
            with pytest.raises(NotAllowed):
                scene.set(view=scene.view(world.add_actor(session, scene.made, role)), **volunteer)
        head = scene.view(world.add_actor(session, scene.made, Role.HEAD))
        assert faults(scene.set, view=head, **volunteer) == {"reason"}
        assert scene.set(view=head, reason="核对", **volunteer)
        assert scene.told(head) == []
        assert scene.told(head, reason="核对") == [("no_income", "volunteer", "示例志愿者")]
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("services:%"))).all()
        assert [entry.action for entry in entries] == ["services:set", "services:view", "services:view"]
        assert entries[0].fields == ["person.need.no_income", "server"]
        assert "示例志愿者" not in str([(entry.details, entry.fields) for entry in entries])


def test_the_end_of_a_need_is_the_end_of_its_service(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.set(ago=5, kind="station", facility=scene.station)
        scene.set("living_alone", kind="volunteer", name="示例志愿者")
        end_need(scene.own(), scene.person.id, "no_income", now=now)
        assert scene.told() == [("living_alone", "volunteer", "示例志愿者")]
        again = {"grade": None, "since": scene.today.isoformat(), "legal_basis": "示例依据"}
        set_need(scene.own(), scene.person.id, "no_income", again, now=now)
        assert scene.told() == [("living_alone", "volunteer", "示例志愿者")]
        assert end_service(scene.own(), scene.person.id, "living_alone", now=now)
        assert not end_service(scene.own(), scene.person.id, "living_alone", now=now)
        assert scene.told() == []


def test_a_need_that_gets_another_grade_keeps_who_serves_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.need(scene.person, "disabled", grade=2)
        scene.set("disabled", ago=9, kind="organisation", organisation=scene.org)
        worse = {"grade": 1, "since": scene.today.isoformat(), "legal_basis": "示例依据"}
        set_need(scene.own(), scene.person.id, "disabled", worse, now=now)
        assert [(kind, server) for kind, server, _name in scene.told()] == [("disabled", "organisation")]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("purpose", "blanked"),
    [
        ("sensitive_needs", {"no_income"}),
        ("elder_visits", {"living_alone"}),
        ("registration", {"no_income", "living_alone"}),
        ("contact", set()),
    ],
)
def test_a_no_takes_the_names_kept_for_its_purpose(
    database: Database, now: datetime, purpose: str, blanked: set[str], *, whole: bool
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        for kind in ("no_income", "living_alone"):
            scene.set(kind, kind="volunteer", name="示例志愿者")
        answer = AnswerInput(purpose=purpose, status="refused", resident=None if whole else scene.person.id)
        record_answer(scene.own(), scene.household.id, answer, now=now)
        names = dict(session.execute(select(NeedService.kind, NeedService.name)).all())
        assert {kind for kind, name in names.items() if name is None} == blanked
        if purpose != "registration":
            assert {kind for kind, _server, _name in scene.told()} == {"no_income", "living_alone"} - blanked


def test_an_erasure_leaves_nothing_and_is_replayed(database: Database, now: datetime, tmp_path: Path) -> None:
    erasures = list_beside(tmp_path / "keys.json")
    with database.write() as session:
        scene = Scene(session, now)
        scene.set(kind="volunteer", name="示例志愿者")
        kept = {
            column.key: getattr(session.scalars(select(NeedService)).one(), column.key)
            for column in NeedService.__table__.columns
        }
        asked = ask_erasure(scene.view(), scene.household.id, now=now)
        carry_out(scene.view(), asked, erasures=erasures, now=now)
        assert session.scalars(select(NeedService)).all() == []
        session.add(NeedService(**kept))
        session.get(Resident, scene.person.id).erased_at = None
        session.flush()
        replay_erasures(session, erasures)
        assert session.scalars(select(NeedService)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": "member"},
        {"server": "station", "name": "x"},
        {"server": "volunteer", "name": "x", "until": date(2020, 1, 1)},
        {"server": "nobody"},
    ],
)
def test_the_database_keeps_no_half_of_a_service(
    database: Database, now: datetime, wrong: dict[str, Any]
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        row = {"resident_id": scene.person.id, "kind": "no_income", "since": scene.today, "noted_at": now}
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(NeedService.__table__.insert().values(id=new_id(), **row, **wrong))
