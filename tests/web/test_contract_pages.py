"""Contracted services at a browser: made at a household, read by the organisation alone, hidden at once."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import AuditEntry, Duty, DutyKind, Role, Worker
from gisgrid.people.core.models import ServiceContract
from gisgrid.storage.base import new_id
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of

EMPTY = "现在没有签约服务的人"


class Site:
    """A household of one elder, the member of its grid, and two organisations."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
            person = world.add_resident(session, home, date(1940, 1, 1))
            worker = Worker(id=new_id(), name="王网格")
            session.add(worker)
            session.flush()
            duty = {"kind": DutyKind.GRID_MEMBER, "is_primary": True, "valid_from": world.START}
            session.add(Duty(worker_id=worker.id, area_id=made.areas["G1"], **duty))
            self.base, self.person, self.address = f"/households/{home.id}", person.id, home.std_address
            ids = {"worker_id": worker.id}, {"area_id": made.community}, {"household_id": home.id}
        add_account(app, "member", Role.MEMBER, **ids[0])
        self.org = add_account(app, "org", Role.ORG, **ids[1])
        add_account(app, "property", Role.PROPERTY, **ids[1])
        add_account(app, "resident", Role.RESIDENT, **ids[2])

    def browser(self, name: str) -> Browser:
        found = Browser(self.app)
        assert found.log_in(name).status_code == 303
        return found

    def answer(self, browser: Browser, status: str) -> None:
        sent = {"purpose": "contracted_services", "status": status}
        assert browser.post(f"{self.base}/answers", sent).status_code == 303

    def form(self, **more: str) -> dict[str, str]:
        return {"resident": self.person, "account": self.org, "service": "bathing", **more}


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


def test_a_contract_from_the_household_to_the_organisation_and_its_end(site: Site) -> None:
    member, org, other = site.browser("member"), site.browser("org"), site.browser("property")
    assert "还没有人同意" in member.get(f"{site.base}/contracts").text
    refused = member.post(f"{site.base}/contracts", site.form())
    assert (refused.status_code, "还没有同意把姓名和住址告诉签约单位" in refused.text) == (409, True)
    assert EMPTY in org.get("/contracts").text
    site.answer(member, "granted")
    assert member.post(f"{site.base}/contracts", site.form(until="2027-06-30")).status_code == 303
    page = org.get("/contracts").text
    assert all(told in page for told in ("示例甲", site.address, "助浴", "2027-06-30"))
    assert not any(told in page for told in ("199-0000-0000", "1940", "王网格", site.person))
    assert EMPTY in other.get("/contracts").text
    own = site.browser("resident").get(site.base).text
    assert all(told in own for told in ("助浴", "服务中"))
    contract = re.search(r"/contracts/([^/]+)/end", member.get(f"{site.base}/contracts").text)
    assert contract
    assert member.post(f"{site.base}{contract.group(0)}").status_code == 303
    assert EMPTY in org.get("/contracts").text


def test_the_interface_tells_the_same_and_a_withdrawal_hides_it(site: Site) -> None:
    member, client = site.browser("member"), site.app.test_client()
    headers = add_token(site.app, "org")
    site.answer(member, "granted")
    assert member.post(f"{site.base}/contracts", site.form()).status_code == 303

    def rows(query: str = "") -> object:
        return client.get(f"/api/v1/contracts{query}", headers=headers).json["rows"]

    told = {"name": "示例甲", "address": site.address, "service": "bathing", "until": None}
    assert rows() == [told]
    site.answer(site.browser("resident"), "withdrawn")
    assert (rows(), rows("?as_of=2026-11-20")) == ([], [])
    with services_of(site.app).database.read() as session:
        lists = select(AuditEntry.count).where(AuditEntry.action == "contracts:list").order_by(AuditEntry.at)
        assert sorted(session.scalars(lists)) == [0, 0, 1]
        assert session.scalars(select(ServiceContract.ended_at)).all() == [None]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"service": "x"}, "没有这项服务"),
        ({"account": "x"}, "本社区没有这个单位"),
        ({"until": "2020-01-01"}, "最后一天在开始那天或今天之前"),
        ({"first": "soon"}, "这不是日期"),
    ],
)
def test_what_is_wrong_with_a_contract_is_said_in_place(site: Site, wrong: dict[str, str], told: str) -> None:
    member = site.browser("member")
    site.answer(member, "granted")
    answer = member.post(f"{site.base}/contracts", site.form(**wrong))
    assert answer.status_code == 422
    assert told in answer.text
