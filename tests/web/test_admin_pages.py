"""Administrators keep accounts, people on duty, duties, tokens and settings; all of it leaves a record."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select
from werkzeug.test import TestResponse

from gisgrid.access.models import Account, AccountScope, AuditEntry, Duty, DutyKind, Role, Worker
from gisgrid.access.tokens import ApiPart
from gisgrid.cases.core.models import Category, WorkerSkill
from gisgrid.storage.base import new_id, valid_at
from gisgrid.workforce.models import Norm
from tests import world
from tests.web.browsing import Browser, add_account, services_of
from tests.web.conftest import Clock
from web.security.gate import access_by_endpoint

NORM = {
    "ok_from": "250",
    "ok_to": "450",
    "high_to": "550",
    "per_member": "500",
    "micro_from": "3",
    "micro_to": "6",
}
DISPUTE = {
    "name": "邻里纠纷",
    "name_en": "Neighbours",
    "group": "纠纷",
    "severity": "big",
    "net": "service",
}


class Site:
    """A community with a primary member in G1 and one in G2, and an administrator at a browser."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            self.community, self.areas = made.community, dict(made.areas)
            self.workers = {name: new_id() for name in ("王一", "王二", "王三")}
            session.add_all(
                Worker(id=worker, name=name, office_phone="0527-8000")
                for name, worker in self.workers.items()
            )
            session.flush()
            for name, grid in (("王一", "G1"), ("王二", "G2")):
                session.add(
                    Duty(
                        worker_id=self.workers[name],
                        area_id=made.areas[grid],
                        kind=DutyKind.GRID_MEMBER,
                        is_primary=True,
                        valid_from=world.START,
                    )
                )
        add_account(app, "admin", Role.ADMIN)
        self.admin = self.browser("admin")

    def browser(self, name: str, **more: str) -> Browser:
        found = Browser(self.app)
        assert found.log_in(name, **more).status_code == 303
        return found

    def rows(self, statement: Any) -> list[Any]:
        with services_of(self.app).database.read() as session:
            return list(session.scalars(statement))

    def account(self, name: str) -> str:
        return self.rows(select(Account.id).where(Account.name == name))[0]

    def primary(self, grid: str, at: datetime) -> list[str]:
        statement = select(Duty.worker_id).where(
            Duty.area_id == self.areas[grid], Duty.is_primary, valid_at(Duty, at)
        )
        names = {worker: name for name, worker in self.workers.items()}
        return [names[worker] for worker in self.rows(statement)]


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


@pytest.fixture
def lite(lite_app: OpenAPI) -> Site:
    return Site(lite_app)


def secret_of(answer: TestResponse) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', answer.text)
    assert found, answer.text[-2000:]
    return found.group(1)


def test_a_new_account_gets_a_one_time_password_that_must_be_changed(site: Site) -> None:
    form = {"name": "li", "role": "member", "worker": site.workers["王一"], "areas": "G2"}
    made = site.admin.post("/accounts", form)
    password = secret_of(made)
    assert password not in site.admin.get(f"/accounts/{site.account('li')}").text
    assert site.rows(select(AccountScope.area_id)) == [site.areas["G2"]]
    member = site.browser("li", password=password)
    assert member.get("/").headers["Location"] == "/me"
    assert member.get("/api/v1/areas").status_code == 403
    assert "一次性密码" in member.get("/me").text
    change = {"old": password, "password": "my own long one", "again": "my own long one"}
    assert member.post("/me/password", change).status_code == 303
    assert member.get("/").status_code == 200
    assert password not in str(site.rows(select(AuditEntry.details)))


def test_a_name_or_worker_that_is_taken_is_told_and_what_was_typed_stays(lite: Site) -> None:
    add_account(lite.app, "taken", Role.STAFF, worker_id=lite.workers["王一"])
    for form, told in (
        ({"name": "taken", "role": "staff"}, "这个账号名已经有了"),
        ({"name": "other", "role": "staff", "worker": lite.workers["王一"]}, "已有账号"),
        ({"name": "other", "role": "local"}, "没有这个角色"),
        ({"name": "other", "role": "staff", "areas": "Q9"}, "没有这个编码的区域"),
        ({"name": "Big Name", "role": "staff"}, "a-z"),
    ):
        answer = lite.admin.post("/accounts", form)
        assert answer.status_code == 422
        assert told in answer.text
        assert f'value="{form["name"]}"' in answer.text


