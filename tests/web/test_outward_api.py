"""Outward forms over HTTP: a template is sent, asked for, approved, filled; what can't be filled is told."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from gisgrid.access.models import Role
from gisgrid.records.core.outward_models import OutwardForm, OutwardRun
from tests import world
from tests.data.outward.sheets import add_member, write_template
from tests.web.browsing import add_account, add_token, services_of

SAID = {"department": "民政科", "title": "老年人登记表", "legal_basis": "老年人权益保障法"}
WHY = {"area": "G1", "reason": "抽查"}


class Bureau:
    """A grid with an elder of a hostile name, its member and staff, and two heads."""

    def __init__(self, app: OpenAPI, folder: Path) -> None:
        self.app, self.folder = app, folder
        with services_of(app).database.write() as session:
            made = world.found(session)
            home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
            world.add_resident(session, home, date(1940, 1, 1), name="=HYPERLINK(1)")
            grid, whole = made.areas["G1"], made.community
        for name, role, area in (
            ("staff", Role.STAFF, grid),
            ("member", Role.MEMBER, grid),
            ("head", Role.HEAD, whole),
        ):
            add_account(app, name, role, area_id=area)
        self.tokens = {name: add_token(app, name) for name in ("staff", "member", "head")}

    def send(self, content: bytes, who: str = "staff", **said: str) -> Any:
        form = {**SAID, **said, "file": (io.BytesIO(content), "登记表.xlsx")}
        return self.app.test_client().post("/api/v1/outward", data=form, headers=self.tokens[who])

    def post(self, path: str, body: Any, who: str = "member") -> Any:
        return self.app.test_client().post(f"/api/v1/{path}", json=body, headers=self.tokens[who])

    def get(self, path: str, who: str = "member") -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers=self.tokens[who])

    def template(self, change: Any = None) -> bytes:
        return write_template(self.folder / "a.xlsx", change).read_bytes()

    def count(self, table: Any) -> int:
        with services_of(self.app).database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def bureau(app: OpenAPI, tmp_path: Path) -> Bureau:
    app.config["RATELIMIT_ENABLED"] = False
    return Bureau(app, tmp_path)


def test_a_table_goes_its_whole_way(bureau: Bureau) -> None:
    sent = bureau.send(bureau.template())
    assert (sent.status_code, sent.json) == (201, {"code": "B001", "number": 1})
    assert bureau.post("outward/B001", WHY).status_code == 409
    asked = bureau.post("outward/B001/approvals", WHY)
    (request_id,) = asked.json["ids"]
    assert asked.status_code == 201
    path = f"outward/B001/approvals/{request_id}/approve"
    assert bureau.post(path, {}, "staff").status_code == 403
    waiting = bureau.get("outward", "head").json["waiting"]
    assert [(row["area"], row["may_decide"], row["reason"]) for row in waiting] == [("G1", True, "抽查")]
    assert bureau.post(path, {}, "head").json["until"] == "2026-12-24"
    answer = bureau.post("outward/B001", WHY)
    assert answer.status_code == 200
    assert 'filename="B001-2026-11.xlsx"' in answer.headers["Content-Disposition"]
    told = dict(part.split("=") for part in answer.headers["Outward-Counts"].split(", "))
    assert {name: int(number) for name, number in told.items()} == {
        "rows": 1, "cells": 9, "prefilled": 6, "empty": 2, "no_consent": 1, "left_out": 0,
    }  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["表一"]
    assert (sheet["B4"].data_type, sheet["B4"].value) == ("s", "'=HYPERLINK(1)")
    (run,) = bureau.get("outward/B001").json["runs"]
    assert (run["rows"], run["prefilled"], run["area_name"]) == (1, 6, "第1网格")


def test_places_are_said_and_the_template_is_closed(bureau: Bureau) -> None:
    bureau.send(bureau.template())
    sheet = {"sheet": "表一", "rows": "household", "columns": {"B": "household.address"}, "cells": {}}
    changed = bureau.post("outward/B001/sheets", {"sheets": [sheet]}, "staff")
    assert changed.json == {"code": "B001", "number": 2}
    bad = {"sheets": [{**sheet, "columns": {"B": "no.field", "Z": "household.address"}}]}
    faults = bureau.post("outward/B001/sheets", bad, "staff").json["faults"]
    assert {fault["field"] for fault in faults} == {"columns.B", "columns.Z"}
    opened = bureau.get("outward/B001").json
    assert (opened["rows"], opened["number"], opened["planned"]) == ("household", 2, 1)
    assert "person.name" in opened["row_fields"]["person"]
    assert bureau.post("outward/B001/close", {}, "head").status_code == 200
    assert bureau.post("outward/B001", WHY).status_code == 409


def merge_a_head(sheet: Any) -> None:
    sheet.merge_cells("B3:C3")


def add_a_formula(sheet: Any) -> None:
    sheet["D5"] = "=SUM(D4:D4)"


@pytest.mark.parametrize("change", [merge_a_head, add_a_formula])
def test_nothing_is_kept_of_what_can_not_be_filled(bureau: Bureau, change: Any) -> None:
    answer = bureau.send(bureau.template(change))
    assert answer.status_code == 422
    assert all(fault["message"] for fault in answer.json["faults"])
    assert bureau.count(OutwardForm) == bureau.count(OutwardRun) == 0


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/media/image1.png"])
def test_macros_and_pictures_are_told_in_one_sentence(bureau: Bureau, part: str) -> None:
    path = write_template(bureau.folder / "b.xlsx")
    add_member(path, part)
    answer = bureau.send(path.read_bytes())
    assert (answer.status_code, len(answer.json["faults"])) == (422, 1)
    assert bureau.send(b"no workbook").status_code == 422
    assert bureau.send(path.read_bytes(), "member").status_code == 403
    assert bureau.count(OutwardForm) == 0


def test_what_is_missing_is_told_at_once(bureau: Bureau) -> None:
    answer = bureau.send(bureau.template(), department=" ", title="", legal_basis="")
    assert {fault["field"] for fault in answer.json["faults"]} == {"department", "title", "legal_basis"}
