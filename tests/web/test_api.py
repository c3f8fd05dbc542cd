"""What the API says: locating, reporting, tags of figures, tables as CSV, compression."""

from __future__ import annotations

import csv
import gzip
import io
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.communities import touch
from gisgrid.cases.core.models import Case
from gisgrid.storage.engine import Database
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of
from web.answers import csv_text

INSIDE = {"lon": world.LON + world.STEP / 2, "lat": world.LAT + world.STEP / 2}
OUTSIDE = {"lon": world.LON - 1, "lat": world.LAT}
REPORT = {**INSIDE, "category": "garbage", "description": "rubbish beside the bins"}


class Caller:
    """A program with a token of the account ``head``."""

    def __init__(self, app: OpenAPI, database: Database) -> None:
        self.app, self.database = app, database
        with database.write() as session:
            self.world = world.found(session)
            self.member = world.add_actor(session, self.world, Role.MEMBER, "G1")
        add_account(app, "head", Role.HEAD, area_id=self.world.community)
        self.headers = add_token(app, "head")

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> Any:
        sent = self.headers | (headers or {})
        return self.app.test_client().get(f"/api/v1/{path}", query_string=query, headers=sent)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.app.test_client().post(f"/api/v1/{path}", json=body, headers=self.headers | headers)

    def audited(self) -> dict[str, int]:
        with self.database.read() as session:
            rows = session.execute(select(AuditEntry.action, func.count()).group_by(AuditEntry.action))
            return {row[0]: row[1] for row in rows}


@pytest.fixture
def caller(app: OpenAPI, database: Database) -> Caller:
    return Caller(app, database)


@pytest.fixture
def lite_caller(lite_app: OpenAPI, spatialite: Database) -> Caller:
    return Caller(lite_app, spatialite)


def test_anybody_is_told_the_grid_and_its_member(caller: Caller) -> None:
    answer = caller.app.test_client().get("/api/v1/locate", query_string=INSIDE)
    assert answer.status_code == 200
    assert answer.json is not None
    assert [area["code"] for area in answer.json["areas"]][:3] == ["S1", "C1", "G1"]
    assert answer.json["members"] == [
        {"name": "member示例", "phone": "0527-80000000", "duty": "grid_member", "primary": True}
    ]
    assert answer.json["on_border"] is False
    assert answer.json["near_border_m"] > 30


def test_many_places_are_told_at_once_in_their_order(caller: Caller) -> None:
    corner = [world.LON + 2 * world.STEP, world.LAT + 2 * world.STEP]
    points = [[INSIDE["lon"], INSIDE["lat"]], [OUTSIDE["lon"], OUTSIDE["lat"]], corner]
    answer = caller.post("locate", {"points": points})
    first, second, third = answer.json["results"]
    assert first == caller.get("locate", **INSIDE).json
    assert second is None
    assert third["on_border"] is True
    assert third["near_border_m"] == 0


def test_a_place_outside_all_areas_is_not_found(lite_caller: Caller) -> None:
    assert lite_caller.get("locate", **OUTSIDE).status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"lon": 118}, "lat"),
        ({"lon": "x", "lat": 33}, "lon"),
        ({"lon": 33.9, "lat": 118.3}, "points"),
        ({"lon": "nan", "lat": 33}, "lon"),
        ({"lon": 118, "lat": 33, "crs": "EPSG:4548"}, "crs"),
        ({"lon": 118, "lat": 33, "crs": "nonsense"}, "crs"),
    ],
)
def test_wrong_places_are_refused_with_their_field(
    lite_caller: Caller, query: dict[str, Any], field: str
) -> None:
    answer = lite_caller.get("locate", **query)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json["faults"]] == [field]


def test_a_datum_is_taken_as_it_is_named(lite_caller: Caller) -> None:
    here = lite_caller.get("locate", **INSIDE).json
    shifted = lite_caller.get("locate", **INSIDE, crs="GCJ-02")
    assert shifted.status_code == 404 or shifted.json != here