def test_role_scope_and_disabling_end_sessions_and_leave_before_and_after(site: Site) -> None:
    add_account(site.app, "li", Role.MEMBER, worker_id=site.workers["王二"])
    li, path = site.browser("li"), f"/accounts/{site.account('li')}"
    assert site.admin.post(f"{path}/role", {"role": "staff"}).status_code == 303
    assert li.get("/me").status_code == 302
    assert "角色:网格员 → 网管员" in site.admin.get(path).text
    scope = {"worker": site.workers["王三"], "areas": "G1、G3"}
    assert site.admin.post(f"{path}/scope", scope).status_code == 303
    assert "范围:0 个 → 2 个" in site.admin.get(path).text
    assert site.rows(select(Account.worker_id).where(Account.name == "li")) == [site.workers["王三"]]
    li = site.browser("li")
    site.admin.post(f"{path}/disable")
    assert li.get("/me").status_code == 302
    site.admin.post(f"{path}/enable")
    li = site.browser("li")
    site.admin.post(f"{path}/sessions")
    assert li.get("/me").status_code == 302
    old = site.browser("li")
    fresh = secret_of(site.admin.post(f"{path}/password"))
    assert old.get("/me").status_code == 302
    site.browser("li", password=fresh)
    actions = site.rows(select(AuditEntry.action).where(AuditEntry.object_id == site.account("li")))
    assert {"account:role", "account:scope", "account:disable", "account:enable", "account:password"} <= {
        *actions
    }


def test_an_organisation_is_shown_by_its_name(site: Site) -> None:
    form = {"name": "wuye", "role": "property", "areas": "G1", "organisation": " 示例安居物业 "}
    password = secret_of(site.admin.post("/accounts", form))
    path = f"/accounts/{site.account('wuye')}"
    assert "示例安居物业" in site.admin.get("/accounts?q=安居").text
    assert site.admin.post(f"{path}/organisation", {"organisation": "示例惠邻物业"}).status_code == 303
    assert "单位名称:示例安居物业 → 示例惠邻物业" in site.admin.get(path).text
    assert site.admin.post(f"{path}/organisation", {"organisation": "名" * 101}).status_code == 422
    own = site.browser("wuye", password=password)
    change = {"old": password, "password": "my own long one", "again": "my own long one"}
    assert own.post("/me/password", change).status_code == 303
    assert "示例惠邻物业" in own.get("/cases/queue").text
    assert site.admin.post(f"{path}/role", {"role": "staff"}).status_code == 303
    assert site.rows(select(Account.organisation).where(Account.name == "wuye")) == [None]
    wrong = {"name": "other", "role": "staff", "organisation": "示例物业"}
    answer = site.admin.post("/accounts", wrong)
    assert answer.status_code == 422
    assert "只有物业公司和社会组织" in answer.text
    assert 'value="示例物业"' in answer.text


def test_the_right_to_instruct_is_set_and_shown_at_a_leaders_account(site: Site) -> None:
    page = site.admin.get("/accounts").text
    assert '<option value="">请选择</option>' in page.partition('id="new-role"')[2].partition("</select>")[0]
    assert site.admin.post("/accounts", {"name": "wang", "role": ""}).status_code == 422
    form = {"name": "wang", "role": "leader", "areas": "C1", "instruct": "1"}
    secret_of(site.admin.post("/accounts", form))
    path = f"/accounts/{site.account('wang')}"

    def is_ticked() -> bool:
        return 'name="instruct" value="1" checked' in site.admin.get(path).text

    assert is_ticked()
    assert site.admin.post(f"{path}/instruct", {}).status_code == 303
    assert not is_ticked()
    assert "批示权:是 → 否" in site.admin.get(path).text
    assert site.admin.post(f"{path}/instruct", {"instruct": "1"}).status_code == 303
    assert is_ticked()
    answer = site.admin.post("/accounts", {**form, "name": "li2", "role": "staff"})
    assert (answer.status_code, "只有街道领导" in answer.text) == (422, True)
    assert site.admin.post(f"{path}/role", {"role": "staff"}).status_code == 303
    assert 'id="instruct"' not in site.admin.get(path).text


