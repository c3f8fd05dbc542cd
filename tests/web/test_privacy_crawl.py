"""Everybody opens everything on the demo: no answer may hold what the role has no right to."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gisgrid.access.accounts import ORGANISATIONS
from gisgrid.access.actors import NOBODY, Actor, load_actor
from gisgrid.access.models import Account, Role, Worker
from gisgrid.areas.models import AreaName
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.core.models import Case, CaseCoHandler, CaseErrand, Category
from gisgrid.cases.disputes.models import Dispute
from gisgrid.indicators.evaluation.models import EvaluationSample
from gisgrid.people.core.models import Consent, Resident, ServiceContract
from gisgrid.places.models import Building, Household
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from tests.conftest import NOW
from tests.web.browsing import Reader, add_token, services_of
from tests.web.declared import Watch
from web.answers import open_view
from web.app import create_app

NAMES = (
    *("admin", "head", "staff", "member01", "grid_leader01", "steward01", "leader", "property01", "org01"),
    *("evaluator", "resident01", ""),
)
COUNTED = {Role.HEAD, Role.STAFF}
SETTLING = {Role.HEAD, Role.STAFF, Role.MEMBER}
_PHONE = re.compile(r"\d{3,4}-\d{4}-?\d{4}|1\d{10}")
_WORD = re.compile(r"[0-9A-Za-z.-]{8,}")
SMALL = range(1, 5)
NAMELESS = {None, Role.ADMIN, Role.LEADER, Role.EVALUATOR}
CONTRACTS = ("/contracts", "/api/v1/contracts")
LONG = 3
"""Characters of most names; shorter ones stand in other words by chance."""
PERSONS = (
    *("residents", "elders", "elders_80", "reached", "with_member", "with_visitor", "without_visitor"),
    *("agreed", "visited", "unseen", "overdue", "double_gap"),
    *("in_need", "unserved", "no_income", "unaided"),
)
LEVELS = ("subdistrict", "community", "sub_area", "compound", "grid", "micro_grid")
DESCRIPTION = "/api/v1/openapi.json"
"""Tells what answers look like, and has no rows."""
QUARTER = "from=2026-07-01&to=2026-09-30"


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What may leak: phones of residents with their cells, and cases by everything that tells one."""

    phones: dict[str, set[str | None]]
    households: dict[str, Any]
    cases: dict[str, Any]
    places: frozenset[tuple[float, float]]
    contacts: frozenset[str]
    confidential: frozenset[str]
    helpers: dict[str, set[str]]
    asked: dict[str, set[str]]
    agreements: frozenset[str]
    names: frozenset[str]
    contracted: dict[str, set[tuple[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What one role may know: cells and buildings whose people, ids of cases."""

    actor: Actor
    cells: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Site:
    """One application on the demo for everybody who asks, what may leak, and what is asked for."""

    app: OpenAPI
    secrets: Secrets
    paths: list[str]


@pytest.fixture(scope="module")
def site(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """What one of them was told may stay in the memory of the application: the next must not learn it."""
    folder = tmp_path_factory.mktemp("crawl")
    for name in ("demo.sqlite", "keys.json"):
        shutil.copy(demo_template.with_name(name), folder / name)
    url = f"sqlite:///{folder / 'demo.sqlite'}"
    app = create_app(Settings(database_url=url, key_file=folder / "keys.json"), clock=lambda: NOW)
    app.config["RATELIMIT_ENABLED"] = False
    app.test_client_class = Reader
    watch = Watch(app)
    with services_of(app).database.read() as session:
        found = Site(app=app, secrets=read_secrets(session), paths=list(paths_of(app, session)))
    yield found
    services_of(app).database.close()
    assert not watch.faults()


def read_secrets(session: Session) -> Secrets:
    phones: dict[str, set[str | None]] = {}
    people = (
        select(Resident.phone, Household.cell_id)
        .join(Household, Household.id == Resident.household_id)
        .where(Resident.phone.is_not(None))
    )
    for phone, cell in session.execute(people):
        phones.setdefault(phone, set()).add(cell)
    homes = session.execute(select(Household.id, Household.cell_id, Household.building_id)).all()
    columns = (
        *(Case.id, Case.number, Case.receipt, Case.reporter_contact, Case.reporter_id, Case.cell_id),
        *(
            Case.handler_id,
            Case.building_id,
            ((Case.route == "subdistrict") | (Case.severity == "emergency")).label("is_escalated"),
            Category.is_confidential,
            func.ST_X(Case.position).label("lon"),
            func.ST_Y(Case.position).label("lat"),
        ),
    )
    cases = session.execute(select(*columns).join(Category, Category.code == Case.category_code)).all()
    helpers: dict[str, set[str]] = {}
    for helper in session.execute(select(CaseCoHandler.case_id, CaseCoHandler.worker_id)):
        helpers.setdefault(helper.case_id, set()).add(helper.worker_id)
    asked: dict[str, set[str]] = {}
    for errand in session.scalars(select(CaseErrand).where(CaseErrand.withdrawn_at.is_(None))):
        asked.setdefault(errand.case_id, set()).add(errand.account_id)
    return Secrets(
        phones=phones,
        households={row.id: row for row in homes},
        cases={word: row for row in cases for word in (row.id, row.number, row.receipt)},
        places=frozenset(
            (round(row.lon, 6), round(row.lat, 6)) for row in cases if row.is_confidential and row.lon
        ),
        contacts=frozenset(row.reporter_contact for row in cases if row.reporter_contact),
        confidential=frozenset(session.scalars(select(Category.code).where(Category.is_confidential))),
        helpers=helpers,
        asked=asked,
        agreements=frozenset(filter(None, session.scalars(select(Dispute.agreement)))),
        names=names_of_nobody_else(session),
        contracted=contracted(session),
    )


def names_of_nobody_else(session: Session) -> frozenset[str]:
    """Names of residents, of three characters, that nobody on duty has: these are shown to everybody."""
    names = {name for name in session.scalars(select(Resident.name)) if name and len(name) == LONG}
    return frozenset(names - set(session.scalars(select(Worker.name))))


def contracted(session: Session) -> dict[str, set[tuple[str, str]]]:
    """Name and address of whom each organisation may know, told from the rows one by one."""
    found: dict[str, set[tuple[str, str]]] = {}
    rows = session.execute(
        select(ServiceContract, Resident, Household)
        .join(Resident, Resident.id == ServiceContract.resident_id)
        .join(Household, Household.id == Resident.household_id)
    )
    for contract, person, home in rows:
        answers = session.execute(
            select(Consent.status)
            .where(Consent.household_id == home.id, Consent.purpose == "contracted_services")
            .order_by(Consent.asked_at)
        ).all()
        ends = contract.until_day or date.max
        runs = contract.ended_at is None and contract.from_day <= NOW.date() <= ends
        if runs and answers and answers[-1].status == "granted":
            found.setdefault(contract.account_id, set()).add((person.name, home.std_address))
    return found


def paths_of(app: OpenAPI, session: Session) -> Iterator[str]:
    """Every page and route that is read, with things of several grids, and the questions that differ."""
    things = {
        "buildings": list(session.scalars(select(Building.id).order_by(Building.fid)))[::55],
        "households": list(session.scalars(select(Household.id).order_by(Household.fid)))[::1600],
        "cases": list(session.scalars(select(Case.id).order_by(Case.fid)))[::1300],
        "evaluations": list(session.scalars(select(EvaluationSample.id))),
        "disputes": list(session.scalars(select(Dispute.case_id).order_by(Dispute.case_id)))[:6],
    }
    codes = list(session.scalars(select(AreaName.code).where(AreaName.valid_to.is_(None))))[::25]
    asked = {
        "/api/v1/locate": ("lon=118.3&lat=33.9",),
        "/api/v1/households": ("q=柳岸1幢101", "q=20260901-0001"),
    }
    for rule in sorted(app.url_map.iter_rules(), key=str):
        path = str(rule)
        if "GET" not in (rule.methods or ()) or path.startswith(("/static", "/healthz", "/favicon")):
            continue
        if "<" not in path:
            yield from (f"{path}?{query}" for query in asked.get(path, ("",)))
            continue
        kind = re.sub(r".*/(\w+)/<.*", r"\1", path)
        yield from (re.sub("<[^>]+>", one, path) for one in things.get(kind, codes))
    yield from (f"/api/v1/areas?level={level}&simplify=5" for level in LEVELS)
    yield from (f"/api/v1/coverage/elderly?distance={walk}" for walk in (300, 1000))
    yield from (f"/api/v1/cases?state=all&page={page}" for page in (1, 2))
    for category in session.scalars(select(Category.code).where(Category.is_confidential)):
        for level in ("grid", "micro_grid", "compound", "sub_area"):
            yield f"/api/v1/hotspots?category={category}&level={level}&{QUARTER}&compare=previous"


def rows_in(text: str) -> Iterator[dict[str, Any]]:
    """Every object with figures in an answer."""
    waiting: list[Any] = [json.loads(text)] if text[:1] in "{[" and text else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def check_persons(found: Secrets, known: Known, path: str, text: str) -> None:
    """No phone of a resident outside the own cells, and no card with persons but of the own households."""
    for phone in set(_PHONE.findall(text)) & found.phones.keys():
        assert known.actor.role in {Role.STAFF, Role.MEMBER}, (path, "phone")
        assert found.phones[phone] & known.cells, (path, "phone of another grid")
    for row in rows_in(text):
        if isinstance(row.get("household"), str) and "reason" in row:
            assert known.actor.role in COUNTED or found.households[row["household"]].cell_id in known.cells, (
                path
            )
        persons = row.get("persons")
        for person in persons if isinstance(persons, list) else ():
            household = found.households[row.get("household") or row["id"]]
            is_own = household.cell_id in known.cells or household.building_id in known.actor.buildings
            facts = person if isinstance(person, dict) else {"name": person}
            assert is_own or (facts["name"] or "*").endswith("*"), (path, "name")
            told = {"id", "name", "visitor"} if known.actor.role == Role.HEAD else {"name"}
            assert is_own or set(facts) <= told, (path, "more than a masked name")


def check_names(found: Secrets, known: Known, path: str, text: str) -> None:
    """Who sees no persons reads no resident's name; an organisation those of its own contracts, there alone.

    A head chooses for whom a contract is made by masked names.
    """
    role = known.actor.role
    chooses = role is Role.HEAD and path.endswith("/contracts")
    if not chooses and role not in NAMELESS | ORGANISATIONS:
        return
    own = found.contracted.get(known.actor.account_id or "", set()) if role in ORGANISATIONS else set()
    allowed = {name for name, _address in own} if path.startswith(CONTRACTS) else set()
    told = {text[start : start + LONG] for start in range(len(text))} & found.names
    assert told <= allowed, (path, "name")
    if path.startswith("/api/v1/contracts") and role in ORGANISATIONS:
        rows = json.loads(text)["rows"]
        assert {(row["name"], row["address"]) for row in rows} == own
        assert all(set(row) == {"name", "address", "service", "until"} for row in rows)


def check_cases(found: Secrets, known: Known, path: str, text: str) -> None:
    """No case out of scope, no receipt or contact but for those who settle it, no place of a hidden one."""
    role, account = known.actor.role, known.actor.account_id
    words = set(_WORD.findall(text))
    if role is Role.ADMIN and path.startswith("/audit"):
        words -= {
            case.id for case in found.cases.values()
        }  # the audit trail names what was done to which thing, by ids alone
    for case in (found.cases[word] for word in words & found.cases.keys() if word not in path):
        is_own = account is not None and case.reporter_id == account
        in_scope = {
            Role.HEAD: True,
            Role.STAFF: True,
            Role.MEMBER: case.cell_id in known.cells
            or case.handler_id == known.actor.worker_id
            or known.actor.worker_id in found.helpers.get(case.id, ()),
            Role.GRID_LEADER: not case.is_confidential
            and (case.cell_id in known.cells or case.handler_id == known.actor.worker_id),
            Role.STEWARD: not case.is_confidential
            and (case.building_id in known.actor.buildings or case.handler_id == known.actor.worker_id),
            Role.LEADER: not case.is_confidential or (known.actor.instructs and case.is_escalated),
        }
        if role in ORGANISATIONS and not is_own:  # the number of what it was asked about, and nothing more
            in_scope[role] = account in found.asked.get(case.id, ()) and not case.is_confidential
            assert case.id not in words, (path, "id of a case")
        assert is_own or in_scope.get(role or Role.RESIDENT, False), (path, case.number)
        if role not in SETTLING and not is_own:
            assert case.receipt not in words, (path, "receipt")
    for contact in set(_PHONE.findall(text)) & found.contacts:
        assert role in SETTLING, (path, "contact", contact)
    if role not in SETTLING:
        party = {case for case in found.cases.values() if known.actor.instructs and case.is_escalated}
        known_places = {(round(case.lon, 6), round(case.lat, 6)) for case in party if case.lon}
        assert not set(places_in(text)) & (found.places - known_places), (path, "place")
        assert not any(agreed in text for agreed in found.agreements), (path, "agreement")


def places_in(text: str) -> Iterator[tuple[float, float]]:
    """Every place of a row or of the heat map."""
    for row in rows_in(text):
        if isinstance(row.get("lon"), float):
            yield (round(row["lon"], 6), round(row["lat"], 6))
        yield from ((round(one[0], 6), round(one[1], 6)) for one in _points(row))


def _points(row: dict[str, Any]) -> list[list[float]]:
    points = row.get("points")
    return points if isinstance(points, list) else []


def check_counts(found: Secrets, known: Known, path: str, text: str, own_codes: frozenset[str]) -> None:
    if known.actor.role in COUNTED:
        return
    confidential = any(f"category={code}&" in path for code in found.confidential)
    names = (*PERSONS, "count", "previous") if confidential else PERSONS
    for row in rows_in(text):
        if row.get("code") in own_codes or "persons" in row or "household" in row:
            continue  # the own area, a card or a list of persons: these are looked at by right above
        small = {name for name in names if row.get(name) in SMALL}
        assert not small, (path, small, row.get("code"))


def known_to(app: OpenAPI, session: Session, name: str) -> tuple[Known, frozenset[str]]:
    """What an account may know, and the codes of areas that lie within its own."""
    account = session.scalar(select(Account.id).where(Account.name == name)) if name else None
    now = services_of(app).clock()
    actor = (load_actor(session, account, now=now) if account else None) or NOBODY
    if not actor.areas or actor.role not in {Role.STAFF, Role.MEMBER, Role.GRID_LEADER}:
        return Known(actor=actor, cells=frozenset()), frozenset()
    found = services_of(app)
    view = open_view(session, actor, ViewRequest(), caches=found.cache, now=now, tz=found.settings.tz)
    own = {below.code for area in actor.areas for below in view.division.tree.below(area)}
    is_exact = actor.role in {Role.STAFF, Role.MEMBER}
    return Known(actor=actor, cells=view.own_cells), frozenset(own if is_exact else ())


def text_of(answer: TestResponse) -> str:
    """What an answer says; of a workbook all its parts."""
    if "spreadsheet" not in answer.content_type:
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist())


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_holds_what_the_role_may_not_know(site: Site, name: str) -> None:
    with services_of(site.app).database.read() as session:
        known, own_codes = known_to(site.app, session, name)
    found, client = site.secrets, site.app.test_client()
    headers = add_token(site.app, name) if name else {}
    for path in site.paths:
        answer = client.get(path, headers=headers)
        assert answer.status_code < 500, path
        if answer.status_code == 200 and answer.content_type.startswith(
            ("text/html", "text/csv", "application/")
        ):
            if path.startswith(DESCRIPTION) or answer.content_type == "application/pdf":
                continue
            text = text_of(answer)
            check_persons(found, known, path, text)
            check_names(found, known, path, text)
            check_cases(found, known, path, text)
            if "json" in answer.content_type:
                check_counts(found, known, path, text, own_codes)


def test_organisations_of_the_demo_know_some_and_not_who_withdrew(demo: Database) -> None:
    with demo.read() as session:
        found = contracted(session)
        rows = session.execute(
            select(ServiceContract.account_id, func.count()).group_by(ServiceContract.account_id)
        )
        assert {account: count - len(found[account]) for account, count in rows} == dict.fromkeys(found, 1)
        assert len(found) > 1
