"""Pages about people's data: consent, asking, erasure, redaction, texts, and who looked at what."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select
from werkzeug.test import TestResponse

from gisgrid.access.erasures import list_beside, read_erased
from gisgrid.access.models import AuditEntry, Duty, DutyKind, Role, Worker
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.rules import REDACTED
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.people.core.models import Consent, DataRequest, ErasureRequest, Resident
from gisgrid.people.core.purposes import BUILT_IN, Purpose
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id
from tests import world
from tests.web.browsing import Browser, add_account, services_of

SECRETS = ("示例甲", "199-0000-0000", "1950-01-01")


class Site:
    """One registered household and one that nobody has asked, and accounts for everybody concerned."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            building = world.add_building(session, made, 0, 0)
            home = world.add_household(session, building, "101")
            asked = world.add_household(session, building, "102", consent=None)
            world.add_resident(session, home, date(1950, 1, 1))
            worker = Worker(id=new_id(), name="王网格")
            session.add(worker)
            session.flush()
            duty = {"kind": DutyKind.GRID_MEMBER, "is_primary": True, "valid_from": world.START}
            session.add(Duty(worker_id=worker.id, area_id=made.areas["G1"], **duty))
            spot = {"lon": world.LON + world.STEP / 2, "lat": world.LAT + world.STEP / 2}
            command = ReportCase(**spot, category="garbage", description="示例甲 said so")
            kept = report(
                session,
                made.actor,
                command,
                caches=made.caches,
                now=services_of(app).clock(),
                tz=world.TZ,
            )
            self.home, self.asked, self.case = home.id, asked.id, kept.case.id
            self.worker = worker.id
        add_account(app, "member", Role.MEMBER, worker_id=self.worker)
        add_account(app, "head", Role.HEAD, area_id=made.community)
        add_account(app, "resident", Role.RESIDENT, household_id=self.home)
        add_account(app, "admin", Role.ADMIN)
        add_account(app, "leader", Role.LEADER, area_id=made.community)

    def browser(self, name: str) -> Browser:
        found = Browser(self.app)
        assert found.log_in(name).status_code == 303
        return found

    def rows(self, statement: Any) -> list[Any]:
        with services_of(self.app).database.read() as session:
            return list(session.scalars(statement))


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


@pytest.fixture
def lite(lite_app: OpenAPI) -> Site:
    return Site(lite_app)


def press(browser: Browser, path: str, **form: Any) -> TestResponse:
    """Send a form and open where it leads."""
    answer = browser.post(path, form)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["Location"])


def test_one_press_records_an_answer(site: Site) -> None:
    member = site.browser("member")
    page = member.get(f"/households/{site.asked}")
    assert page.status_code == 200
    assert "还没有问过" in page.text
    told = press(member, f"/households/{site.asked}/answers", purpose="registration", status="granted")
    assert "已记录" in told.text
    assert "王网格" in told.text
    assert site.rows(select(Household.consent).where(Household.id == site.asked)) == ["granted"]
    assert site.rows(select(Consent.asked_by)) == [site.worker]


def test_a_refusal_is_taken_calmly_and_gives_rest(site: Site) -> None:
    member = site.browser("member")
    told = press(member, f"/households/{site.asked}/answers", purpose="registration", status="refused")
    assert "2027-02-22 之前不再上门询问" in told.text
    assert 'name="unasked" value="1"' in told.text
    listed = member.get("/requests").text
    assert "2027-02-22 起可以再问" in listed
    again = member.post(f"/households/{site.asked}/visits", {"outcome": "not_met"})
    assert again.status_code == 409
    assert "2027-02-22 之前不再询问" in again.text
    came = press(
        member,
        f"/households/{site.asked}/answers",
        purpose="registration",
        status="granted",
        unasked="1",
    )
    assert "已同意" in came.text
    assert site.rows(select(DataRequest.state)) == ["granted"]


