"""Role by page by method on the demo: one table, which fails when a page is missing from it."""

from __future__ import annotations

import html
import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from gisgrid.access.actors import load_actor
from gisgrid.access.models import Account, AccountScope, Role, Worker
from gisgrid.areas.models import Area, Level
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.mediation.clues import Clue, clue_buildings, report_clue
from gisgrid.indicators.evaluation.models import EvaluationSample
from gisgrid.people.core.erasure_rules import ErasureState
from gisgrid.people.core.models import ErasureRequest, Resident, ServiceContract
from gisgrid.places.models import Household
from gisgrid.redraw.plans.models import Plan
from gisgrid.settings import Settings
from gisgrid.storage.base import new_id
from tests.conftest import NOW
from tests.demo_files import PASSWORD
from tests.web.browsing import Browser, Reader, services_of
from tests.web.test_any_query import ODD, VALUES
from web.answers import open_view
from web.app import create_app

R = Role
NAMES: Final[dict[Role | None, str]] = {
    None: "",
    R.ADMIN: "admin",
    R.HEAD: "head",
    R.STAFF: "staff",
    R.MEMBER: "member01",
    R.GRID_LEADER: "grid_leader01",
    R.STEWARD: "steward01",
    R.LEADER: "leader",
    R.PROPERTY: "property01",
    R.ORG: "org01",
    R.EVALUATOR: "evaluator",
    R.RESIDENT: "resident01",
}
ALL = frozenset(role for role in NAMES if role)
EVERYBODY = ALL | {None}
NONE: Final[frozenset[Role | None]] = frozenset()
GRID = frozenset({R.HEAD, R.STAFF, R.MEMBER})
MAPS = GRID | {R.LEADER, R.GRID_LEADER, R.STEWARD}
FIGURES = GRID | {R.LEADER}
CHECKED = frozenset({R.HEAD, R.LEADER, R.EVALUATOR})
ADMIN = frozenset({R.ADMIN})
DRAWING = frozenset({R.HEAD, R.STAFF})
SEEING = DRAWING | {R.LEADER}
CASES = MAPS | {R.RESIDENT}
TOLD = MAPS | {R.ADMIN, R.PROPERTY, R.ORG}
FOLLOWING = EVERYBODY - {R.ADMIN, R.EVALUATOR}
HOME = GRID | {R.RESIDENT}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Who gets an answer, who has the right but not this thing (404); what is sent; how an answer looks.

    ``statuses`` come from the work behind the door: the first who may settles the thing for the next.
    ``leads`` are roles that are led to another page instead.
    """

    roles: frozenset[Role | None]
    without: frozenset[Role | None] = NONE
    leads: frozenset[Role | None] = NONE
    form: dict[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = (200,)


def sent(roles: frozenset[Role | None], *, after: tuple[int, ...] = (), **form: str) -> Cell:
    """A form, answered by leading to a page."""
    return Cell(roles=roles, form=form, statuses=(303, *after))


TABLE: Final[dict[tuple[str, str], Cell]] = {
    ("GET", "/"): Cell(roles=ALL),
    ("GET", "/accounts"): Cell(roles=ADMIN),
    ("POST", "/accounts"): Cell(roles=ADMIN, form={"name": "Not a name", "role": "staff"}, statuses=(422,)),
    ("GET", "/accounts/<account_id>"): Cell(roles=ADMIN),
    ("POST", "/accounts/<account_id>/<step>"): sent(ADMIN),
    ("POST", "/accounts/<account_id>/tokens/<token_id>/revoke"): Cell(roles=NONE, without=ADMIN),
    ("GET", "/organisations"): Cell(roles=SEEING | {R.PROPERTY, R.ORG}),
    ("GET", "/buildings/<building_id>/doors"): Cell(roles=GRID, without=frozenset({R.STEWARD})),
    ("GET", "/settings/tasks"): Cell(roles=frozenset({R.HEAD})),
    ("POST", "/settings/tasks"): Cell(roles=frozenset({R.HEAD}), form={"form": "none"}, statuses=(422,)),
    ("POST", "/settings/tasks/<code>"): Cell(roles=NONE, without=frozenset({R.HEAD})),
    ("GET", "/outward"): Cell(roles=GRID),
    ("POST", "/outward"): Cell(roles=DRAWING, form={"title": "x"}, statuses=(422,)),
    ("GET", "/outward/<code>"): Cell(roles=NONE, without=GRID),
    ("POST", "/outward/<code>/sheets"): Cell(roles=NONE, without=DRAWING),
    ("POST", "/outward/<code>/file"): Cell(roles=NONE, without=GRID, form={"reason": "核对"}),
    ("POST", "/outward/<code>/approvals"): Cell(roles=NONE, without=GRID, form={"reason": "核对"}),
    ("POST", "/outward/<code>/approvals/<approval_id>"): Cell(roles=NONE, without=DRAWING),
    ("POST", "/outward/<code>/close"): Cell(roles=NONE, without=DRAWING),
    ("GET", "/rounds"): Cell(roles=FIGURES),
    ("GET", "/rounds/<round_id>"): Cell(roles=NONE, without=FIGURES),
    ("GET", "/work"): Cell(roles=GRID | {R.GRID_LEADER, R.STEWARD}),
    ("GET", "/records"): Cell(roles=GRID | {R.GRID_LEADER, R.STEWARD}),
    ("GET", "/records/figures"): Cell(roles=FIGURES),
    ("GET", "/records/export"): Cell(roles=GRID | {R.GRID_LEADER, R.STEWARD}),
    ("POST", "/records/export"): Cell(
        roles=NONE, without=GRID | {R.GRID_LEADER, R.STEWARD}, form={"form": "none", "reason": "核对"}
    ),
    ("GET", "/records/map"): Cell(roles=GRID | {R.GRID_LEADER, R.STEWARD}),
    ("GET", "/records/<record_id>"): Cell(roles=NONE, without=GRID | {R.GRID_LEADER, R.STEWARD}),
    ("GET", "/clashes"): Cell(roles=GRID),
    ("GET", "/forms"): Cell(roles=MAPS | ADMIN),
    ("GET", "/forms/<code>"): Cell(roles=NONE, without=MAPS),
    ("GET", "/forms/<code>/fill"): Cell(roles=NONE, without=GRID | {R.GRID_LEADER, R.STEWARD}),
    ("GET", "/elders"): Cell(roles=GRID),
    ("POST", "/elders"): Cell(roles=GRID, form={"reason": "核对"}),
    ("GET", "/persons/<resident_id>/plan"): Cell(roles=GRID),
    ("POST", "/persons/<resident_id>/plan"): Cell(roles=GRID, form={"reason": "核对"}),
    ("GET", "/needs"): Cell(roles=GRID),
    ("POST", "/needs"): Cell(roles=GRID, form={"reason": "核对"}),
    ("POST", "/elders/file"): Cell(roles=GRID, form={"reason": "核对"}),
    ("GET", "/appraisals"): Cell(roles=frozenset({R.HEAD, R.MEMBER, R.EVALUATOR})),
    ("POST", "/appraisals/marks"): Cell(
        roles=NONE, without=frozenset({R.EVALUATOR}), form={"worker": "x", "month": "2026-10", "mark": "50"}
    ),
    ("POST", "/appraisals/appeals"): sent(frozenset({R.MEMBER}), month="2026-10", reason="不对"),
    ("POST", "/appraisals/appeals/<appeal_id>"): Cell(
        roles=NONE, without=frozenset({R.HEAD}), form={"month": "2026-10", "answer": "属实"}
    ),
    ("POST", "/appraisals/share"): sent(frozenset({R.HEAD}), month="2026-11", share="40"),
    ("GET", "/evaluations"): Cell(roles=CHECKED),
    ("POST", "/evaluations"): Cell(
        roles=frozenset({R.HEAD}),
        form={"first_day": "2026-11-01", "last_day": "2026-10-01", "size": "5"},
        statuses=(422,),
    ),
    ("GET", "/evaluations/<sample_id>"): Cell(roles=CHECKED),
    ("POST", "/evaluations/<sample_id>/rows/<int:place>"): sent(
        frozenset({R.EVALUATOR}), result="partly", score="3", note="有积水"
    ),
    ("GET", "/audit"): Cell(roles=frozenset({R.ADMIN})),
    ("GET", "/health"): Cell(roles=ADMIN),
    ("GET", "/cases"): Cell(roles=CASES),
    ("GET", "/maps/cases"): Cell(roles=CASES),
    ("GET", "/cases/<case_id>"): Cell(roles=FIGURES, without=CASES - FIGURES),
    ("GET", "/cases/paste"): Cell(roles=GRID),
    ("POST", "/cases/paste"): Cell(roles=GRID, form={"message": "路灯不亮"}),
    ("POST", "/cases/paste/keep"): Cell(roles=GRID, form={"description": "", "key": "k"}, statuses=(422,)),
    ("GET", "/cases/<case_id>/position"): Cell(roles=GRID, without=NONE),
    ("GET", "/households/<household_id>/position"): Cell(roles=GRID),
    ("GET", "/cases/<case_id>/photos/<photo_id>"): Cell(roles=NONE, without=CASES),
    ("GET", "/cases/queue"): Cell(roles=frozenset({R.PROPERTY, R.ORG})),
    ("POST", "/cases/queue/<errand_id>/<step>"): Cell(roles=NONE, without=frozenset({R.PROPERTY, R.ORG})),
    ("GET", "/cases/<case_id>/entrust"): Cell(roles=DRAWING),
    ("POST", "/cases/<case_id>/entrust"): Cell(roles=DRAWING, form={"text": ""}, statuses=(409, 422)),
    ("POST", "/cases/<case_id>/entrust/<errand_id>/withdraw"): Cell(roles=NONE, without=DRAWING),
    ("GET", "/cases/<case_id>/public"): Cell(roles=DRAWING),
    ("POST", "/cases/<case_id>/public"): sent(DRAWING, text="垃圾已清运"),
    ("GET", "/cases/<case_id>/redact"): Cell(roles=frozenset({R.HEAD})),
    ("POST", "/cases/<case_id>/redact"): sent(frozenset({R.HEAD}), texts="description"),
    ("GET", "/cases/new"): Cell(roles=CASES, leads=EVERYBODY - CASES),
    ("GET", "/consent-texts"): Cell(roles=frozenset({R.ADMIN})),
    ("POST", "/consent-texts"): sent(
        frozenset({R.ADMIN}), purpose="contact", zh="只为通知", en="for notices"
    ),
    ("GET", "/disputes"): Cell(roles=GRID),
    ("GET", "/disputes/figures"): Cell(roles=GRID),
    ("GET", "/disputes/new"): Cell(roles=GRID),
    ("POST", "/disputes/new"): Cell(roles=GRID, form={"text": ""}, statuses=(422,)),
    ("GET", "/disputes/<dispute_id>"): Cell(roles=GRID),
    ("POST", "/disputes/<dispute_id>/<dispute_step>"): sent(GRID, text="听说还在吵"),
    ("GET", "/mediators"): Cell(roles=DRAWING),
    ("POST", "/mediators"): Cell(roles=DRAWING, form={"worker": "none"}, statuses=(422,)),
    ("POST", "/mediators/<worker_id>/drop"): Cell(roles=NONE, without=DRAWING),
    ("GET", "/settings/disputes"): Cell(roles=frozenset({R.HEAD})),
    ("POST", "/settings/disputes"): Cell(
        roles=frozenset({R.HEAD}), form={"general.name": ""}, statuses=(422,)
    ),
    ("GET", "/duties"): Cell(roles=ADMIN | {R.HEAD}),
    ("POST", "/duties"): Cell(
        roles=ADMIN | {R.HEAD},
        form={"area": "none", "kind": "specialist", "worker": "none", "first": "2026-11-25"},
        statuses=(404,),
    ),
    ("POST", "/duties/<duty_id>/end"): Cell(
        roles=ADMIN | {R.HEAD}, form={"area": "", "last": "2026-11-25"}, statuses=(404,)
    ),
    ("GET", "/m/"): Cell(roles=EVERYBODY),
    ("GET", "/m/sw.js"): Cell(roles=EVERYBODY),
    ("GET", "/m/words/<lang>.json"): Cell(roles=NONE, without=EVERYBODY),
    ("GET", "/m/manifest.webmanifest"): Cell(roles=EVERYBODY),
    ("GET", "/devices"): Cell(roles=DRAWING | ADMIN | {R.MEMBER, R.STEWARD}),
    ("POST", "/devices/<device_id>/stop"): Cell(
        roles=NONE, without=DRAWING | ADMIN | {R.MEMBER, R.STEWARD}, form={"reason": "x"}
    ),
    ("GET", "/erasures"): Cell(roles=frozenset({R.HEAD})),
    ("POST", "/erasures/<request_id>"): sent(
        frozenset({R.HEAD}), decision="decline", reason="案件未结", after=(409,)
    ),
    ("GET", "/exports"): Cell(roles=MAPS),
    ("GET", "/exports/<layer>/<format>"): Cell(roles=MAPS),
    ("GET", "/imports"): Cell(roles=DRAWING | ADMIN),
    ("GET", "/imports/<upload_id>"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("GET", "/imports/<upload_id>/report.csv"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("GET", "/imports/<upload_id>/shapes.json"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("GET", "/imports/<upload_id>/state.json"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("POST", "/imports"): Cell(roles=DRAWING | ADMIN, statuses=(422,)),
    ("POST", "/imports/<import_id>/undo"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("POST", "/imports/<upload_id>/check"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("POST", "/imports/<upload_id>/start"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("POST", "/imports/<upload_id>/stop"): Cell(roles=NONE, without=DRAWING | ADMIN),
    ("GET", "/find"): Cell(roles=MAPS),
    ("GET", "/history"): Cell(roles=FIGURES),
    ("GET", "/definitions"): Cell(roles=ALL),
    ("GET", "/indicators"): Cell(roles=FIGURES),
    ("GET", "/households/<household_id>"): Cell(roles=HOME),
    ("POST", "/households/<household_id>/answers"): sent(
        HOME, purpose="contact", status="granted", after=(409,)
    ),
    ("POST", "/households/<household_id>/erasure"): sent(HOME, after=(409,)),
    ("POST", "/households/<household_id>/erasure/<request_id>/take-back"): sent(HOME, after=(409,)),
    ("GET", "/contracts"): Cell(roles=frozenset({R.PROPERTY, R.ORG})),
    ("GET", "/households/<household_id>/contracts"): Cell(roles=GRID),
    ("POST", "/households/<household_id>/contracts"): Cell(
        roles=GRID,
        form={"resident": "none", "account": "none", "service": "meals"},
        statuses=(404,),
    ),
    ("POST", "/households/<household_id>/contracts/<contract_id>/end"): sent(GRID, after=(409,)),
    ("POST", "/households/<household_id>/visits"): sent(GRID, outcome="not_met", after=(409,)),
    ("POST", "/language"): sent(EVERYBODY, lang="zh"),
    ("GET", "/login"): Cell(roles=frozenset({None}), leads=ALL),
    ("POST", "/login"): Cell(roles=EVERYBODY, form={"username": "x", "password": "x"}, statuses=(401, 429)),
    ("POST", "/households/<household_id>/verified"): sent(GRID),
    ("GET", "/maps/completeness"): Cell(roles=FIGURES),
    ("GET", "/maps/elderly"): Cell(roles=FIGURES),
    ("GET", "/maps/needs"): Cell(roles=FIGURES),
    ("GET", "/maps/hotspots"): Cell(roles=FIGURES),
    ("GET", "/maps/territories"): Cell(roles=FIGURES),
    ("GET", "/me"): Cell(roles=ALL),
    ("GET", "/me/household"): Cell(roles=NONE, without=ALL - {R.RESIDENT}, leads=frozenset({R.RESIDENT})),
    ("POST", "/me/password"): Cell(roles=ALL, form={"old": "", "password": "x"}, statuses=(422,)),
    ("POST", "/me/pin"): Cell(roles=frozenset({R.MEMBER, R.STEWARD}), form={"pin": "1"}, statuses=(422,)),
    ("POST", "/me/sessions/end-others"): sent(ALL),
    ("POST", "/me/tokens/<token_id>/revoke"): Cell(roles=NONE, without=ALL),
    ("GET", "/me/trail"): Cell(roles=ALL),
    ("GET", "/notices"): Cell(roles=TOLD),
    ("POST", "/notices/<notice_id>/read"): Cell(roles=NONE, without=TOLD),
    ("POST", "/notices/read"): sent(TOLD, until="2026-11-24T10:00:00+08:00"),
    ("GET", "/redraw"): Cell(roles=SEEING),
    ("GET", "/redraw/plans/<plan_id>/handover"): Cell(roles=DRAWING, without=frozenset({R.MEMBER})),
    ("GET", "/doors"): Cell(roles=GRID),
    ("GET", "/my-grid"): Cell(roles=EVERYBODY),
    ("GET", "/receipt"): Cell(roles=FOLLOWING),
    ("POST", "/receipt"): Cell(roles=NONE, without=FOLLOWING, form={"receipt": "7KQ2-M9TA-WX4P"}),
    ("POST", "/receipt/rate"): Cell(roles=NONE, without=FOLLOWING, form={"receipt": "7KQ2-M9TA-WX4P"}),
    ("POST", "/receipt/reopen"): Cell(roles=NONE, without=FOLLOWING, form={"receipt": "7KQ2-M9TA-WX4P"}),
    ("GET", "/report"): Cell(roles=EVERYBODY),
    ("GET", "/requests"): Cell(roles=GRID),
    ("GET", "/settings"): Cell(roles=ADMIN | {R.HEAD}),
    ("POST", "/settings/levels"): Cell(
        roles=ADMIN | {R.HEAD}, form={"grid.is_used": "0", "reason": "try"}, statuses=(422,)
    ),
    ("POST", "/settings/norm"): Cell(roles=ADMIN | {R.HEAD}, form={"ok_from": "x"}, statuses=(422,)),
    ("GET", "/settings/limits"): Cell(roles=ADMIN | {R.HEAD}),
    ("POST", "/settings/limits"): Cell(roles=ADMIN | {R.HEAD}, form={"holidays": "x"}, statuses=(422,)),
    ("POST", "/settings/limits/days"): Cell(roles=ADMIN | {R.HEAD}, form={"day": "x"}, statuses=(422,)),
    ("POST", "/settings/limits/days/<day>/drop"): Cell(roles=NONE, without=ADMIN | {R.HEAD}),
    ("POST", "/settings/categories"): Cell(roles=ADMIN, form={"name": ""}, statuses=(422,)),
    ("POST", "/settings/categories/<code>"): Cell(roles=NONE, without=ADMIN),
    ("GET", "/backgrounds"): Cell(roles=ADMIN),
    ("POST", "/backgrounds"): Cell(roles=ADMIN, form={"name": "x"}, statuses=(422,)),
    ("POST", "/backgrounds/<image_id>/publish"): Cell(roles=NONE, without=ADMIN),
    ("POST", "/backgrounds/<image_id>/remove"): Cell(roles=NONE, without=ADMIN),
    ("POST", "/backgrounds/<image_id>/restore"): Cell(roles=NONE, without=ADMIN),
    ("GET", "/backgrounds/uploads/<upload_id>"): Cell(roles=NONE, without=ADMIN),
    ("GET", "/backgrounds/uploads/<upload_id>/state.json"): Cell(roles=NONE, without=ADMIN),
    ("POST", "/backgrounds/uploads/<upload_id>/check"): Cell(roles=NONE, without=ADMIN),
    ("POST", "/backgrounds/uploads/<upload_id>/start"): Cell(roles=NONE, without=ADMIN),
    ("POST", "/backgrounds/uploads/<upload_id>/stop"): Cell(roles=NONE, without=ADMIN),
    ("GET", "/webhooks"): Cell(roles=ADMIN),
    ("POST", "/webhooks"): Cell(roles=ADMIN, form={"label": ""}, statuses=(422,)),
    ("POST", "/webhooks/<hook_id>/stop"): Cell(roles=NONE, without=ADMIN),
    ("POST", "/webhooks/<hook_id>/try"): Cell(roles=NONE, without=ADMIN),
    ("GET", "/workers"): Cell(roles=ADMIN),
    ("POST", "/workers"): Cell(roles=ADMIN, form={"name": ""}, statuses=(422,)),
    ("GET", "/workers/<worker_id>"): Cell(roles=ADMIN),
    ("POST", "/workers/<worker_id>"): Cell(roles=ADMIN, form={"name": ""}, statuses=(422,)),
    ("POST", "/workers/<worker_id>/skills"): sent(ADMIN, more="调解"),
    ("POST", "/login/pin"): Cell(roles=EVERYBODY, form={"pin": "1"}, statuses=(401, 429)),
    ("POST", "/logout"): sent(EVERYBODY),
}
UNGUARDED: Final = ("/static/", "/api/", "/open311/", "/healthz", "/favicon.ico")
"""Files, the interfaces for programs (they have tables of their own), and what a watchdog asks."""


class Site:
    """The demo with somebody of every role at a browser, and one thing of every kind in member01's grid."""

    def __init__(self, app: OpenAPI) -> None:
        self.app = app
        with services_of(app).database.write() as session:
            member = session.scalars(select(Account.id).where(Account.name == "member01")).one()
            found, actor = services_of(app), load_actor(session, member, now=NOW)
            assert actor is not None
            view = open_view(session, actor, ViewRequest(), caches=found.cache, now=NOW, tz=found.settings.tz)
            own = select(Household).where(
                Household.cell_id.in_(view.own_cells), Household.consent == "granted"
            )
            home = session.scalars(own.order_by(Household.fid)).first()
            assert home is not None
            resident = select(Account.id).where(Account.name == "resident01").scalar_subquery()
            scopes = select(AccountScope).where(
                AccountScope.account_id == resident, AccountScope.household_id.is_not(None)
            )
            session.scalars(scopes).one().household_id = home.id
            case = session.scalars(
                select(Case.id)
                .join(Category, Category.code == Case.category_code)
                .where(Case.cell_id.in_(view.own_cells), Category.is_confidential.is_(False))
                .order_by(Case.fid)
            ).first()
            noted = Clue(
                category="neighbour_dispute", building=clue_buildings(view)[0]["id"], text="楼道里争吵"
            )
            quarrel = report_clue(view, noted, caches=found.cache, now=NOW, tz=found.settings.tz)
            plan = session.scalars(select(Plan.id).order_by(Plan.created_at)).first()
            self.things = {
                "household_id": home.id,
                "building_id": home.building_id,
                "case_id": case,
                "dispute_id": quarrel.id,
                "dispute_step": "note",
                "plan_id": plan,
                "notice_id": "none",
                "token_id": "none",
                "duty_id": "none",
            }
            evaluator = session.scalars(select(Account.id).where(Account.name == "org02")).one()
            worker = session.scalars(select(Worker.id).order_by(Worker.id)).first()
            self.things |= {"account_id": evaluator, "step": "sessions", "code": "none", "worker_id": worker}
            resident = session.scalars(select(Resident.id).where(Resident.household_id == home.id)).first()
            contract = ServiceContract(
                id=new_id(),
                account_id=evaluator,
                resident_id=resident,
                service="meals",
                from_day=NOW.date(),
                made_at=NOW,
            )
            session.add(contract)
            grown = select(Resident.id).where(Resident.household_id == home.id).order_by(Resident.birth_date)
            self.things |= {"day": "2026-10-01", "contract_id": contract.id}
            self.things["resident_id"] = session.scalars(grown).first()
            self.things |= {"layer": "areas", "format": "csv", "upload_id": "none", "import_id": "none"}
            self.things |= {"hook_id": "none", "photo_id": "none", "approval_id": "none"}
            self.things |= {"int:place": "1", "sample_id": session.scalars(select(EvaluationSample.id)).one()}
        self.browsers: dict[Role | None, Browser] = {}
        self.tokens: dict[Role | None, str] = {}
        for role in NAMES:
            self.log_in(role)

    def log_in(self, role: Role | None) -> None:
        """A fresh browser of a role, with the token of its forms."""
        browser = Browser(self.app)
        if role is not None:
            assert browser.log_in(NAMES[role], PASSWORD).status_code == 303, role
        self.browsers[role], self.tokens[role] = browser, browser.token()

    def path(self, rule: str) -> str:
        """The rule with the thing there is of its kind; a request to be erased always waits."""
        if "<request_id>" in rule:
            rule = rule.replace("<request_id>", self.waiting_request())
        for name, thing in self.things.items():
            rule = rule.replace(f"<{name}>", thing or "none")
        return rule

    def waiting_request(self) -> str:
        """A request of the household that nobody has decided yet; the one there is, or a new one."""
        with services_of(self.app).database.write() as session:
            waiting = select(ErasureRequest.id).where(ErasureRequest.state == ErasureState.ASKED)
            found = session.scalar(waiting)
            if found is not None:
                return found
            community = session.scalars(select(Area.id).where(Area.level == Level.COMMUNITY)).one()
            row = ErasureRequest(
                id=new_id(),
                community_id=community,
                household_id=self.things["household_id"],
                state=ErasureState.ASKED,
                asked_at=NOW,
            )
            session.add(row)
            return row.id

    def ask(self, role: Role | None, method: str, path: str, form: dict[str, str]) -> TestResponse:
        browser = self.browsers[role]
        if method == "GET":
            return browser.get(path)
        filled = {"csrf_token": self.tokens[role], **form}
        return browser.client.open(path, method=method, data=filled, headers={"Referer": browser.base + "/"})


