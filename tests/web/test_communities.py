"""Several communities in one database: each page and case finds its own."""

from __future__ import annotations

import shapely
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.areas.models import CellKind, Level
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.service import NewArea, add_areas, create_community
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.storage.engine import Database
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of
from tests.web.test_pages import data_of

EAST = world.LON + 0.5


def two_communities(app: OpenAPI, database: Database) -> str:
    """C1 and C2 under one subdistrict, a leader of it; the id of a case in C2."""
    found = services_of(app)
    with database.write() as session:
        made = world.found(session)
        second = NewArea(code="C2", name="东社区", level=Level.COMMUNITY, parent_code="S1")
        community = create_community(session, made.actor, second, centre=(EAST, world.LAT), at=world.START)
        grid = NewArea(code="H1", name="第1网格", level=Level.GRID, parent_code="C2")
        add_areas(session, made.actor, community, [grid], at=world.START)
        shape = shapely.box(EAST, world.LAT, EAST + world.STEP, world.LAT + world.STEP, ccw=True)
        cell = NewCell(geom=shape, kind=CellKind.BLOCK, owner="H1")
        publish_cells(session, made.actor, community, [cell], at=world.START, reason="first")
        command = ReportCase(
            lon=EAST + world.STEP / 2, lat=world.LAT + world.STEP / 2, category="garbage", description="x"
        )
        kept = report(
            session, made.actor, command, caches=made.caches, now=found.clock(), tz=found.settings.tz
        )
        view = made.view(session, now=found.clock())
        subdistrict = next(one.id for one in view.division.tree.at_level(Level.SUBDISTRICT))
        case_id = kept.case.id
    add_account(app, "leader", Role.LEADER, area_id=subdistrict)
    return case_id


def test_the_community_chosen_last_stays_until_another_is(app: OpenAPI, database: Database) -> None:
    two_communities(app, database)
    browser = Browser(app)
    browser.log_in("leader")

    def shown(path: str) -> object:
        community = data_of(browser.get(path).text)["community"]
        assert isinstance(community, dict)
        return community["code"]

    assert shown("/maps/hotspots") == "C1"
    assert shown("/maps/hotspots?community=C2") == "C2"
    assert shown("/cases") == "C2"
    assert shown("/cases?community=C1") == "C1"


def test_a_case_needs_no_community_but_figures_do(app: OpenAPI, database: Database) -> None:
    case_id = two_communities(app, database)
    client, headers = app.test_client(), add_token(app, "leader")
    card = client.get(f"/api/v1/cases/{case_id}", headers=headers)
    assert card.json is not None
    assert card.json["grid"] == "H1"
    assert client.get("/api/v1/hotspots?community=C2", headers=headers).status_code == 200
    unnamed = client.get("/api/v1/hotspots", headers=headers)
    assert unnamed.status_code == 422
    assert unnamed.json is not None
    assert [fault["field"] for fault in unnamed.json["faults"]] == ["community"]
    browser = Browser(app)
    browser.log_in("leader")
    assert browser.get(f"/cases/{case_id}").status_code == 200
    assert browser.get("/cases/01a20de4-1883-70bf-ab6b-b4ba32402835").status_code == 404


def test_a_place_is_found_in_whichever_community_it_lies(app: OpenAPI, database: Database) -> None:
    two_communities(app, database)
    half = world.STEP / 2
    points = [[world.LON + half, world.LAT + half], [EAST + half, world.LAT + half], [0, 0]]
    client, headers = app.test_client(), add_token(app, "leader")
    answer = client.post("/api/v1/locate", json={"points": points}, headers=headers)
    assert answer.json is not None
    codes = [place and place["areas"][1]["code"] for place in answer.json["results"]]
    assert codes == ["C1", "C2", None]
