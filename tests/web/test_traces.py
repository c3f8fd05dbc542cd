"""What stays behind: no name, address or place in logs, no figure of one account for another."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Account, Duty, DutyKind, Role, Worker
from gisgrid.people.core.models import Resident
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of

SAID = ("示例", "柳岸", "199-0000", "118.25", "33.5", "上门走访", "dark alley")


class Street:
    """A small community with one household, and a head."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, found = app, services_of(app)
        with found.database.write() as session:
            self.made = world.found(session)
            home = world.add_household(session, world.add_building(session, self.made, 0, 0), "101")
            world.add_resident(session, home, world.START.date().replace(year=1950))
            self.home = home.id
        add_account(app, "head", Role.HEAD, area_id=self.made.community)
        self.head = add_token(app, "head")

    def ask(self, path: str, headers: dict[str, str] | None = None, **sent: Any) -> Any:
        method = "POST" if "json" in sent else "GET"
        given = {**(self.head if headers is None else headers)}
        given |= {"If-None-Match": sent.pop("tag")} if "tag" in sent else {}
        return self.app.test_client().open(f"/api/v1/{path}", method=method, headers=given, **sent)


@pytest.fixture
def street(lite_app: OpenAPI) -> Street:
    return Street(lite_app)


def test_no_log_holds_what_people_typed_or_read(
    street: Street, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    spot = {"lon": world.LON + world.STEP / 2, "lat": world.LAT + world.STEP / 2}
    asked = [
        street.ask("households", query_string={"q": "柳岸新村1幢1单元101"}),
        street.ask(f"households/{street.home}", json={"reason": "上门走访"}),
        street.ask("locate", query_string=spot),
        street.ask("cases", json={**spot, "category": "garbage", "description": "dark alley"}),
        street.ask("cases", json={**spot, "category": "no such", "description": "dark alley"}),
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 201, 422]
    assert not any(word in asked[-1].text for word in ("dark alley", "118.25"))

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("示例甲 lives at 柳岸新村1幢, 118.25 33.5")

    monkeypatch.setattr("web.places.api.household_card", broken)
    street.app.extensions["watch"].broken.add("GET /api/v1/households/{id} 500")
    fault = street.ask(f"households/{street.home}")
    assert fault.status_code == 500
    assert caplog.records
    for text in (*(record.getMessage() + str(record.exc_info) for record in caplog.records), fault.text):
        assert not any(word in text for word in SAID), text


def test_a_tag_is_worth_nothing_to_another_account(street: Street) -> None:
    add_account(street.app, "other", Role.HEAD, area_id=street.made.community)
    first = street.ask("areas")
    assert street.ask("areas", tag=first.headers["ETag"]).status_code == 304
    other = add_token(street.app, "other")
    assert street.ask("areas", other, tag=first.headers["ETag"]).status_code == 200
    assert street.ask("areas", {}, tag=first.headers["ETag"]).status_code == 401


def test_a_tag_ends_when_somebody_comes_on_duty_or_the_role_changes(street: Street) -> None:
    found, path = services_of(street.app), "territories"
    tag = street.ask(path).headers["ETag"]
    with found.database.write() as session:
        worker = Worker(name="示例员")
        session.add(worker)
        session.flush()
        duty = Duty(
            worker_id=worker.id,
            area_id=street.made.areas["G1"],
            kind=DutyKind.GRID_MEMBER,
            is_primary=True,
            valid_from=world.START,
        )
        session.add(duty)
    fresh = street.ask(path, tag=tag)
    assert fresh.status_code == 200
    with found.database.write() as session:
        session.scalars(select(Account).where(Account.name == "head")).one().role = Role.LEADER
    assert street.ask(path, tag=fresh.headers["ETag"]).status_code == 200


def test_what_holds_persons_is_kept_by_no_cache(street: Street) -> None:
    building = street.ask(f"households/{street.home}").json["building"]["id"]
    for path in (f"households/{street.home}", f"buildings/{building}", "households?q=柳岸", "cases"):
        assert street.ask(path).headers["Cache-Control"] == "private, no-store", path


def test_logging_out_clears_what_the_browser_kept(street: Street) -> None:
    browser = Browser(street.app)
    browser.log_in("head")
    assert browser.post("/logout").headers["Clear-Site-Data"] == '"cache"'


def test_names_are_sealed_in_the_row(street: Street) -> None:
    with services_of(street.app).database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, phone FROM resident").all()
    assert rows
    assert all("示例".encode() not in bytes(one) and b"199-" not in bytes(one) for row in rows for one in row)
    with services_of(street.app).database.read() as session:
        assert session.scalars(select(Resident.name)).one() == "示例甲"
