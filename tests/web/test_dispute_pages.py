"""Disputes at a browser: noted on a phone, worked on by forms, faults told with what was typed."""

from __future__ import annotations

import re

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.accounts import set_password
from gisgrid.cases.disputes.models import Dispute, DisputeRules, MediatorProfile
from tests import world
from tests.gisgrid.cases.mediation.disputes import Quarrel
from tests.web.browsing import LOCAL, PASSWORD, Browser, services_of


class Office:
    """The scene behind a browser of each of some people."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, found = app, services_of(app)
        app.config["RATELIMIT_ENABLED"] = False
        with found.database.write() as session:
            scene = Quarrel(session, found.clock())
            self.building = world.add_building(session, scene.made, 0, 0).address
            self.workers = {name: scene.worker(name) for name in scene.actors}
            self.accounts = {name: actor.name for name, actor in scene.actors.items()}
            for name in ("head", "staff", "member", "mediator"):
                set_password(session, LOCAL, self.accounts[name], PASSWORD, now=found.clock())
        self.browsers: dict[str, Browser] = {}

    def of(self, name: str) -> Browser:
        if name not in self.browsers:
            self.browsers[name] = Browser(self.app)
            assert self.browsers[name].log_in(self.accounts[name]).status_code == 303
        return self.browsers[name]

    def do(self, name: str, path: str, expected: int = 303, **form: str) -> str:
        answer = self.of(name).post(path, form)
        assert answer.status_code == expected, answer.text[:500]
        return answer.headers.get("Location", "") if expected == 303 else answer.text

    def stage(self) -> str:
        with services_of(self.app).database.read() as session:
            return session.scalars(select(Dispute.stage)).one()


@pytest.fixture
def office(app: OpenAPI) -> Office:
    return Office(app)


def test_from_the_phone_to_the_end_by_forms(office: Office) -> None:
    clue = {
        "category": "dispute",
        "building": office.building,
        "text": "楼上漏水争吵",
        "people": "甲乙",
        "key": "k1",
    }
    path = office.do("member", "/disputes/new", **clue)
    assert office.do("member", "/disputes/new", **clue) == path
    assert "楼上漏水争吵" in office.of("member").get(path).text
    assert "楼上漏水争吵" not in office.of("member").get("/disputes").text
    office.do("member", f"{path}/sort", grade="general")
    told = office.of("staff").get(path).text
    assert f'value="{office.workers["mediator"]}"' in told
    office.do("staff", f"{path}/ask", mediator=office.workers["mediator"])
    to_meet = office.of("mediator").get(path).text
    assert "楼上漏水争吵" in to_meet
    assert re.search(r'name="met_at"[^>]* value="" required', to_meet)  # when they met, nobody has said yet
    typed = office.do("mediator", f"{path}/meet", 422, met_at="", place="", people="双方", text="谈了一晚")
    assert "谈了一晚" in typed
    assert "请写明调解的地点和在场的人" in typed
    assert "先记录调解" in office.do("mediator", f"{path}/agree", 409, text="和好")
    office.do("mediator", f"{path}/meet", met_at="2026-11-24T08:00", place="家里", people="双方", text="谈")
    office.do("mediator", f"{path}/agree", text="各修各的")
    office.do("member", f"{path}/visit", channel="phone", holds="yes")
    office.do("staff", f"{path}/close")
    assert office.stage() == "closed"
    page = office.of("head").get(f"{path}").text
    assert "各修各的" in page
    case = office.of("head").get(path.replace("/disputes/", "/cases/"))
    assert path in case.text


def test_steps_and_ids_that_are_not_there(office: Office) -> None:
    clue = {"category": "dispute", "building": office.building, "text": "争吵"}
    path = office.do("member", "/disputes/new", **clue)
    office.do("member", f"{path}/marry", 404)
    office.do("mediator", f"{path}/note", 404, text="我说")
    assert office.of("head").get("/disputes?stage=boiling").status_code == 404
    typed = office.do("member", "/disputes/new", 422, category="dispute", building="月球", text="争吵声")
    assert "争吵声" in typed
    assert "月球" in typed


def test_the_directory_and_the_grades_by_forms(office: Office) -> None:
    worker = office.workers["member"]
    office.do("staff", "/mediators", worker=worker, specialties="dispute", building=office.building)
    with services_of(office.app).database.read() as session:
        row = session.get_one(MediatorProfile, worker)
        assert (row.specialties, row.building_id is not None) == (["dispute"], True)
    office.do("staff", "/mediators", 422, worker=worker, building="月球")
    office.do("staff", f"/mediators/{worker}/drop")
    days = {"general.days": "5", "complex.days": "7、30", "major.days": "3 15 30"}
    names = {"general.name": "轻", "complex.name": "中", "major.name": "重"}
    office.do("head", "/settings/disputes", **days, **names)
    with services_of(office.app).database.read() as session:
        (rules,) = session.scalars(select(DisputeRules.rules))
    assert rules["complex"] == {"name": "中", "days": [7, 30]}
    assert "30, 7" in office.do("head", "/settings/disputes", 422, **{**days, "major.days": "30, 7"}, **names)
    office.do("head", "/settings/disputes", 422, **{**days, "major.days": "三天"}, **names)
    assert "第 1 版" in office.of("head").get("/settings/disputes").text
    assert office.of("staff").get("/settings/disputes").status_code == 403