def test_a_mediator_is_noted_and_shown_to_who_may(site: Site) -> None:
    member = site.browser("member")
    form = {"outcome": "mediation", "mediator_kind": "neighbour", "mediator": "示例丙"}
    told = press(member, f"/households/{site.asked}/visits", **form)
    assert "示例丙" in told.text
    listed = member.get("/requests").text
    assert "协调中" in listed
    assert "示例丙" not in listed
    wrong = member.post(f"/households/{site.asked}/visits", {"outcome": "mediation"})
    assert wrong.status_code == 422


def test_a_resident_decides_and_asks_to_be_erased_and_a_head_confirms(site: Site) -> None:
    resident, head = site.browser("resident"), site.browser("head")
    own = resident.get("/me/household", follow_redirects=True)
    assert own.status_code == 200
    assert "撤回同意" in own.text
    assert "依法登记</button>" not in own.text
    told = press(resident, f"/households/{site.home}/erasure")
    assert "等社区负责人办理" in told.text
    assert "确认删除 1 人的资料" in head.get("/erasures").text
    (request,) = site.rows(select(ErasureRequest.id))
    unsure = head.post(f"/erasures/{request}", {"decision": "erase"})
    assert unsure.status_code == 400
    assert site.rows(select(Resident.name)) == ["示例甲"]
    done = press(head, f"/erasures/{request}", decision="erase", sure="1")
    assert "已删除 1 人的资料" in done.text
    assert site.rows(select(Resident.name)) == [None]
    path = list_beside(services_of(site.app).settings.keys)
    assert [one.id for one in read_erased(path)] == site.rows(select(Resident.id))
    assert "已删除" in resident.get(f"/households/{site.home}").text


def test_a_request_is_declined_with_a_reason_or_taken_back(lite: Site) -> None:
    resident, head = lite.browser("resident"), lite.browser("head")
    press(resident, f"/households/{lite.home}/erasure")
    (first,) = lite.rows(select(ErasureRequest.id))
    assert head.post(f"/erasures/{first}", {"decision": "decline", "reason": " "}).status_code == 422
    press(head, f"/erasures/{first}", decision="decline", reason="案件未结")
    assert "案件未结" in resident.get(f"/households/{lite.home}").text
    press(resident, f"/households/{lite.home}/erasure")
    second = next(one for one in lite.rows(select(ErasureRequest.id)) if one != first)
    told = press(resident, f"/households/{lite.home}/erasure/{second}/take-back")
    assert "申请已撤回" in told.text
    assert lite.rows(select(Resident.name)) == ["示例甲"]


def test_a_head_takes_texts_of_a_case_out(site: Site) -> None:
    head = site.browser("head")
    assert f"/cases/{site.case}/redact" in head.get(f"/cases/{site.case}").text
    assert head.get(f"/cases/{site.case}/redact").status_code == 200
    assert head.post(f"/cases/{site.case}/redact", {}).status_code == 422
    press(head, f"/cases/{site.case}/redact", texts="description")
    assert site.rows(select(Case.description)) == [REDACTED]
    member = site.browser("member")
    assert f"/cases/{site.case}/redact" not in member.get(f"/cases/{site.case}").text
    assert member.get(f"/cases/{site.case}/redact").status_code == 403


def test_one_sees_who_looked_at_ones_data_and_never_what_they_saw(site: Site) -> None:
    head, resident = site.browser("head"), site.browser("resident")
    head.post_json(f"/api/v1/households/{site.home}", {"reason": "核对示例甲的登记"})
    page = resident.get("/me/trail").text
    assert "社区负责人" in page
    assert "查看住户成员" in page
    assert "姓名、电话、出生日期" in page
    assert not [one for one in (*SECRETS, "核对示例", "head") if one in page.partition("<main")[2]]
    assert "还没有记录" not in site.browser("member").get("/me/trail").text  # logging in is an entry


