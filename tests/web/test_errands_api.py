"""Errands by programs: staff entrust, the organisation answers, and each sees its own side alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.cases.intake.service import ReportCase, report
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of
from tests.world import LAT, LON, STEP

NAMES = {"head": Role.HEAD, "company": Role.PROPERTY, "club": Role.ORG, "member": Role.MEMBER}


class Office:
    """One case, and accounts of both sides with their tokens."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, found = app, services_of(app)
        with found.database.write() as session:
            made = world.found(session)
            command = ReportCase(
                lon=LON + STEP / 2, lat=LAT + STEP / 2, category="garbage", description="王家说没人收"
            )
            kept = report(
                session, made.actor, command, caches=made.caches, now=found.clock(), tz=found.settings.tz
            )
            self.case = kept.case.id
        for name, role in NAMES.items():
            add_account(app, name, role, area_id=made.community)
        self.headers = {name: add_token(app, name) for name in NAMES}

    def get(self, name: str, path: str) -> Any:
        answer = self.app.test_client().get(f"/api/v1/{path}", headers=self.headers[name])
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, name: str, path: str, status: int = 200, key: str | None = None, **body: Any) -> Any:
        headers = self.headers[name] | ({"Idempotency-Key": key} if key else {})
        answer = self.app.test_client().post(f"/api/v1/{path}", headers=headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.json


@pytest.fixture
def office(app: OpenAPI) -> Office:
    return Office(app)


def test_an_errand_goes_from_asking_to_its_result(office: Office) -> None:
    known = office.get("head", f"cases/{office.case}/errands/organisations")["rows"]
    account = next(one["account"] for one in known if one["role"] == "property")
    asked = {"account": account, "text": "请清运", "days": 3}
    path = f"cases/{office.case}/errands"
    made = office.post("head", path, 201, key="k1", **asked)["id"]
    assert office.post("head", path, 201, key="k1", **asked)["id"] == made
    office.post("head", path, 409, key="k1", **{**asked, "days": 7})
    office.post("head", path, 409, **asked)
    (row,) = office.get("company", "errands")["rows"]
    assert (row["id"], row["next"], row["text"]) == (made, "receipt", "请清运")
    assert "王家" not in str(row)
    assert office.get("club", "errands")["rows"] == []
    office.post("club", f"errands/{made}/receipt", 404)
    office.post("company", f"errands/{made}/finish", 409, result="已清运")
    office.post("head", f"cases/{office.case}/close", 409, result="已清理")
    for step in ("receipt", "start"):
        office.post("company", f"errands/{made}/{step}")
    office.post("company", f"errands/{made}/finish", 422, result=" ")
    office.post("company", f"errands/{made}/finish", result="已清运")
    (told,) = office.get("head", path)["rows"]
    assert (told["result"], told["next"], told["is_late"]) == ("已清运", None, False)
    kinds = [one["kind"] for one in office.get("head", "notices")["rows"]]
    assert sorted(kinds) == ["errand_finished", "errand_receipted"]
    (notice,) = office.get("company", "notices")["rows"]
    assert (notice["kind"], notice["link"]) == ("errand_asked", "/cases/queue?community=C1")
    office.post("head", f"cases/{office.case}/close", result="已清理")


def test_an_errand_is_returned_or_taken_back(office: Office) -> None:
    known = office.get("head", f"cases/{office.case}/errands/organisations")["rows"]
    path = f"cases/{office.case}/errands"
    first, second = (
        office.post("head", path, 201, account=one["account"], text="请清运", days=1)["id"] for one in known
    )
    names = {one["account"]: one["role"] for one in known}
    asked = ["company" if role == "property" else "club" for role in names.values()]
    office.post(asked[0], f"errands/{first}/return", result="不归我们管")
    office.post("head", f"{path}/{first}/withdraw", 404)
    office.post("head", f"{path}/{second}/withdraw")
    assert office.get(asked[1], "errands")["rows"] == []
    (row,) = office.get(asked[0], "errands")["rows"]
    assert row["returned_at"]
    office.post("member", f"{path}/{second}/withdraw", 403)
    office.post("head", f"errands/{first}/receipt", 403)


@pytest.mark.parametrize("ending", ["close", "void"])
def test_a_case_that_has_ended_is_not_offered_to_organisations(office: Office, ending: str) -> None:
    browser = Browser(office.app)
    browser.log_in("head")
    page = f"/cases/{office.case}"
    link, offer, history = f'href="{page}/entrust"', "交物业或社会组织办理", "查看已交办事项"
    assert offer in browser.get(page).text
    path = f"cases/{office.case}/errands"
    if ending == "void":
        (one, *_others) = office.get("head", f"{path}/organisations")["rows"]
        office.post("head", path, 201, account=one["account"], text="请清运", days=1)
        office.post("head", f"cases/{office.case}/void", reason="看错了")
    else:
        office.post("head", f"cases/{office.case}/close", result="已清理")
    shown = browser.get(page).text
    assert offer not in shown
    assert (history in shown, link in shown) == (ending == "void", ending == "void")
    asking = browser.get(f"{page}/entrust").text
    assert 'name="account"' not in asking
    assert "已结束或挂账的案件" in asking