def test_a_report_is_kept_once_however_often_it_is_sent(caller: Caller) -> None:
    key = {"Idempotency-Key": "abc"}
    first, again = caller.post("cases", REPORT, **key), caller.post("cases", REPORT, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert first.json["grid"] == "G1"
    assert first.json["members"][0]["name"] == "member示例"
    with caller.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
    other = caller.post("cases", REPORT | {"description": "something else"}, **key)
    assert other.status_code == 409


def test_all_faults_of_a_report_come_at_once(lite_caller: Caller) -> None:
    answer = lite_caller.post("cases", {"lon": "x", "severity": "huge", "accuracy_m": -1})
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json["faults"]} == {
        "lon", "lat", "category", "description", "severity", "accuracy_m",
    }  # fmt: skip
    assert "这一项必填" in {fault["message"] for fault in answer.json["faults"]}
    long_key = lite_caller.post("cases", REPORT, **{"Idempotency-Key": "x" * 121})
    assert long_key.status_code == 422


def test_a_case_is_taken_in_hand_and_closed(caller: Caller) -> None:
    case_id = caller.post("cases", REPORT).json["id"]
    assert caller.post(f"cases/{case_id}/start", {}).json["state"] == "handling"
    assert caller.post(f"cases/{case_id}/close", {"result": ""}).status_code == 422
    closed = caller.post(f"cases/{case_id}/close", {"result": "taken away"})
    assert closed.json["state"] == "closed"
    assert [entry["action"] for entry in closed.json["log"]] == ["report", "start", "close"]
    assert caller.post(f"cases/{case_id}/close", {"result": "again"}).status_code == 409
    assert caller.get("cases").json == {"rows": [], "total": 0}
    assert caller.get("cases", state="all").json["total"] == 1


def test_a_visitor_reports_and_follows_by_the_receipt_code(lite_caller: Caller) -> None:
    receipt = lite_caller.post("cases", REPORT).json["receipt"]
    browser = Browser(lite_caller.app)
    page = browser.post("/receipt", {"receipt": receipt.lower()})
    assert "garbage" in page.text
    assert "rubbish" not in page.text
    for wrong in ("XXXX-XXXX-XXXX", "2222-2222-2222", "<script>"):
        answer = browser.post("/receipt", {"receipt": wrong})
        assert (answer.status_code, "garbage" in answer.text) == (404, False)