def test_an_administrator_reads_the_trail_with_filters(site: Site) -> None:
    head, admin = site.browser("head"), site.browser("admin")
    head.post_json(f"/api/v1/households/{site.home}", {"reason": "核对登记信息"})
    head.get(f"/households/{site.home}")
    page = admin.get("/audit?who=head&action=persons:view").text
    assert page.count("<tr>") == 2
    assert "核对登记信息" in page
    assert "社区负责人" in page
    none = admin.get("/audit?who=head&action=persons:view&to=2026-11-23").text
    assert "没有符合条件的记录" in none
    assert admin.get(f"/audit?id={site.home}").text.count("<tr>") == 3
    assert admin.get("/audit?from=soon").status_code == 400
    assert admin.get("/audit?page=999999999999").status_code == 200
    assert admin.get("/audit?page=x").status_code == 200
    assert not [one for one in SECRETS if one in page]
    viewed = select(AuditEntry.action).where(AuditEntry.action == "audit:view")
    assert len(site.rows(viewed)) >= 4


def test_an_administrator_writes_a_new_text_and_the_household_page_shows_it(site: Site) -> None:
    admin, member = site.browser("admin"), site.browser("member")
    press(member, f"/households/{site.home}/answers", purpose="contact", status="granted")
    asked = BUILT_IN[Purpose.CONTACT].zh
    assert member.get(f"/households/{site.home}").text.count(asked) == 1
    form = {"purpose": "contact", "zh": "只为停水通知", "en": "for cut-offs only"}
    faulty = admin.post("/consent-texts", form | {"en": " "})
    assert faulty.status_code == 422
    assert "只为停水通知" in faulty.text  # what was typed stays
    assert "新文字已生效" in press(admin, "/consent-texts", **form).text
    page = member.get(f"/households/{site.home}").text
    assert "只为停水通知" in page
    assert asked in page.partition("答复时的文字")[2]  # what was agreed to can be read still
    kept = admin.get("/consent-texts").text
    assert asked in kept.partition("以前的文字")[2]
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d · admin", kept)


PAGES = [
    ("household", "/households/{home}", {"member", "head", "resident"}),
    ("requests", "/requests", {"member", "head"}),
    ("erasures", "/erasures", {"head"}),
    ("redact", "/cases/{case}/redact", {"head"}),
    ("audit", "/audit", {"admin"}),
    ("texts", "/consent-texts", {"admin"}),
    ("own trail", "/me/trail", {"member", "head", "resident", "admin", "leader"}),
]


@pytest.mark.parametrize(("path", "allowed"), [page[1:] for page in PAGES], ids=[page[0] for page in PAGES])
def test_each_page_opens_for_whom_it_is_meant_and_asks_others_to_log_in(
    lite: Site, path: str, allowed: set[str]
) -> None:
    address = path.format(home=lite.home, case=lite.case)
    for name in ("member", "head", "resident", "admin", "leader"):
        assert lite.browser(name).get(address).status_code == (200 if name in allowed else 403), name
    assert Browser(lite.app).get(address).headers["Location"].startswith("/login")


def test_somebody_elses_household_is_not_there(lite: Site) -> None:
    resident = lite.browser("resident")
    assert resident.get(f"/households/{lite.asked}").status_code == 404
    for path, form in (
        ("answers", {"purpose": "registration", "status": "granted"}),
        ("erasure", {}),
    ):
        assert resident.post(f"/households/{lite.asked}/{path}", form).status_code == 404
    assert resident.post(f"/households/{lite.home}/visits", {"outcome": "granted"}).status_code == 403
    assert not lite.rows(select(Consent.id))


def test_no_name_of_a_mediator_or_reason_is_in_an_address_or_the_log(
    lite: Site, caplog: pytest.LogCaptureFixture
) -> None:
    member = lite.browser("member")
    form = {"outcome": "mediation", "mediator_kind": "police", "mediator": "示例丁"}
    answer = member.post(f"/households/{lite.asked}/visits", form)
    assert "示例丁" not in answer.headers["Location"]
    assert "示例丁" not in caplog.text
