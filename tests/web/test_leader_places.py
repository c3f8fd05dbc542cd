"""The row *leader* of the rights, on every way out of a case: micro grid and bin, public texts alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Account
from gisgrid.analysis.disclosure import bin_heat, bin_middle
from gisgrid.cases.core.case_state import Route
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.rules import Severity
from gisgrid.storage.engine import Database
from tests.web.browsing import add_token, services_of
from tests.web.test_exports import Site, lite_site, log_in  # noqa: F401 - the fixture

SECRET: Final = "机密说明"
PUBLIC: Final = "公开说明一"


class Town:
    """The demo, with secret texts in its newest cases: a plain, a published, an escalated, an own one."""

    def __init__(self, app: OpenAPI, *, instructs: bool = False) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app, self.client = app, app.test_client()
        self.headers = {name: add_token(app, name) for name in ("leader", "head")}
        with services_of(app).database.write() as session:
            open_to_all = select(Category.code).where(Category.is_confidential.is_(False))
            is_plain = (
                Case.category_code.in_(open_to_all),
                Case.position.is_not(None),
                Case.handler_id.is_not(None),
                Case.building_id.is_not(None),
                Case.route != Route.SUBDISTRICT,
                Case.severity != Severity.EMERGENCY,
            )
            newest = select(Case).where(*is_plain).order_by(Case.reported_at.desc(), Case.fid).limit(4)
            rows = session.scalars(newest).all()
            for row in rows:
                row.description = row.result = SECRET
            rows[1].public_description = PUBLIC
            rows[2].route = Route.SUBDISTRICT
            leader = session.scalars(select(Account).where(Account.name == "leader")).one()
            leader.may_instruct = instructs
            rows[3].reporter_id = account = leader.id
            self.plain, self.public, self.high, self.own = (row.id for row in rows)
        with services_of(app).database.read() as session:
            self.cases = {row.id: row for row in session.scalars(select(Case))}
            self.exact = {
                row.id
                for row in self.cases.values()
                if row.route == Route.SUBDISTRICT
                or row.severity == Severity.EMERGENCY
                or row.reporter_id == account
            }
            session.expunge_all()

    def get(self, path: str, name: str = "leader") -> Any:
        return self.client.get(path, headers=self.headers[name])

    def rows(self, path: str, name: str = "leader") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/api/v1/cases{path}", name).json["rows"]
        return found


@pytest.fixture
def town(demo: Database, make_app: Callable[..., OpenAPI]) -> Town:
    return Town(make_app(demo))


def is_binned(case: Case, lon: float, lat: float) -> bool:
    middle = bin_middle(case.position.x, case.position.y)
    return (lon, lat) == pytest.approx(middle, abs=2e-6) and (lon, lat) != (case.position.x, case.position.y)


def test_the_middle_of_a_bin_is_that_of_the_heat_map() -> None:
    for lon, lat in ((114.3, 30.6), (-0.1, -0.2), (114.30001, 30.59999), (0.0, 0.0)):
        lons, lats, _weight = bin_heat([lon], [lat])
        assert bin_middle(lon, lat) == pytest.approx((float(lons[0]), float(lats[0])), abs=1e-6)


def test_pages_and_programs_tell_the_micro_grid_and_the_bin(town: Town) -> None:
    check_lists(town)
    check_card(town)
    check_finding(town)


def test_who_may_instruct_reads_what_is_with_the_subdistrict_and_no_more(
    demo: Database, make_app: Callable[..., OpenAPI]
) -> None:
    town = Town(make_app(demo), instructs=True)
    card, case = town.get(f"/api/v1/cases/{town.high}").json, town.cases[town.high]
    assert (card["lon"], card["lat"], card["address"]) == (case.position.x, case.position.y, case.address)
    assert (card["description"], card["result"]) == (SECRET, SECRET)
    assert card["handler"]
    assert (card["contact"], card["receipt"]) == (None, None)
    plain = town.get(f"/api/v1/cases/{town.plain}").json
    assert (plain["description"], plain["handler"], plain["exact"]) == (None, None, False)


def check_lists(town: Town) -> None:
    seen = 0
    for path in ("?state=all", "/points?state=all", "?state=all&page=2"):
        for row in town.rows(path):
            case = town.cases[row["id"]]
            if case.position is None:
                continue
            if case.id in town.exact:
                assert (row["lon"], row["lat"]) == (case.position.x, case.position.y)
                assert row["address"] == case.address
                continue
            seen += 1
            assert row["exact"] is False
            assert is_binned(case, row["lon"], row["lat"]), path
            assert case.address is None or row["address"] != case.address
            assert (row.get("handler"), row.get("owner")) == (None, None)
            assert not row.get("repeated")
    assert seen > 50
    for row in town.rows("?state=all", "head"):
        case = town.cases[row["id"]]
        assert case.position is None or (row["lon"], row["lat"]) == (case.position.x, case.position.y)


def check_card(town: Town) -> None:
    card = town.get(f"/api/v1/cases/{town.plain}").json
    case, told = town.cases[town.plain], json.dumps(card, ensure_ascii=False)
    assert SECRET not in told
    assert str(case.address) not in told
    assert is_binned(case, card["lon"], card["lat"])
    hidden = ("description", "result", "near_border_m", "on_border", "accuracy_m", "handler", "owner")
    assert {card[name] for name in hidden} == {None}
    assert (card["photos"], card["co_handlers"]) == ([], [])
    assert {(line["who"], line["text"]) for line in card["log"]} == {(None, None)}
    assert not any({"handler", "worker"} & set(line["details"]) for line in card["log"])
    assert town.get(f"/api/v1/cases/{town.public}").json["description"] == PUBLIC
    around = town.rows(f"/{town.plain}/around")
    assert {(row["lon"], row["lat"]) for row in around if row["id"] not in town.exact} == {
        (card["lon"], card["lat"])
    }
    card, case = town.get(f"/api/v1/cases/{town.high}").json, town.cases[town.high]
    assert (card["lon"], card["lat"], card["address"]) == (case.position.x, case.position.y, case.address)
    assert card["description"] is None
    assert town.get(f"/api/v1/cases/{town.own}").json["description"] == SECRET


def check_finding(town: Town) -> None:
    """No case is found by its address, none is sorted by distance, no place with several is told."""
    case = town.cases[town.plain]
    by_address = f"?state=all&q={case.address}"
    assert town.plain not in {row["id"] for row in town.rows(by_address)}
    assert town.plain in {row["id"] for row in town.rows(by_address, "head")}
    assert [row["id"] for row in town.rows(f"?state=all&q={case.number}")] == [town.plain]
    near = f"/api/v1/cases?state=all&near={case.position.x},{case.position.y}"
    assert town.get(near).status_code == 422
    assert town.get(near, "head").status_code == 200
    assert len(town.rows("/repeated")) < len(town.rows("/repeated", "head"))


def test_files_and_open311_tell_no_more_than_the_list(town: Town) -> None:
    numbers = {case.number: case for case in town.cases.values()}
    for form in ("csv", "geojson"):
        seen = 0
        for row, lon, lat in exported(town, form):
            case = numbers[row["number"]]
            if case.id in town.exact or case.position is None:
                continue
            seen += 1
            assert is_binned(case, float(lon), float(lat))
            assert not case.address or row["address"] != case.address
            assert {row[name] or None for name in ("handler", "result", "recorded_area")} == {None}
            assert (row["description"] or None) == case.public_description
        assert seen > 1000
    check_open311(town)


def exported(town: Town, form: str) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    """Each case of an export with its place; the file says what is left out of it."""
    answer = town.get(f"/api/v1/exports/cases.{form}")
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8-sig")
    if form == "csv":
        for row in csv.DictReader(io.StringIO(text)):
            assert row["left_out"] in {"保密类别", "confidential categories"}
            yield row, row["lon"], row["lat"]
        return
    found = json.loads(text)
    assert found["export"]["left_out"]
    for one in found["features"]:
        lon, lat = (one["geometry"] or {}).get("coordinates") or (None, None)
        yield one["properties"], lon, lat


def check_open311(town: Town) -> None:
    key = town.headers["leader"]["Authorization"].removeprefix("Bearer ")
    for one in (town.plain, town.public, town.high):
        case = town.cases[one]
        row = town.client.get(f"/open311/v2/requests/{case.number}.json?api_key={key}").json[0]
        if one == town.high:
            assert (row["long"], row["lat"]) == (case.position.x, case.position.y)
            assert row["address"] == case.address
        else:
            assert is_binned(case, row["long"], row["lat"])
            assert row["address"] != case.address
        assert row["description"] == (PUBLIC if one == town.public else None)
        assert SECRET not in json.dumps(row, ensure_ascii=False)


def test_pages_say_what_is_left_out(lite_site: Site) -> None:  # noqa: F811
    leader, head = log_in(lite_site.app, "leader"), log_in(lite_site.app, "head")
    for path in ("/cases", "/maps/cases"):
        page = leader.get(path).text
        assert "地点只到微网格和 100 米方格" in page, path
        assert "保密类别的案件不列出" in page
    for path in ("/maps/hotspots", "/maps/territories", "/maps/completeness", "/history", "/redraw", "/"):
        assert leader.get(path).text.count("案件不含保密类别。") > 1, path  # in sight, and for the scripts
    assert "data-near" not in leader.get("/cases").text
    for path in ("/cases", "/maps/hotspots", "/"):
        assert "不含保密类别" not in head.get(path).text