@pytest.mark.parametrize(
    "path", ["hotspots", "areas", "cells", "territories", "renovation", "coverage/elderly"]
)
def test_an_unchanged_figure_is_not_sent_again(caller: Caller, path: str) -> None:
    first = caller.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = caller.get(path, headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    with caller.database.write() as session:
        touch(session, [caller.world.community])
    assert caller.get(path, headers=tag).status_code == 200


def test_a_tag_belongs_to_who_asked_for_what(lite_caller: Caller) -> None:
    tag = {"If-None-Match": lite_caller.get("hotspots").headers["ETag"]}
    assert lite_caller.get("hotspots", headers=tag, level="micro_grid").status_code == 200
    add_account(lite_caller.app, "leader", Role.LEADER, area_id=lite_caller.world.community)
    leader = add_token(lite_caller.app, "leader")
    assert lite_caller.get("hotspots", headers=tag | leader).status_code == 200
    add_account(lite_caller.app, "resident", Role.RESIDENT, area_id=lite_caller.world.community)
    resident = add_token(lite_caller.app, "resident")
    for value in (tag["If-None-Match"], "*"):
        assert lite_caller.get("hotspots", headers={"If-None-Match": value} | resident).status_code == 403


def test_a_report_that_names_no_building_by_an_empty_text_is_taken(caller: Caller) -> None:
    assert caller.post("cases", REPORT | {"building": "", "contact": "", "address": ""}).status_code == 201


def test_no_answer_keeps_a_connection(caller: Caller) -> None:
    pool: Any = services_of(caller.app).database.engine.pool
    kept = []  # what is still referred to is not cleared away
    for path in ("cases", "areas", "completeness/gaps", "hotspots.csv", "coverage/elderly/uncovered"):
        kept.append(caller.get(path))
        assert pool.checkedout() == 0, path


def test_a_table_comes_as_csv_and_leaves_an_audit_entry(caller: Caller) -> None:
    caller.post("cases", REPORT)
    answer = caller.get("hotspots.csv")  # with a token: the names of the JSON fields
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    expected = caller.get("hotspots").json["rows"]
    assert [(row["code"], row["count"]) for row in rows] == [
        (row["code"], str(row["count"])) for row in expected
    ]
    assert "hotspots-2026-11-24-head.csv" in answer.headers["Content-Disposition"]
    assert caller.audited()["export:hotspots"] == 1


def test_a_spreadsheet_runs_nothing_and_withheld_numbers_say_so(lite_app: OpenAPI) -> None:
    rows = [
        {"name": "=1+1", "n": None, "g": ["a", "b"], "c": {"A": 1}, "suppressed": ["n"], "reason": "不显示"},
        {"name": "@x", "n": 7, "g": [], "c": {"A": 2}, "suppressed": [], "reason": None},
        {"name": "plain", "n": -3, "g": ["-a"], "c": {}, "suppressed": [], "reason": None},
    ]
    later = [{"n": None, "suppressed": ["n"], "reason": "整季度结束后可见"}]
    left_out = [{"reason": "far", "n": 1}]
    with lite_app.test_request_context("/"):
        chinese, waits, others = csv_text(rows), csv_text(later), csv_text(left_out)
    with lite_app.test_request_context("/", headers={"Cookie": "lang=en"}):
        assert csv_text(later).splitlines()[1] == '"shown once the quarter is over"'
        assert '"not shown"' in csv_text(rows)
    assert waits.splitlines() == ['"n"', '"整季度结束后可见"']
    assert others.splitlines() == ['"reason","n"', '"far",1']
    assert chinese.splitlines() == [
        '"name","n","g","c_A"',
        '"\'=1+1","不显示","a、b",1',
        '"\'@x",7,"",2',
        '"plain",-3,"\'-a",',
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "3,2,1,4"}, "bbox"),
        ({"bbox": "1,100,2,120"}, "bbox"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"level": "galaxy"}, "level"),
        ({"simplify": "-1"}, "simplify"),
    ],
)
def test_wrong_questions_are_refused_with_their_field(
    lite_caller: Caller, query: dict[str, str], field: str
) -> None:
    answer = lite_caller.get("areas", **query)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json["faults"]] == [field]


def test_a_box_gives_what_meets_it(lite_caller: Caller) -> None:
    box = f"{world.LON},{world.LAT},{world.LON + world.STEP / 2},{world.LAT + world.STEP / 2}"
    assert [one["id"] for one in lite_caller.get("areas", bbox=box).json["features"]] == ["G1"]
    assert len(lite_caller.get("cells", bbox=box).json["features"]) == 1
    assert len(lite_caller.get("cells").json["features"]) == 16


def test_coordinates_come_back_exactly(lite_caller: Caller) -> None:
    ring = lite_caller.get("cells").json["features"][0]["geometry"]["coordinates"][0]
    assert all((lon * 2**24).is_integer() and (lat * 2**24).is_integer() for lon, lat in ring)


