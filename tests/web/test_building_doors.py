"""The doors of a building on the page and for programs: a legend that counts, a table, names by right."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Duty, DutyKind, Role, Worker
from gisgrid.storage.base import new_id
from tests import world
from tests.web.browsing import Browser, add_account, services_of


class House:
    """A building with a door that is to be verified, one that refused and one that is vacant."""

    def __init__(self, app: OpenAPI) -> None:
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            house = world.add_building(session, made, 0, 0)
            self.house, self.empty = house.id, world.add_building(session, made, 1, 1, number="2").id
            home = world.add_household(session, house, "101")
            world.add_resident(session, home, date(1950, 1, 1))
            world.add_household(session, house, "201", consent="refused")
            world.add_household(session, house, "202", unit="2").kind = "vacant"
            self.home = home.id
            workers = [Worker(id=new_id(), name=name) for name in ("王网格", "李管家")]
            session.add_all(workers)
            session.flush()
            member, steward = (worker.id for worker in workers)
            shared = {"area_id": made.areas["G1"], "is_primary": True, "valid_from": world.START}
            session.add(Duty(worker_id=member, kind=DutyKind.GRID_MEMBER, **shared))
            served = {"kind": DutyKind.BUILDING_STEWARD, "building_id": house.id, "is_primary": False}
            session.add(Duty(worker_id=steward, valid_from=world.START, **served))
        add_account(app, "member", Role.MEMBER, worker_id=member)
        add_account(app, "steward", Role.STEWARD, worker_id=steward)
        add_account(app, "head", Role.HEAD, area_id=made.community)

    def browser(self, name: str) -> Browser:
        browser = Browser(self.app)
        assert browser.log_in(name).status_code == 303
        return browser

    @property
    def page(self) -> str:
        return f"/buildings/{self.house}/doors"


@pytest.fixture
def lite_house(lite_app: OpenAPI) -> House:
    return House(lite_app)


def test_names_are_told_by_right(lite_house: House) -> None:
    member = lite_house.browser("member").get(lite_house.page).text
    assert "示例甲" in member
    assert f'href="/households/{lite_house.home}"' in member
    head = lite_house.browser("head").get(lite_house.page).text
    assert "示例甲" not in head
    assert "示**" in head
    steward = lite_house.browser("steward").get(lite_house.page).text
    assert "示" not in steward.partition("<main")[2].replace("示例社区", "").replace("显示", "")
    assert "/households/" not in steward
    assert "101" in steward


def test_the_legend_counts_and_chooses(lite_house: House) -> None:
    member = lite_house.browser("member")
    text = member.get(lite_house.page).text
    legend = re.findall(r"</svg>(\w+)</span> <strong>(\d+)", text)
    assert legend == [("已核实", "0"), ("待核实", "1"), ("没见到人", "0"), ("不同意登记", "1"), ("空置", "1")]
    assert text.count("<tr>") == 4
    chosen = member.get(f"{lite_house.page}?state=refused").text
    assert chosen.count("<tr>") == 2
    assert chosen.count(" dim") == 2
    assert member.get(f"{lite_house.page}?state=nonsense").text.count(" dim") == 0


def test_a_building_without_households_says_what_will_be_here(lite_house: House) -> None:
    text = lite_house.browser("head").get(f"/buildings/{lite_house.empty}/doors").text
    assert "还没有住户地址" in text
    assert "<table" not in text


def test_programs_get_the_same(lite_house: House) -> None:
    answer = lite_house.browser("member").get(f"/api/v1/buildings/{lite_house.house}/doors").json
    assert [unit["unit"] for unit in answer["units"]] == ["1", "2"]
    assert answer["units"][0]["floors"][0]["doors"][0]["persons"] is None
    assert answer["counts"] == {"verified": 0, "to_verify": 1, "nobody_met": 0, "refused": 1, "empty": 1}