@pytest.fixture(scope="module")
def site(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all cells: each asks once and is told."""
    folder = tmp_path_factory.mktemp("rights")
    for name in ("demo.sqlite", "keys.json"):
        shutil.copy(demo_template.with_name(name), folder / name)
    url = f"sqlite:///{folder / 'demo.sqlite'}"
    app = create_app(Settings(database_url=url, key_file=folder / "keys.json"), clock=lambda: NOW)
    app.testing = True
    app.test_client_class = Reader
    app.config["RATELIMIT_ENABLED"] = False
    yield Site(app)
    services_of(app).database.close()


def pages(app: OpenAPI) -> dict[str, set[str]]:
    """Every page with its methods."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if not str(rule).startswith(UNGUARDED):
            found.setdefault(str(rule), set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return found


def test_the_table_holds_every_page(site: Site) -> None:
    there = {(method, rule) for rule, methods in pages(site.app).items() for method in methods}
    assert not there - set(TABLE), f"add these pages to the table: {sorted(there - set(TABLE))}"
    assert not set(TABLE) - there


@pytest.mark.parametrize(("method", "rule"), list(TABLE), ids=[f"{method} {rule}" for method, rule in TABLE])
def test_each_role_gets_what_the_table_says_of_a_page(site: Site, method: str, rule: str) -> None:
    cell = TABLE[method, rule]
    for role in NAMES:
        answer = site.ask(role, method, site.path(rule), cell.form)
        leads = answer.headers.get("Location", "")
        told = (role, answer.status_code, leads, answer.text[-300:])
        if role in cell.roles:
            assert answer.status_code in cell.statuses, told
        elif role in cell.without:
            assert answer.status_code == 404, told
        elif role in cell.leads:
            assert (answer.status_code, leads.startswith("/login")) == (302, False), told
        elif role is None:
            expected = (401, False) if rule.endswith((".json", ".csv")) else (302, True)
            assert (answer.status_code, leads.startswith("/login")) == expected, told
        else:
            assert answer.status_code == 403, told
        if rule in {"/logout", "/login/pin"}:
            site.log_in(role)


def test_no_page_takes_another_method(site: Site) -> None:
    """The map of addresses asks before any right, so each is asked by somebody else."""
    asking = itertools.cycle((None, R.ADMIN, R.HEAD, R.RESIDENT))
    for rule, methods in pages(site.app).items():
        for method in sorted(set(METHODS) - methods):
            role = next(asking)
            answer = site.ask(role, method, site.path(rule), {})
            assert answer.status_code == 405, (method, rule, role)


def test_a_form_without_its_token_does_nothing(site: Site) -> None:
    """The token is asked for before the right, so that no page elsewhere can press a button."""
    for method, rule in TABLE:
        if method == "POST":
            for role in (R.ADMIN, R.HEAD):
                answer = site.browsers[role].client.post(site.path(rule), data=TABLE[method, rule].form)
                assert answer.status_code == 400, (rule, role)


def test_after_every_form_the_language_can_be_changed(site: Site) -> None:
    """The page that answers a form leads back to an address that opens, not to that of the form."""
    shown = 0
    for method, rule in TABLE:
        for role in (R.ADMIN, R.HEAD, R.MEMBER, None) if method == "POST" else ():
            answer = site.ask(role, method, site.path(rule), TABLE[method, rule].form)
            found = re.search(r'action="/language".*?name="next" value="([^"]+)"', answer.text, re.DOTALL)
            if found is not None:
                back = site.browsers[role].get(html.unescape(found.group(1)))
                assert back.status_code != 405, (rule, role, found.group(1))
                shown += 1
            if rule in {"/logout", "/login/pin"}:
                site.log_in(role)
    assert shown > 20


ASKED = st.dictionaries(
    st.sampled_from(
        [
            *(
                "as_of",
                "community",
                "q",
                "page",
                "from",
                "to",
                "level",
                "area",
                "layer",
                "role",
                "next",
                "print",
            ),
            *("receipt", "password", "state", "mine", "kind", "plan", "revision", "crs", "grid", "category"),
        ]
    ),
    VALUES | st.just("9" * 5000),
    max_size=4,
)
IN_PATHS = (*ODD[3:], "areas", "csv", "01a20de4-1883-70bf-ab6b-b4ba32402835")


@pytest.mark.parametrize("examples", [60, pytest.param(3000, marks=pytest.mark.prove)])
def test_no_question_to_a_page_is_a_fault_of_the_server(site: Site, examples: int) -> None:
    """Anything in an address: random texts for what pages ask for, and for what their paths name."""
    opened = sorted(rule for rule, methods in pages(site.app).items() if "GET" in methods)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        rule=st.sampled_from(opened),
        role=st.sampled_from([None, R.HEAD, R.ADMIN, R.MEMBER]),
        asked=ASKED,
        part=st.none() | st.sampled_from(IN_PATHS),
    )
    def check(rule: str, role: Role | None, asked: dict[str, str], part: str | None) -> None:
        named = (
            site.path(rule) if part is None else re.sub("<[^>]+>", lambda _found: quote(part, safe=""), rule)
        )
        answer = site.browsers[role].get(named, query_string=asked)
        assert answer.status_code < 500, (named, role, asked)

    check()
    for path in ("/accounts", "/audit", "/me/trail", "/notices"):  # more digits than Python reads
        assert site.browsers[R.HEAD].get(f"{path}?page={'9' * 5000}").status_code in {200, 403}, path
        assert site.browsers[R.ADMIN].get(f"{path}?page={'9' * 5000}").status_code in {200, 403}, path