def test_an_administrator_cannot_lock_the_own_account(lite: Site) -> None:
    path = f"/accounts/{lite.account('admin')}"
    for step, form in (("disable", {}), ("role", {"role": "staff"}), ("password", {})):
        assert lite.admin.post(f"{path}/{step}", form).status_code == 409
    assert lite.admin.get("/accounts").status_code == 200
    assert lite.admin.post(f"{path}/unknown").status_code == 400


def test_people_on_duty_are_added_and_changed_without_values_in_the_trail(site: Site) -> None:
    given = {
        "name": "赵示例",
        "code": "W9",
        "office_phone": "0527-1111",
        "birth_year": "1980",
        "education": "初中",
    }
    made = site.admin.post("/workers", given)
    path = made.headers["Location"]
    page = site.admin.post(path, given | {"office_phone": "0527-2222"}, follow_redirects=True)
    assert "0527-2222" in page.text
    assert "办公电话" in page.text.partition('id="history"')[2]
    details = str(site.rows(select(AuditEntry.details)))
    assert not [one for one in ("赵示例", "0527", "1980") if one in details]
    for wrong in (
        {"name": " "},
        {"name": "x" * 101},
        {"name": "x", "birth_year": "19"},
        {"name": "x", "code": "W9"},
    ):
        assert site.admin.post("/workers", wrong).status_code == 422
    assert "赵示例" in site.admin.get("/workers?q=W9").text
    assert "赵示例" not in site.admin.get("/workers?q=nobody").text


def test_a_primary_member_is_replaced_at_one_instant_and_never_missing(site: Site, clock: Clock) -> None:
    begin = {
        "area": "G1",
        "kind": "grid_member",
        "worker": site.workers["王三"],
        "first": "2026-11-24",
        "primary": "1",
    }
    refused = site.admin.post("/duties", begin)
    assert refused.status_code == 409
    assert "请勾选接替" in refused.text
    clock.turn(hours=1)
    assert site.admin.post("/duties", begin | {"replaces": "1"}).headers["Location"] == "/duties?area=G1"
    for at in (clock.now - timedelta(seconds=1), clock.now, clock.now + timedelta(days=400)):
        assert len(site.primary("G1", at)) == 1, at
    assert site.primary("G1", clock.now) == ["王三"]
    page = site.admin.get("/duties?area=G1").text
    assert "王一 → 王三" in page
    (duty,) = site.rows(select(Duty.id).where(Duty.worker_id == site.workers["王三"]))
    ended = site.admin.post(f"/duties/{duty}/end", {"area": "G1", "last": "2026-11-30"})
    assert ended.status_code == 409
    assert "有且只有一名" in ended.text