def test_data_goes_compressed_to_who_can_read_it(lite_caller: Caller) -> None:
    plain = lite_caller.get("cells")
    small = lite_caller.get("cells", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Content-Encoding" not in lite_caller.get("plans", headers={"Accept-Encoding": "gzip"}).headers
    refused = lite_caller.get("cells", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert "Content-Encoding" not in refused.headers


def test_cards_and_lists_of_persons_leave_audit_entries_and_no_copies(caller: Caller) -> None:
    with caller.database.write() as session:
        building = world.add_building(session, caller.world, 0, 0)
        household = world.add_household(session, building, "101")
        world.add_resident(session, household, world.START.date().replace(year=1950))
    masked = caller.get(f"households/{household.id}")
    assert [one["name"] for one in masked.json["persons"]] == ["示**"]
    assert masked.json["persons"][0].keys() == {"id", "name", "visitor"}
    assert masked.json["persons_hidden"] == "needs_reason"
    full = caller.post(f"households/{household.id}", {"reason": "核对住户"})
    assert full.json["persons"][0]["name"] == "示例甲"
    listed = caller.get("coverage/elderly/uncovered")
    assert [row["household"] for row in listed.json["rows"]] == [household.id]
    for answer in (masked, full, listed):
        assert answer.headers["Cache-Control"] == "private, no-store"
    audited = caller.audited()
    assert audited["persons:view_masked"] == audited["persons:view"] == audited["persons:list"] == 1


def test_who_i_am(lite_caller: Caller) -> None:
    assert lite_caller.get("me").json == {
        "name": "head",
        "shown": "head",
        "role": "head",
        "role_name": "社区负责人",
        "communities": [{"code": "C1", "name": "示例社区"}],
        "grids": [],
        "grid_names": [],
        "may": [
            "appraisals:decide", "appraisals:view", "areas:view", "audit:own", "backgrounds:view",
            "buildings:view", "cases:entrust", "cases:follow", "cases:handle", "cases:help",
            "cases:import", "cases:publish", "cases:redact", "cases:report", "cases:supervise",
            "cases:view", "clashes:settle", "consent:record", "contracts:make", "devices:stop",
            "disputes:handle", "dispute_grades:change", "doors:view", "duplicates:decide", "duties:change",
            "erasure:ask", "erasure:decide",
            "evaluations:draw", "evaluations:view", "exports:make", "facilities:import", "figures:view",
            "forms:draft", "forms:publish", "forms:view",
            "handover:view", "households:find", "households:import", "imports:undo", "imports:view",
            "levels:change", "limits:change", "limits:view", "mediators:keep", "members:import",
            "norm:change", "notices:view", "organisations:view",
            "outward:approve", "outward:fill", "outward:keep", "own_grid:view", "persons:edit",
            "persons:list",
            "persons:view", "places:import", "positions:set", "records:correct", "records:redact",
            "records:view", "records:write", "redraw:approve", "redraw:edit",
            "redraw:outline", "redraw:view", "requests:work", "residents:import", "review:view",
            "rounds:draft", "rounds:open", "rounds:view", "rules:change",
            "tasks:view", "visitors:assign", "visitors:view",
        ],
        "language": "zh",
        "unread": 0,
        "waiting": [],
    }  # fmt: skip


def test_visitors_are_limited_and_accounts_are_not(lite_app: OpenAPI, spatialite: Database) -> None:
    caller = Caller(lite_app, spatialite)
    visitor = lite_app.test_client()
    statuses = [visitor.get("/api/v1/locate", query_string=INSIDE).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert caller.get("locate", **INSIDE).status_code == 200
    assert services_of(lite_app).settings.var.joinpath("limits.sqlite").exists()


@pytest.mark.usefixtures("hasty")
def test_a_busy_database_is_said_and_figures_are_still_read(lite_caller: Caller) -> None:
    with lite_caller.database.write() as session:
        touch(session, [lite_caller.world.community])
        assert lite_caller.get("hotspots").status_code == 200
        answer = lite_caller.post("cases", REPORT)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert lite_caller.post("cases", REPORT).status_code == 201


def test_the_ground_has_walls_and_addresses_of_buildings_for_everybody_who_asks(caller: Caller) -> None:
    """A visitor finds the own house by its number, and learns nothing else of it."""
    with caller.database.write() as session:
        world.add_building(session, caller.world, 0, 0)
        world.add_building(session, caller.world, 1, 0, number="2")

    def kinds(path: str) -> list[dict[str, Any]]:
        answer = caller.app.test_client().get(f"/api/v1/{path}")
        assert answer.status_code == 200
        return [one["properties"] for one in answer.json["features"]]

    everything = [one["properties"] for one in caller.get("buildings").json["features"]]
    assert everything
    assert [one for one in kinds("basemap") if one["kind"] == "building"] == []
    walls = [one for one in kinds("basemap?buildings=true") if one["kind"] == "building"]
    assert walls == [{"kind": "building", "name": one["address"], "class": None} for one in everything]
    far = kinds("basemap?buildings=true&bbox=1,1,2,2")
    assert far == []
