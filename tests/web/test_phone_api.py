"""What a phone is told: what it may hold and until when, and that it holds no more once somebody ends it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.accounts import set_password
from gisgrid.access.models import AuditEntry, Duty, Role, Worker
from gisgrid.offline.models import Device
from gisgrid.storage.base import new_id
from tests import world
from tests.web.browsing import LOCAL, Browser, add_account, services_of
from tests.web.conftest import Clock

PHONE, OTHER = "a" * 32, "b" * 32
PIN = "40291736"


class Phones:
    """A member of G1 at a phone, with people of G1 and G2 to hold."""

    def __init__(self, app: OpenAPI, clock: Clock) -> None:
        self.app, self.clock = app, clock
        with services_of(app).database.write() as session:
            self.made = world.found(session)
            self.worker = world.add_actor(session, self.made, Role.MEMBER, "G1").worker_id
            for column in (0, 2):
                house = world.add_building(session, self.made, column, 0, number=str(column + 1))
                home = world.add_household(session, house, "101")
                world.add_resident(session, home, date(1950, 1, 1), name=f"示例{column}")
        self.account = add_account(app, "phone", Role.MEMBER, worker_id=self.worker)
        add_account(app, "head", Role.HEAD, area_id=self.made.community)
        add_account(app, "admin", Role.ADMIN)
        self.phone = self.browser("phone")

    def browser(self, name: str, **more: str) -> Browser:
        browser = Browser(self.app)
        browser.log_in(name, **more)
        return browser

    def hello(self, number: str = PHONE, browser: Browser | None = None) -> Any:
        answer = (browser or self.phone).get("/api/v1/offline/hello", query_string={"phone": number})
        assert answer.status_code == 200, answer.text
        return answer.json

    def load(self, have: dict[str, str] | None = None, number: str = PHONE) -> Any:
        return self.phone.post_json("/api/v1/offline/parts", {"phone": number, "have": have or {}})

    def purged(self, *, everything: bool) -> None:
        self.phone.post_json("/api/v1/offline/purged", {"phone": PHONE, "all": everything})

    def serves(self, area: str, *, since: datetime, until: datetime | None = None) -> None:
        with services_of(self.app).database.write() as session:
            duty = Duty(
                id=new_id(),
                worker_id=self.worker,
                area_id=self.made.areas[area],
                kind="grid_member",
                is_primary=False,
                valid_from=since,
                valid_to=until,
            )
            session.add(duty)

    def ends(self, at: datetime) -> None:
        with services_of(self.app).database.write() as session:
            for duty in session.scalars(select(Duty).where(Duty.worker_id == self.worker)):
                duty.valid_to = at


@pytest.fixture
def phones(app: OpenAPI, clock: Clock) -> Phones:
    return Phones(app, clock)


def test_a_phone_is_told_its_grids_and_for_how_long(phones: Phones, clock: Clock) -> None:
    greeting = phones.hello()
    assert (greeting["session"], greeting["state"]) == ("open", "open")
    holding = greeting["holding"]
    assert [grant["code"] for grant in holding["grants"]] == ["G1"]
    assert datetime.fromisoformat(holding["until"]) == clock.now + timedelta(hours=36)
    assert (holding["size"]["households"], holding["size"]["persons"]) == (1, 1)
    assert greeting["page"]["account"] == "phone"
    assert "示例0" not in str(greeting)


def test_parts_come_once_and_then_only_what_differs(phones: Phones) -> None:
    tags = {part["name"]: part["tag"] for part in phones.hello()["holding"]["parts"]}
    first = phones.load().json
    assert {part["part"]: part["tag"] for part in first["parts"]} == tags
    assert "示例0" in str(first)
    assert "示例2" not in str(first)
    again = phones.load({**tags, "b/gone": "x"}).json
    assert (again["parts"], again["gone"]) == ([], ["b/gone"])
    tags["words"] = "older"
    assert [part["part"] for part in phones.load(tags).json["parts"]] == ["words"]
    headers, phone = {"If-None-Match": f'W/"{tags["ground"]}"'}, {"phone": PHONE}
    for name, status in (("ground", 304), ("words", 200), ("nothing", 404)):
        answer = phones.phone.get(f"/api/v1/offline/parts/{name}", query_string=phone, headers=headers)
        assert answer.status_code == status


def test_what_is_handed_out_leaves_one_entry(app: OpenAPI, phones: Phones) -> None:
    phones.hello()
    phones.load()
    with services_of(app).database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("offline:%"))).all()
        assert [(entry.action, entry.count) for entry in entries] == [("offline:load", 1)]
        assert entries[0].fields[-1] == "G1"


def test_a_duty_that_ends_before_long_ends_what_is_held(phones: Phones, clock: Clock) -> None:
    end = clock.now + timedelta(hours=5)
    phones.ends(end)
    holding = phones.hello()["holding"]
    assert datetime.fromisoformat(holding["until"]) == end
    assert holding["grants"][0]["until"] is not None


def test_a_grid_that_is_served_no_more_is_named_with_who_has_it(phones: Phones, clock: Clock) -> None:
    phones.serves("G2", since=clock.now - timedelta(days=1), until=clock.now + timedelta(hours=1))
    phones.hello()
    assert "示例2" in str(phones.load().json)
    clock.turn(hours=2)
    with services_of(phones.app).database.write() as session:
        world.add_actor(session, phones.made, Role.MEMBER, "G2")
    holding = phones.hello()["holding"]
    assert [grant["code"] for grant in holding["grants"]] == ["G1"]
    assert [(row["name"], row["to"]) for row in holding["lost"]] == [("第2网格", "member示例")]


def test_a_lost_grid_is_told_until_the_phone_has_deleted_it(phones: Phones, clock: Clock) -> None:
    phones.serves("G2", since=clock.now - timedelta(days=1), until=clock.now + timedelta(hours=1))
    phones.load()
    clock.turn(hours=2)
    for _call in range(2):
        assert [row["name"] for row in phones.hello()["holding"]["lost"]] == ["第2网格"]
    phones.purged(everything=False)
    assert phones.hello()["holding"]["lost"] == []


def test_a_stopped_phone_is_told_so_and_given_nothing(app: OpenAPI, phones: Phones) -> None:
    phones.hello()
    phones.load()
    head = phones.browser("head")
    rows = head.get("/api/v1/offline/devices").json["rows"]
    assert [(row["account"], row["state"], row["may_stop"]) for row in rows] == [("phone", "open", True)]
    stop = f"/api/v1/offline/devices/{rows[0]['id']}/stop"
    assert head.post_json(stop, {"reason": "手机丢了"}).status_code == 200
    greeting = phones.hello()
    assert (greeting["state"], greeting["holding"]) == ("stopped", None)
    assert phones.load().status_code == 403
    assert phones.hello(OTHER)["state"] == "open"
    phones.purged(everything=True)
    states = {row["state"] for row in head.get("/api/v1/offline/devices").json["rows"]}
    assert "stopped" not in states
    with services_of(app).database.read() as session:
        device = session.scalars(select(Device).where(Device.phone == PHONE)).one()
        assert (device.reason, device.holds) == ("手机丢了", [])


def test_who_sees_and_stops_which_phones(app: OpenAPI, phones: Phones) -> None:
    phones.hello()
    for name, area in (("near", "G1"), ("far", "G4")):
        add_account(app, name, Role.STAFF, area_id=phones.made.areas[area])
    add_account(app, "leader", Role.LEADER, area_id=phones.made.community)

    def count(name: str) -> int | None:
        answer = phones.browser(name).get("/api/v1/offline/devices")
        return len(answer.json["rows"]) if answer.status_code == 200 else None

    assert {name: count(name) for name in ("phone", "near", "far", "head", "admin", "leader")} == {
        "phone": 1,
        "near": 1,
        "far": 0,
        "head": 1,
        "admin": 1,
        "leader": None,
    }
    own = phones.phone.get("/api/v1/offline/devices").json["rows"][0]["id"]
    stop = f"/api/v1/offline/devices/{own}/stop"
    assert phones.browser("far").post_json(stop, {"reason": "x"}).status_code == 404
    assert phones.phone.post_json(stop, {"reason": "在公交车上丢了"}).status_code == 200


@pytest.mark.parametrize("end", ["role", "disabled", "password", "logout"])
def test_once_an_account_is_ended_its_phone_is_told_to_delete(app: OpenAPI, phones: Phones, end: str) -> None:
    phones.phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    phones.hello()
    admin = phones.browser("admin")
    if end == "role":
        admin.post(f"/accounts/{phones.account}/role", {"role": "evaluator"})
    elif end == "disabled":
        admin.post(f"/accounts/{phones.account}/disable")
    elif end == "password":
        with services_of(app).database.write() as session:
            set_password(session, LOCAL, "phone", "another long one", now=services_of(app).clock())
    else:
        phones.phone.post("/logout")
    greeting = phones.hello()
    assert greeting["holding"] is None
    assert (greeting["session"], greeting["state"]) in {("ended", "none"), ("open", "none")}


def test_a_remembered_session_asks_for_the_pin_and_keeps_what_is_held(phones: Phones, clock: Clock) -> None:
    phones.phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    version = phones.hello()["pin_version"]
    clock.turn(hours=13)
    assert phones.hello()["session"] == "pin"
    phones.phone.post("/login/pin", {"pin": PIN})
    assert phones.hello()["pin_version"] == version
    phones.phone.post("/me/pin", {"pin": "73920481", "pin_again": "73920481", "stay": "1"})
    assert phones.hello()["pin_version"] not in {None, version}


def test_strangers_and_others_are_greeted_without_a_word_of_anything(phones: Phones, app: OpenAPI) -> None:
    nobody = phones.hello(browser=Browser(app))
    assert (nobody["session"], nobody["state"], nobody["account"]) == ("ended", "none", None)
    assert (nobody["page"], nobody["holding"], nobody["pin_version"]) == (None, None, None)
    assert phones.hello(browser=phones.browser("head"))["state"] == "none"


def test_a_phone_says_who_it_is(phones: Phones) -> None:
    for number in ("", "a" * 31, "A" * 32, "../" * 8):
        answer = phones.phone.get("/api/v1/offline/hello", query_string={"phone": number})
        assert answer.status_code == 422
        assert answer.json["faults"][0]["field"] == "phone"


def test_an_account_without_a_territory_is_given_nothing(app: OpenAPI, phones: Phones) -> None:
    with services_of(app).database.write() as session:
        worker = Worker(id=new_id(), name="示例无责")
        session.add(worker)
        session.flush()
        worker_id = worker.id
    add_account(app, "idle", Role.MEMBER, worker_id=worker_id)
    assert phones.hello(browser=phones.browser("idle"))["holding"] is None