def test_a_duty_begins_and_ends_on_a_later_day(site: Site) -> None:
    later = {"area": "G2", "kind": "grid_member", "worker": site.workers["王三"], "first": "2026-12-01"}
    site.admin.post("/duties", later | {"primary": "1", "replaces": "1"})
    assert site.primary("G2", datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == ["王二"]
    assert site.primary("G2", datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == ["王三"]
    police = {"area": "G2", "kind": "community_police", "worker": site.workers["王一"], "first": "2026-11-24"}
    assert site.admin.post("/duties", police).status_code == 303
    assert site.admin.post("/duties", police).status_code == 409
    (duty,) = site.rows(select(Duty.id).where(Duty.kind == "community_police"))
    assert site.admin.post(f"/duties/{duty}/end", {"area": "G2", "last": "2026-11-23"}).status_code == 422
    assert site.admin.post(f"/duties/{duty}/end", {"area": "G2", "last": "2026-11-30"}).status_code == 303
    (until,) = site.rows(select(Duty.valid_to).where(Duty.id == duty))
    assert until == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)


def test_a_duty_is_refused_for_what_cannot_be(lite: Site) -> None:
    sound = {"area": "G3", "kind": "specialist", "worker": lite.workers["王三"], "first": "2026-11-24"}
    for wrong, status in (
        ({"area": "Q9"}, 404),
        ({"worker": "nobody"}, 422),
        ({"kind": "building_steward"}, 422),
        ({"first": "2026-11-23"}, 422),
        ({"first": "soon"}, 400),
        ({"primary": "1"}, 422),
    ):
        assert lite.admin.post("/duties", sound | wrong).status_code == status, wrong


def test_the_map_of_duties_shows_who_is_responsible(lite: Site) -> None:
    with services_of(lite.app).database.write() as session:
        held = {"kind": DutyKind.GRID_SUPERVISOR, "is_primary": True, "valid_from": world.START}
        session.add(Duty(worker_id=lite.workers["王三"], area_id=lite.areas["G1"], **held))
    found = lite.admin.get("/api/v1/duties").json
    members = {one["properties"]["code"]: one["properties"]["member"] for one in found["features"]}
    assert members == {"G1": "王一", "G2": "王二", "G3": None, "G4": None}
    assert "空缺" in lite.admin.get("/duties").text


def test_norm_and_categories_are_changed_with_before_and_after(site: Site) -> None:
    assert site.admin.post("/settings/norm", NORM | {"ok_from": "900"}).status_code == 422
    assert site.admin.post("/settings/norm", NORM | {"ok_from": "x"}).status_code == 422
    assert site.admin.post("/settings/norm", NORM).status_code == 303
    assert site.rows(select(Norm.ok_from)) == [250]
    assert site.admin.post("/settings/categories", DISPUTE | {"confidential": "1"}).status_code == 303
    assert site.admin.post("/settings/categories", DISPUTE).status_code == 422
    (code,) = site.rows(select(Category.code).where(Category.name == "邻里纠纷"))
    assert site.admin.post(f"/settings/categories/{code}", DISPUTE | {"closed": "1"}).status_code == 303
    page = site.admin.get("/settings").text
    assert "最少户数:300 → 250" in page
    assert "保密:是 → 否" in page
    assert "停用:否 → 是" in page
    listed = [row["code"] for row in site.admin.get("/api/v1/categories").json["rows"]]
    assert code not in listed


@pytest.mark.parametrize("left", ["severity", "net"])
def test_weight_and_net_of_a_new_category_are_said_by_somebody(site: Site, left: str) -> None:
    page = site.admin.get("/settings").text
    (form,) = re.findall(r'<form action="/settings/categories" .*?</form>', page, re.DOTALL)
    (asked,) = re.findall(rf'<select name="{left}".*?</select>', form, re.DOTALL)
    assert " selected" not in asked
    assert re.match(rf'<select name="{left}" required><option value="">', asked)
    assert site.admin.post("/settings/categories", DISPUTE | {left: ""}).status_code == 422
    assert site.rows(select(Category.code).where(Category.name == "邻里纠纷")) == []


def test_a_token_is_limited_listed_and_revoked(site: Site) -> None:
    add_account(site.app, "head", Role.HEAD, area_id=site.community)
    path = f"/accounts/{site.account('head')}"
    form = {"label": "每日导出", "days": "30", "parts": "maps"}
    token = secret_of(site.admin.post(f"{path}/tokens", form))
    headers = {"Authorization": f"Bearer {token}"}
    client = site.app.test_client()
    asked = {
        "areas": client.get("/api/v1/areas", headers=headers),
        "me": client.get("/api/v1/me", headers=headers),
        "cases": client.get("/api/v1/cases", headers=headers),
        "plans": client.post("/api/v1/plans", json={"name": "x"}, headers=headers),
        "locate": client.post("/api/v1/locate", json={"points": []}, headers=headers),
        "page": client.get("/audit", headers=headers),
    }
    statuses = {name: answer.status_code for name, answer in asked.items()}
    assert statuses == {"areas": 200, "me": 200, "cases": 403, "plans": 403, "locate": 200, "page": 403}
    head = site.browser("head")
    own = head.get("/me").text
    assert "每日导出" in own
    assert token not in own
    (revoke,) = re.findall(r'action="(/me/tokens/[^"]+)"', own)
    assert site.browser("admin").post(revoke).status_code == 303  # an administrator may as well
    assert client.get("/api/v1/areas", headers=headers).status_code == 401
    page = site.admin.get(path).text
    assert "已停用" in page
    record = page.partition('id="history"')[2]
    assert ("新建令牌" in record, "停用令牌" in record) == (True, True)


def test_a_token_that_only_reads_writes_nothing(lite: Site) -> None:
    add_account(lite.app, "head", Role.HEAD, area_id=lite.community)
    path = f"/accounts/{lite.account('head')}/tokens"
    client = lite.app.test_client()
    reads, writes = (
        {"Authorization": f"Bearer {secret_of(lite.admin.post(path, {'label': 'x', 'days': '1', **more}))}"}
        for more in ({}, {"write": "1"})
    )
    assert client.get("/api/v1/plans", headers=reads).status_code == 200
    assert client.post("/api/v1/plans", json={"name": "x"}, headers=reads).status_code == 403
    assert client.post("/api/v1/plans", json={"name": "x"}, headers=writes).status_code == 201
    for days in ("0", "x", "", "99999"):
        assert lite.admin.post(path, {"label": "x", "days": days}).status_code == 422
    assert lite.admin.post(path, {"label": "x", "days": "1", "parts": "all"}).status_code == 400


def test_somebody_elses_token_is_not_there(lite: Site) -> None:
    for name in ("one", "two"):
        add_account(lite.app, name, Role.STAFF)
    path = f"/accounts/{lite.account('one')}/tokens"
    lite.admin.post(path, {"label": "x", "days": "1"})
    (token,) = re.findall(r'action="(/me/tokens/[^"]+)"', lite.browser("one").get("/me").text)
    assert lite.browser("two").post(token).status_code == 404


def test_every_part_of_the_interface_belongs_to_a_part_of_tokens(lite: Site) -> None:
    for endpoint, access in access_by_endpoint(lite.app).items():
        blueprint = endpoint.split(".")[0]
        is_interface = blueprint.startswith("api_") or blueprint == "open311"
        opens_all = blueprint in {"api_me", "api_document"}
        assert len(access.parts) == (len(ApiPart) if opens_all else is_interface), endpoint


def test_levels_are_named_on_the_page_and_the_names_stand_in_the_filters(site: Site) -> None:
    page = site.admin.get("/settings").text
    form = dict.fromkeys(re.findall(r'name="(\w+\.is_used)"', page), "1")
    assert len(form) == 6
    del form["compound.is_used"]
    form |= {"sub_area.name": "责任片", "sub_area.name_en": "Patch", "reason": "本地叫法"}
    assert site.admin.post("/settings/levels", form).status_code == 303
    told = site.admin.get("/settings").text
    assert "本地叫法" in told
    assert "片区:片区 → 责任片" in told
    assert "小区:不用" in told
    add_account(site.app, "staff", Role.STAFF, area_id=site.community)
    staff = site.browser("staff")
    level = re.search(r'<select name="level">(.*?)</select>', staff.get("/maps/hotspots").text, re.DOTALL)
    assert level
    assert re.findall(r">([^<>]+)</option>", level.group(1)) == ["网格", "微网格", "责任片"]
    assert staff.get("/api/v1/levels").json["rows"][2]["name_en"] == "Patch"
    refused = site.admin.post("/settings/levels", {**form, "grid.is_used": "0", "reason": "试"})
    assert refused.status_code == 422
    assert "网格 · 启用:“网格”这一层级总要有,不能停用" in refused.text
    assert 'value="责任片"' in refused.text


def test_net_line_and_skill_of_a_category_are_set_and_what_a_worker_can_do(site: Site) -> None:
    more = {"net": "service", "line_name": "司法所", "line_code": "SF", "skill": "调解"}
    assert site.admin.post("/settings/categories", DISPUTE | more).status_code == 303
    (row,) = site.rows(select(Category).where(Category.name == "邻里纠纷"))
    assert (row.net, row.line_name, row.line_code, row.skill) == ("service", "司法所", "SF", "调解")
    refused = site.admin.post(f"/settings/categories/{row.code}", DISPUTE | {"net": "third"})
    assert (refused.status_code, "没有这张网" in refused.text) == (422, True)
    back = {"net": "management", "line_name": "", "line_code": "", "skill": "调解"}
    assert site.admin.post(f"/settings/categories/{row.code}", DISPUTE | back).status_code == 303
    told = site.admin.get("/settings").text
    assert "双网:服务网 → 管理网" in told
    assert "条线部门:司法所 → –" in told
    path = f"/workers/{site.workers['王三']}"
    assert 'value="调解"' in site.admin.get(path).text
    assert site.admin.post(f"{path}/skills", {"skill": "调解", "more": "电工, 手语"}).status_code == 303
    assert site.rows(select(WorkerSkill.skill).order_by(WorkerSkill.skill)) == ["手语", "电工", "调解"]
    assert "手语、电工、调解" in site.admin.get(path).text
    assert site.admin.post(f"{path}/skills", {"more": "x" * 41}).status_code == 422
    assert site.admin.post(f"{path}/skills", {}).status_code == 303
    assert not site.rows(select(WorkerSkill.skill))
