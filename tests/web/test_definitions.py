"""The page of terms: every number of the maps is defined there, by the bounds it is computed with."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from markupsafe import escape

from gisgrid.access.actions import RIGHTS
from gisgrid.access.models import Role
from gisgrid.analysis import hotspots
from gisgrid.figures import measures
from gisgrid.indicators.formulas import INDICATORS
from gisgrid.labels.access import ROLES
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.records.test_entries import VISIT
from tests.web.browsing import Browser, add_account

MAPS = {
    "hotspots?from=2026-10-01&to=2026-10-31&compare=previous": measures.HOTSPOTS,
    "coverage/elderly": measures.ELDERLY,
    "needs/figures": measures.NEEDS,
    "records/figures": measures.RECORDS,
    "records/figures/spans?form=visit": measures.RECORDS,
    "territories": measures.TERRITORIES,
    "renovation": measures.RENOVATION,
    "completeness": measures.COMPLETENESS,
}
WHAT_IT_IS_OF = {
    "form",
    "title",
    "first",
    "last",
    "code",
    "name",
    "parent",
    "grid",
    "grids",
    "grid_names",
    "member",
    "member_id",
    "phone",
}
SIGNS = {"reason", "suppressed", "left_out"}
IN_ONE = {"grade_a", "grade_b", "grade_c", "grade_d"}
"""Told once more as ``condition_counts``."""


def columns_of(rows: list[dict[str, Any]]) -> set[str]:
    return {name for row in rows for name in row} - WHAT_IT_IS_OF - SIGNS - IN_ONE


@pytest.fixture
def head(database: Database, app: OpenAPI) -> Browser:
    """The head of a community with one building, logged in."""
    with database.write() as session:
        made = world.found(session)
        world.add_household(session, world.add_building(session, made, 0, 0), "101")
        install_forms(session, made.actor, [FormFile(tree=VISIT, workbook=b"visit")], now=world.START)
    add_account(app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(app)
    browser.log_in("head")
    return browser


@pytest.mark.parametrize("path", list(MAPS))
def test_every_number_of_a_map_is_defined(head: Browser, path: str) -> None:
    """What is computed and not defined, or defined and not computed, is told."""
    rows = head.get(f"/api/v1/{path}").json["rows"]
    assert rows
    assert columns_of(rows) == {one.code for one in MAPS[path].measures}


def test_a_definition_says_the_bounds_it_is_computed_by() -> None:
    (rate,) = (one for one in measures.HOTSPOTS.measures if one.code == "rate")
    assert rate.values == {
        "per": hotspots.RATE_PER_HOUSEHOLDS,
        "homes": hotspots.MIN_HOUSEHOLDS,
        "cases": hotspots.MIN_CASES,
    }
    for found in measures.SETS:
        for one in found.measures:
            assert set(re.findall(r"\{(\w+)\}", one.definition)) == one.values.keys(), one.code


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_each_with_its_source_and_who_sees_it(head: Browser, language: str) -> None:
    assert head.post("/language", {"lang": language}).status_code == 303
    text = head.get("/definitions").text
    names = [(one.name, one.name_en)[language == "en"] for one in INDICATORS]
    assert not [name for name in names if str(escape(name)) not in text]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)<br><span class="muted">(.*?)</span>', text)
    assert len(rows) > len(INDICATORS) + sum(len(found.measures) for found in measures.SETS)
    assert all(all(cells) for cells in rows)
    assert not re.search(r"\{\w+\}", "".join("".join(cells) for cells in rows))
    assert not re.search("[\u4e00-\u9fff]", "".join(row[0] + row[1] for row in rows)) or language == "zh"
    if language == "zh":
        leaders = ROLES[Role.LEADER]
        told = re.findall("能打开:(.*?)</p>", text)
        for found, roles in zip(measures.SETS, told, strict=False):
            assert (leaders in roles) == (Role.LEADER in RIGHTS[found.right])
            assert ROLES[Role.RESIDENT] not in roles
