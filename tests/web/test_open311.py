"""The facade for programs: what everybody sees of cases, what a token sees, how requests are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from defusedxml import ElementTree as SafeXml
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from gisgrid.access.models import AuditEntry, Role, Worker
from gisgrid.access.tokens import ApiPart, TokenScope, create_token
from gisgrid.cases.core.models import Case, CaseLog, CaseNotice, Category
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.public.release import publish_text
from gisgrid.cases.steps import take
from gisgrid.crs import to_lattice
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import NOW
from tests.stepping import close, start
from tests.web.browsing import LOCAL, add_account, add_token, services_of

PUT_AWAY = ("rejected", "void", "suspended")
FIELDS = {
    *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
    *("agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime"),
    *("address", "address_id", "zipcode", "lat", "long", "media_url"),
}
SENT = {
    "service_code": "garbage",
    "lat": str(world.LAT + world.STEP / 2),
    "long": str(world.LON + world.STEP / 2),
    "description": "垃圾桶旁边堆满了",
}


class Facade:
    """The facade over the community C1 with five cases, and how it is asked."""

    def __init__(self, app: OpenAPI, database: Database) -> None:
        self.app, self.database = app, database
        with database.write() as session:
            self.world = world.found(session)
            building = world.add_building(session, self.world, 0, 0)
            self.building = building.id
            self.member = world.add_actor(session, self.world, Role.MEMBER, "G1")
            view = self.world.view(session, self.member, now=NOW)
            self.new = self._case(session, "garbage", "新报,还没有人看")
            self.taken = self._case(session, "garbage", "正在清理,张示例 199-0000-0000", hours=3)
            self.done = self._case(session, "garbage", "已经清走", column=3, hours=5)
            self.secret = self._case(session, "dispute", "邻里争执", hours=7)
            self.old = self._case(session, "garbage", "一百天以前", hours=2400)
            for number in (self.taken, self.done, self.secret, self.old):
                found = session.scalars(select(Case.id).where(Case.number == number)).one()
                view = self.world.view(session, now=NOW) if number == self.done else view
                start(view, found, now=NOW)
                if number == self.done:
                    close(view, found, "已清运", now=NOW)
        add_account(app, "head", Role.HEAD, area_id=self.world.community)
        add_account(app, "g1", Role.MEMBER, area_id=self.world.areas["G1"])
        add_account(app, "leader", Role.LEADER, area_id=self.world.community)
        add_account(app, "admin", Role.ADMIN)
        add_account(app, "evaluator", Role.EVALUATOR)

    def _case(self, session: Any, category: str, text: str, *, column: int = 0, hours: float = 1) -> str:
        lon, lat = world.middle(column, 0).coords[0]
        command = ReportCase(
            lon=lon + 1e-4, lat=lat, category=category, description=text, address="柳岸新村1幢2单元"
        )
        at = NOW - timedelta(hours=hours)
        kept = report(session, self.world.actor, command, caches=self.world.caches, now=at, tz=world.TZ)
        return kept.case.number

    def key(self, name: str) -> str:
        return add_token(self.app, name)["Authorization"].removeprefix("Bearer ")

    def get(self, path: str, **query: Any) -> Any:
        return self.app.test_client().get(f"/open311/v2/{path}", query_string=query)

    def rows(self, path: str = "requests.json", **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def numbers(self, **query: Any) -> list[str]:
        return [row["service_request_id"] for row in self.rows(**query)]

    def post(self, form: str = "json", /, **sent: str) -> Any:
        return self.app.test_client().post(f"/open311/v2/requests.{form}", data=sent)


@pytest.fixture
def facade(app: OpenAPI, database: Database) -> Facade:
    app.config["RATELIMIT_ENABLED"] = False
    return Facade(app, database)


@pytest.fixture
def lite(lite_app: OpenAPI, spatialite: Database) -> Facade:
    return Facade(lite_app, spatialite)


def test_what_comes_by_the_facade_or_without_login_is_told_to_the_member(facade: Facade) -> None:
    def told() -> list[str]:
        with facade.database.read() as session:
            own = select(CaseNotice.kind).where(CaseNotice.account_id == facade.member.account_id)
            return list(session.scalars(own.where(CaseNotice.at >= NOW)))

    key = facade.key("head")
    assert told() == []
    assert facade.post(**SENT, api_key=key).status_code == 201
    assert told() == ["reported"]
    sent = {
        "lon": float(SENT["long"]),
        "lat": float(SENT["lat"]),
        "category": "garbage",
        "description": "满了",
    }
    assert facade.app.test_client().post("/api/v1/cases", json=sent).status_code == 201
    assert told() == ["reported", "reported"]


def test_discovery_names_the_address_and_both_forms(lite: Facade) -> None:
    told = lite.rows("discovery.json")
    assert told["endpoints"][0]["url"] == "http://localhost/open311/v2"
    assert told["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    root = SafeXml.fromstring(lite.get("discovery.xml").data)
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == [
        "text/xml",
        "application/json",
    ]


def test_services_are_the_open_categories_confidential_ones_last(lite: Facade) -> None:
    with lite.database.write() as session:
        session.add(
            Category(code="early", name="矛盾", group="g", is_confidential=True, severity="big", position=-5)
        )
        gone = Category(
            code="gone",
            name="停用",
            group="g",
            is_confidential=False,
            severity="big",
            position=-9,
            closed_at=NOW,
        )
        session.add(gone)
    rows = lite.rows("services.json")
    assert [row["service_code"] for row in rows] == ["garbage", "early", "dispute"]
    assert rows[0]["metadata"] is False
    assert lite.rows("services/garbage.json") == {"service_code": "garbage", "attributes": []}
    for code in ("gone", "nothing"):
        answer = lite.get(f"services/{code}.json")
        assert (answer.status_code, answer.json[0]["code"]) == (404, 404)


def test_everybody_sees_released_cases_only(facade: Facade) -> None:
    rows = facade.rows()
    assert [row["service_request_id"] for row in rows] == [facade.taken, facade.done]
    assert [row["status"] for row in rows] == ["open", "closed"]
    for row in rows:
        assert set(row) == FIELDS
        assert row["description"] is row["status_notes"] is None
        assert row["address"] == "示例社区第1网格" or row["address"] == "示例社区第2网格"
    assert rows[0]["agency_responsible"] == "第1网格网格员"
    for hidden in (facade.new, facade.secret):
        assert facade.get(f"requests/{hidden}.json").status_code == 404
        assert facade.rows(service_request_id=hidden) == []
    assert facade.get(f"requests/{facade.old}.json").status_code == 200
    with facade.database.read() as session:
        assert not session.scalar(select(func.count()).where(AuditEntry.action == "cases:list"))


def test_the_public_place_is_the_middle_of_a_hundred_metres_and_the_same_for_neighbours(
    facade: Facade,
) -> None:
    with facade.database.read() as session:
        exact = {
            row.number: (row.position.x, row.position.y)
            for row in session.scalars(select(Case))
            if row.position
        }
    for row in facade.rows():
        told = (row["long"], row["lat"])
        assert told != pytest.approx(exact[row["service_request_id"]], abs=1e-6)
        assert told == pytest.approx(exact[row["service_request_id"]], abs=0.002)
    assert "柳岸新村" not in facade.get("requests.json").text


def test_a_text_is_read_once_staff_made_it_public(facade: Facade) -> None:
    with facade.database.write() as session:
        view = facade.world.view(session, now=NOW)
        found = session.scalars(select(Case.id).where(Case.number == facade.taken)).one()
        publish_text(view, found, "垃圾正在清运", now=NOW)
    row = facade.rows(f"requests/{facade.taken}.json")[0]
    assert row["description"] == "垃圾正在清运"
    assert "张示例" not in facade.get("requests.json").text


def test_a_token_sees_its_scope_as_it_is(facade: Facade) -> None:
    head = facade.rows(api_key=facade.key("head"))
    assert [row["service_request_id"] for row in head] == [
        facade.new,
        facade.taken,
        facade.done,
        facade.secret,
    ]
    assert head[0]["description"] == "新报,还没有人看"
    assert head[0]["address"] == "柳岸新村1幢2单元"
    lon, lat = world.middle(0, 0).coords[0]
    assert (head[0]["long"], head[0]["lat"]) == (float(to_lattice(lon + 1e-4)), lat)
    assert head[2]["status_notes"] == "已清运"
    assert head[1]["agency_responsible"] == "第1网格网格员 member示例"
    assert facade.numbers(api_key=facade.key("g1")) == [facade.new, facade.taken, facade.secret]
    assert facade.numbers(api_key=facade.key("leader")) == [facade.new, facade.taken, facade.done]
    with facade.database.read() as session:
        lists = session.scalars(select(AuditEntry.count).where(AuditEntry.action == "cases:list")).all()
        assert sorted(lists) == [3, 3, 4]


@pytest.mark.parametrize("name", ["admin", "evaluator"])
def test_who_may_see_no_cases_sees_what_everybody_sees(lite: Facade, name: str) -> None:
    key = lite.key(name)
    assert lite.rows(api_key=key) == lite.rows()
    answer = lite.post(**SENT, api_key=key)
    assert (answer.status_code, answer.json[0]["code"]) == (403, 403)


def test_a_bearer_is_a_key_too_and_a_wrong_key_is_refused(lite: Facade) -> None:
    client = lite.app.test_client()
    answer = client.get("/open311/v2/requests.json", headers=add_token(lite.app, "head"))
    assert len(answer.json) == 4
    for options in ({"query_string": {"api_key": "gisgrid_x"}}, {"headers": {"Authorization": "Basic eDp4"}}):
        refused = client.get("/open311/v2/requests.json", **options)
        assert refused.status_code == 403
        assert refused.json == [{"code": 403, "description": "api_key 不存在、已过期或已停用"}]
    assert lite.post(**SENT, api_key="wrong").status_code == 403


def test_a_limited_token_stays_limited(lite: Facade) -> None:
    with lite.database.write() as session:
        reads = TokenScope(may_write=False)
        maps = TokenScope(parts=(ApiPart.MAPS,))
        keys = [create_token(session, LOCAL, "head", now=NOW, scope=scope) for scope in (reads, maps)]
    assert lite.get("requests.json", api_key=keys[0]).status_code == 200
    assert lite.post(**SENT, api_key=keys[0]).status_code == 403
    assert lite.get("requests.json", api_key=keys[1]).status_code == 403


def test_the_cookie_of_a_session_counts_for_nothing_here(lite: Facade) -> None:
    from tests.web.browsing import Browser

    browser = Browser(lite.app)
    assert browser.log_in("head").status_code == 303
    rows = browser.get("/open311/v2/requests.json").json
    assert [row["service_request_id"] for row in rows] == [lite.taken, lite.done]
    sent = browser.client.post("/open311/v2/requests.json", data=SENT, base_url=browser.base)
    assert sent.status_code == 201
    with lite.database.read() as session:
        case = session.scalars(select(Case).where(Case.source == "open311")).one()
        assert case.reporter_id is None


def test_requests_are_filtered_and_paged(facade: Facade) -> None:
    key = facade.key("head")
    ask = facade.numbers
    assert ask(service_request_id=f"{facade.new}, {facade.old},nothing") == [facade.old]
    everything = ask(api_key=key, service_request_id=f"{facade.old},{facade.new}", status="closed")
    assert everything == [facade.new, facade.old]
    assert ask(api_key=key, service_code="dispute") == [facade.secret]
    assert ask(api_key=key, service_code="dispute,garbage", status="open") == [
        facade.new,
        facade.taken,
        facade.secret,
    ]
    assert ask(api_key=key, status="closed,open") == ask(api_key=key)
    assert ask(api_key=key, status="closed") == [facade.done]
    begun = (NOW - timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ask(api_key=key, start_date=begun) == [facade.new, facade.taken]
    assert ask(api_key=key, end_date=begun) == [facade.done, facade.secret]
    assert ask(api_key=key, start_date="2026-01-01T00:00:00+08:00", end_date=begun)[-1] == facade.old
    first = facade.get("requests.json", api_key=key, page_size=3)
    assert (len(first.json), first.headers["X-Total-Count"]) == (3, "4")
    assert ask(api_key=key, page_size=3, page=2) == [facade.secret]
    assert ask(api_key=key, jurisdiction_id="anything") == ask(api_key=key)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "lost"}, 1),
        ({"start_date": "soon"}, 1),
        ({"end_date": "0001-01-02"}, 1),
        ({"start_date": "2026-13-01T00:00:00Z", "end_date": "x", "page": "0"}, 3),
        ({"page_size": "1001"}, 1),
        ({"page": "1e9"}, 1),
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_fault_is_told_in_the_form_of_the_standard(
    lite: Facade, form: str, query: dict[str, str], count: int
) -> None:
    answer = lite.get(f"requests.{form}", **query)
    assert answer.status_code == 400
    if form == "json":
        assert answer.content_type == "application/json; charset=utf-8"
        assert [(set(one), one["code"]) for one in answer.json] == [({"code", "description"}, 400)] * count
    else:
        assert answer.content_type == "text/xml; charset=utf-8"
        root = SafeXml.fromstring(answer.data)
        assert root.tag == "errors"
        assert [one.findtext("code") for one in root.findall("error")] == ["400"] * count
        assert all(one.findtext("description") for one in root)


@pytest.mark.parametrize("path", ["nothing.json", "requests.html", "services.yaml", "requests/none.xml", ""])
def test_what_is_not_there_is_told_in_that_form_too(lite: Facade, path: str) -> None:
    answer = lite.get(path)
    assert answer.status_code == 404
    if path.endswith(".xml"):
        assert SafeXml.fromstring(answer.data).find("error/code").text == "404"
    else:
        assert answer.json[0]["code"] == 404
    method = lite.app.test_client().delete("/open311/v2/requests.json")
    assert (method.status_code, method.json[0]["code"]) == (405, 405)


def test_a_request_without_key_comes_by_the_channel_of_residents(facade: Facade) -> None:
    answer = facade.post(
        **SENT,
        first_name="示例",
        last_name="王",
        phone="199-0000-0000",
        email="a@example.org",
        address_string="3号楼下",
    )
    assert answer.status_code == 201, answer.text
    told = answer.json[0]
    with facade.database.read() as session:
        case = session.scalars(select(Case).where(Case.number == told["service_request_id"])).one()
        assert (case.source, case.state, case.reporter_id) == ("open311", "reported", None)
        assert case.reporter_contact == "示例 王 199-0000-0000 a@example.org"
        assert case.address == "3号楼下"
        assert case.cell_id == world.cell_id(session, 0, 0)
        assert case.receipt in told["service_notice"]
        assert session.scalars(select(CaseLog.action).where(CaseLog.case_id == case.id)).all() == ["report"]
    assert facade.get(f"requests/{told['service_request_id']}.json").status_code == 404


def test_the_same_request_sent_again_is_one_case(facade: Facade) -> None:
    def send(key: str, text: str = "路灯不亮") -> Any:
        return facade.app.test_client().post(
            "/open311/v2/requests.json",
            data={**SENT, "description": text},
            headers={"Idempotency-Key": key},
        )

    first, again, other = send("k1"), send("k1"), send("k2")
    numbers = [one.json[0]["service_request_id"] for one in (first, again, other)]
    assert numbers[0] == numbers[1] != numbers[2]
    assert send("k1", "另一件事").status_code == 409
    assert send("k" * 121).status_code == 400


def test_a_request_with_a_key_is_the_accounts(lite: Facade) -> None:
    answer = lite.post("xml", **SENT, api_key=lite.key("head"))
    assert answer.status_code == 201
    number = SafeXml.fromstring(answer.data).findtext("request/service_request_id")
    assert lite.rows(f"requests/{number}.json", api_key=lite.key("head"))[0]["status"] == "open"
    with lite.database.read() as session:
        assert session.scalars(select(Case.reporter_id).where(Case.number == number)).one() is not None


@pytest.mark.parametrize("name", ["address_string", "address_id"])
def test_an_address_is_place_enough_where_a_building_has_it(facade: Facade, name: str) -> None:
    text = "示例市示例区幸福街道柳岸新村1号楼2单元301室" if name == "address_string" else facade.building
    answer = facade.post(service_code="garbage", **{name: text})
    assert answer.status_code == 201, answer.text
    with facade.database.read() as session:
        case = session.scalars(select(Case).where(Case.source == "open311")).one()
        assert (case.building_id, case.cell_id) == (facade.building, world.cell_id(session, 0, 0))
        assert case.description == "garbage"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"service_code": "nothing", "lat": "33", "long": "118"}, 404),
        ({"service_code": "garbage"}, 400),
        ({"service_code": "garbage", "lat": "33"}, 400),
        ({"service_code": "garbage", "lat": "x", "long": "y"}, 400),
        ({"service_code": "garbage", "lat": "nan", "long": "118"}, 400),
        ({"service_code": "garbage", "lat": "118.3", "long": "33.9"}, 400),
        ({"service_code": "garbage", "address_string": "没有这个地方99幢"}, 400),
        ({**SENT, "description": "x" * 4001}, 400),
    ],
)
def test_a_request_that_cant_be_taken_is_refused(lite: Facade, sent: dict[str, str], status: int) -> None:
    answer = lite.post(**sent)
    assert (answer.status_code, answer.json[0]["code"]) == (status, status)
    with lite.database.read() as session:
        assert not session.scalar(select(func.count()).where(Case.source == "open311"))


def test_visitors_send_ten_a_minute_and_keys_more(lite: Facade) -> None:
    statuses = [lite.post(**SENT).status_code for _ in range(11)]
    assert statuses == [201] * 10 + [429]
    refused = lite.post("xml", **SENT)
    assert SafeXml.fromstring(refused.data).findtext("error/code") == "429"
    assert lite.post(**SENT, api_key=lite.key("head")).status_code == 201


def test_what_no_xml_can_hold_is_left_out_of_it(lite: Facade) -> None:
    with lite.database.write() as session:
        case = session.scalars(select(Case).where(Case.number == lite.taken)).one()
        case.public_description = "<b>&amp;\x08\x1b ]]> 垃圾\ufffe"
    root = SafeXml.fromstring(lite.get("requests.xml").data)
    assert root.find("request/description").text == "<b>&amp; ]]> 垃圾"


def test_xml_tells_what_json_tells(facade: Facade) -> None:
    for path, root in (("requests", "service_requests"), ("services", "services")):
        rows = facade.rows(f"{path}.json")
        found: ET.Element = SafeXml.fromstring(facade.get(f"{path}.xml").data)
        assert found.tag == root
        told = [{child.tag: child.text for child in one} for one in found]
        assert told == [
            {name: None if value is None else _as_text(value) for name, value in row.items()} for row in rows
        ]


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((CaseAction.REJECT,), None),
        ((CaseAction.VOID,), None),
        ((CaseAction.SUSPEND,), None),
        ((CaseAction.ACCEPT,), "open"),
        ((CaseAction.ACCEPT, CaseAction.SUSPEND), "open"),
        ((CaseAction.ACCEPT, CaseAction.REJECT), "closed"),
        ((CaseAction.ACCEPT, CaseAction.FILE, CaseAction.VOID), "closed"),
    ],
)
def test_what_nobody_accepted_is_never_released(
    lite: Facade, steps: tuple[CaseAction, ...], told: str | None
) -> None:
    with lite.database.write() as session:
        case = session.scalars(select(Case.id).where(Case.number == lite.new)).one()
        head = world.add_actor(session, lite.world, Role.HEAD)
        for minute, step in enumerate(steps):
            given = StepInput(reason="重复上报")
            take(
                lite.world.view(session, head, now=NOW),
                case,
                step,
                given,
                now=NOW + timedelta(minutes=minute),
            )
    answer = lite.get(f"requests/{lite.new}.json")
    assert (answer.json[0]["status"] if answer.status_code == 200 else None) == told


def test_the_handler_is_told_by_office(facade: Facade) -> None:
    with facade.database.write() as session:
        case = session.scalars(select(Case).where(Case.number == facade.done)).one()
        case.handler_id = facade.member.worker_id
    row = facade.rows(f"requests/{facade.done}.json")[0]
    assert row["agency_responsible"] == "第1网格网格员"


def test_the_demo_has_twenty_open_released_requests(demo: Database, make_app: Callable[..., OpenAPI]) -> None:
    app = make_app(demo)
    client = app.test_client()
    rows = client.get("/open311/v2/requests.json?status=open").json
    assert len(rows) >= 20
    first = client.get("/open311/v2/services.json").json[0]["service_code"]
    assert first not in services_confidential(app)
    assert {row["service_code"] for row in rows}.isdisjoint(services_confidential(app))


def services_confidential(app: OpenAPI) -> list[str]:
    with services_of(app).database.read() as session:
        return list(session.scalars(select(Category.code).where(Category.is_confidential)))


@pytest.mark.parametrize("name", ["", "evaluator"])
def test_on_the_demo_nobody_outside_learns_a_place_a_text_or_a_person(
    demo: Database, make_app: Callable[..., OpenAPI], name: str
) -> None:
    app = make_app(demo)
    app.config["RATELIMIT_ENABLED"] = False
    client, key = app.test_client(), add_token(app, name)["Authorization"][7:] if name else ""
    with services_of(app).database.read() as session:
        cases = {case.number: case for case in session.scalars(select(Case))}
        confidential = set(session.scalars(select(Category.code).where(Category.is_confidential)))
        workers = set(session.scalars(select(Worker.name)))
        taking = CaseLog.to_state.not_in(["reported", *PUT_AWAY])
        taken = set(session.scalars(select(CaseLog.case_id).where(taking)))
    rows, page = list[dict[str, Any]](), 0
    while page == 0 or len(rows) == 1000 * page:
        page += 1
        asked = {"start_date": "2020-01-01T00:00:00Z", "page": page, "api_key": key}
        rows += client.get("/open311/v2/requests.json", query_string=asked).json
    released = {
        number
        for number, case in cases.items()
        if case.state != "reported"
        and (case.state not in PUT_AWAY or case.id in taken)
        and case.category_code not in confidential
    }
    assert {row["service_request_id"] for row in rows} == released
    for row in rows:
        case = cases[row["service_request_id"]]
        assert row["description"] is row["status_notes"] is None
        assert (row["long"], row["lat"]) != (round(case.position.x, 6), round(case.position.y, 6))
        assert case.address is None or case.address not in row["address"]
    told = str(rows)
    assert not any(worker in told for worker in workers)
