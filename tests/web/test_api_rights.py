"""Role by route by method: one table, which fails when a route is missing from it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.models import Account, Role
from gisgrid.areas.models import PlacedKind
from gisgrid.cases.core.models import Category
from gisgrid.cases.intake.service import ReportCase
from gisgrid.cases.intake.service import report as keep_case
from gisgrid.indicators.evaluation.service import draw
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.positions.pins import Pin
from gisgrid.positions.service import set_pin
from gisgrid.redraw.plans.store import new_plan
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import KEYS, NOW
from tests.demo_files import key_file_text
from tests.stepping import close
from tests.web.browsing import add_account, add_token, services_of
from web.app import create_app

R = Role
ALL = frozenset(Role) - {R.LOCAL}
EVERYBODY = ALL | {None}
OWN = frozenset({R.HEAD, R.STAFF, R.MEMBER})
MAPS = OWN | {R.LEADER, R.GRID_LEADER, R.STEWARD}
FIGURES = OWN | {R.LEADER}
APPRAISED = frozenset({R.HEAD, R.MEMBER, R.EVALUATOR})
CHECKED = frozenset({R.HEAD, R.LEADER, R.EVALUATOR})
CASES = MAPS | {R.RESIDENT}
REPORTING = EVERYBODY - {R.ADMIN, R.EVALUATOR}
SEEING = OWN | {R.LEADER}
FILLING = OWN | {R.GRID_LEADER, R.STEWARD}
RECORD = {
    "id": "01a23881-ef98-7041-ad96-dfdfc107dbf2",
    "form": "nothing",
    "version": 1,
    "subject": {"kind": "household", "id": "nothing"},
    "day": "2026-11-24",
    "filled_at": "2026-11-24T10:00:00+08:00",
    "answers": {},
}
DRAWING = frozenset({R.HEAD, R.STAFF})
ORGANISATIONS = frozenset({R.PROPERTY, R.ORG})
REPORTED = DRAWING | ORGANISATIONS | {R.LEADER}
JUDGING = frozenset({R.HEAD, R.LEADER})
TOLD = MAPS | {R.ADMIN, R.PROPERTY, R.ORG}
NEAR = frozenset({R.GRID_LEADER})
"""Sees and helps with what lies in the own micro grid; a steward with what lies in the own buildings."""
PLACE = f"{world.LON + world.STEP / 2},{world.LAT + world.STEP / 2}"
SPOT = {"lon": world.LON + world.STEP / 2, "lat": world.LAT + world.STEP / 2}
ELSEWHERE = {"lon": SPOT["lon"], "lat": SPOT["lat"] + world.STEP}
NORM = {"ok_from": 200, "ok_to": 400, "high_to": 500, "per_member": 500}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
CLUE = {"category": "dispute", "building": "柳岸新村1幢", "text": "loud words"}
REPORT = {**SPOT, "category": "garbage", "description": "rubbish beside the bins"}

MADE = [f"01a233bd-4efc-7787-8fe9-46f51155a01{number}" for number in range(4)]
"""Ids that senders made."""
WHY = {"reason": "visit"}
ROUND = {
    "form": "none",
    "title": "round",
    "first_day": "2026-11-24",
    "last_day": "2026-12-24",
    "legal_basis": "law",
}
PHONE = {"phone": "c0" * 16}
CARRYING = frozenset({R.MEMBER, R.STEWARD})
KIND = {"field": "household.kind", "value": "rented", "seen": None}

Roles = frozenset[Role | None]

# route → roles that get an answer, then roles that have the right but not this thing (404), query or body
TABLE: dict[tuple[str, str], tuple[Roles, Roles, dict[str, Any]]] = {
    ("GET", "/api/v1/openapi.json"): (EVERYBODY, frozenset(), {}),
    ("GET", "/api/v1/me"): (ALL, frozenset(), {}),
    ("GET", "/api/v1/locate"): (EVERYBODY, frozenset(), SPOT),
    ("POST", "/api/v1/locate"): (EVERYBODY, frozenset(), {"points": [[SPOT["lon"], SPOT["lat"]]]}),
    ("GET", "/api/v1/areas"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/areas/<code>"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/cells"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/basemap"): (EVERYBODY, frozenset(), {}),
    ("GET", "/api/v1/buildings"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/buildings/<id>"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/buildings/<id>/doors"): (OWN, frozenset({R.STEWARD}), {}),
    ("GET", "/api/v1/duties"): (frozenset({R.ADMIN, R.HEAD}), frozenset(), {}),
    ("GET", "/api/v1/facilities"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/coverage/elderly/stations"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/imports/<kind>/template"): (DRAWING | {R.ADMIN}, frozenset(), {}),
    ("GET", "/api/v1/backgrounds"): (EVERYBODY, frozenset(), {}),
    ("POST", "/api/v1/backgrounds"): (frozenset({R.ADMIN}), frozenset(), {}),
    ("PATCH", "/api/v1/backgrounds/<id>"): (frozenset(), frozenset({R.ADMIN}), {"is_public": True}),
    ("DELETE", "/api/v1/backgrounds/<id>"): (frozenset(), frozenset({R.ADMIN}), {}),
    ("POST", "/api/v1/backgrounds/<id>/restore"): (frozenset(), frozenset({R.ADMIN}), {}),
    ("GET", "/api/v1/backgrounds/<id>/work"): (frozenset(), frozenset({R.ADMIN}), {}),
    ("GET", "/api/v1/backgrounds/<id>/<int:z>/<int:x>/<int:y>"): (frozenset(), EVERYBODY, {}),
    ("GET", "/api/v1/exports"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/exports/<layer>.<format>"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/hotspots"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/hotspots.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/heat"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/coverage/elderly"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/coverage/elderly.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/coverage/elderly/uncovered"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/coverage/elderly/uncovered.csv"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/elders"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/elders"): (OWN, frozenset(), WHY),
    ("GET", "/api/v1/needs/figures"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/needs/figures.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/records/figures"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/records/figures.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/records/figures/spans"): (frozenset(), FIGURES, {"form": "none"}),
    ("GET", "/api/v1/records/figures/spans.csv"): (frozenset(), FIGURES, {"form": "none"}),
    ("GET", "/api/v1/needs/unserved"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/needs/unserved"): (OWN, frozenset(), WHY),
    ("GET", "/api/v1/needs/unaided"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/needs/unaided"): (OWN, frozenset(), WHY),
    ("GET", "/api/v1/territories"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/territories.csv"): (MAPS, frozenset(), {}),
    ("GET", "/api/v1/renovation"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/renovation.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/completeness"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/completeness.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/completeness/gaps"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/appraisals"): (APPRAISED, frozenset(), {}),
    ("GET", "/api/v1/appraisals.csv"): (APPRAISED, frozenset(), {}),
    ("POST", "/api/v1/appraisals/marks"): (
        frozenset(),
        frozenset({R.EVALUATOR}),
        {"worker": "x", "month": "2026-10", "mark": 50},
    ),
    ("POST", "/api/v1/appraisals/appeals"): (
        frozenset(),
        frozenset({R.MEMBER}),
        {"month": "2026-10", "reason": "x"},
    ),
    ("POST", "/api/v1/appraisals/appeals/<id>/answer"): (frozenset(), frozenset({R.HEAD}), {"answer": "x"}),
    ("POST", "/api/v1/appraisals/share"): (
        frozenset({R.HEAD}),
        frozenset(),
        {"month": "2026-11", "share": 40},
    ),
    ("GET", "/api/v1/evaluations"): (CHECKED, frozenset(), {}),
    ("POST", "/api/v1/evaluations"): (
        frozenset({R.HEAD}),
        frozenset(),
        {"first_day": "2026-10-01", "last_day": "2026-10-31", "size": 5},
    ),
    ("GET", "/api/v1/evaluations/<id>"): (CHECKED, frozenset(), {}),
    ("POST", "/api/v1/evaluations/<id>/rows/<int:place>"): (
        frozenset({R.EVALUATOR}),
        frozenset(),
        {"result": "solved", "score": 4, "note": "clean"},
    ),
    ("GET", "/api/v1/contracts"): (ORGANISATIONS, frozenset(), {}),
    ("GET", "/api/v1/organisations"): (REPORTED, frozenset(), {}),
    ("GET", "/api/v1/organisations/<id>"): (REPORTED - {R.ORG}, frozenset({R.ORG}), {}),
    ("GET", "/api/v1/organisations.csv"): (REPORTED, frozenset(), {}),
    ("GET", "/api/v1/organisations.xlsx"): (REPORTED, frozenset(), {}),
    ("GET", "/api/v1/organisations.pdf"): (REPORTED, frozenset(), {}),
    ("GET", "/api/v1/indicators"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/indicators.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/indicators/cases"): (FIGURES, frozenset(), {"count": "due"}),
    ("GET", "/api/v1/indicators/pivot"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/indicators/pivot.csv"): (FIGURES, frozenset(), {}),
    ("GET", "/api/v1/indicators/definitions"): (FIGURES, frozenset(), {}),
    ("POST", "/api/v1/households/<id>/verified"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/households"): (MAPS, frozenset(), {"q": "柳岸"}),
    ("POST", "/api/v1/households/search"): (frozenset({R.STAFF, R.MEMBER}), frozenset(), {"name": "示例"}),
    ("GET", "/api/v1/households/<id>"): (
        OWN | {R.GRID_LEADER},
        frozenset({R.LEADER, R.STEWARD}),
        {},
    ),
    ("POST", "/api/v1/households/<id>"): (
        OWN | {R.GRID_LEADER},
        frozenset({R.LEADER, R.STEWARD}),
        {"reason": "visit"},
    ),
    ("GET", "/api/v1/households/<id>/position"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/households/<id>/position/tried"): (OWN, frozenset(), ELSEWHERE),
    ("POST", "/api/v1/households/<id>/position"): (OWN, frozenset(), ELSEWHERE),
    ("DELETE", "/api/v1/households/<id>/position"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/households/<id>/answers"): (
        OWN,
        frozenset({R.RESIDENT}),
        {"purpose": "contact", "status": "granted"},
    ),
    ("GET", "/api/v1/buildings/<id>/households"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/buildings/<id>/households"): (OWN, frozenset(), {"id": MADE[0], "room": "109", **WHY}),
    ("GET", "/api/v1/households/<id>/fields"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/households/<id>/fields"): (OWN, frozenset(), WHY),
    ("POST", "/api/v1/households/<id>/edits"): (OWN, frozenset(), {"edits": [KIND], **WHY}),
    ("POST", "/api/v1/households/<id>/births"): (
        OWN,
        frozenset(),
        {"id": MADE[1], "day": "2026-11-01", **WHY},
    ),
    ("POST", "/api/v1/households/<id>/leave"): (OWN, frozenset(), {"day": "2026-11-01", **WHY}),
    ("GET", "/api/v1/households/<id>/changes"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/households/<id>/changes"): (OWN, frozenset(), WHY),
    ("POST", "/api/v1/households/<id>/persons"): (
        OWN,
        frozenset(),
        {"id": MADE[2], "birth_date": "1980-01-01", "residence_status": "floating", **WHY},
    ),
    ("GET", "/api/v1/persons/<id>/fields"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/persons/<id>/fields"): (OWN, frozenset(), WHY),
    ("POST", "/api/v1/persons/<id>/edits"): (
        OWN,
        frozenset(),
        {"edits": [{"field": "person.sex", "value": "m", "seen": "f"}], **WHY},
    ),
    ("POST", "/api/v1/persons/<id>/leave"): (
        OWN,
        frozenset(),
        {"day": "2026-11-01", "why": "moved", **WHY},
    ),
    ("POST", "/api/v1/persons/<id>/come-back"): (OWN, frozenset(), WHY),
    ("POST", "/api/v1/persons/<id>/needs"): (
        OWN,
        frozenset(),
        {"kind": "disabled", "grade": 2, "since": "2026-11-01", "legal_basis": "law", **WHY},
    ),
    ("POST", "/api/v1/persons/<id>/needs/<kind>/end"): (frozenset(), OWN, WHY),
    ("GET", "/api/v1/persons/<id>/care-plan"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/persons/<id>/care-plan"): (OWN, frozenset(), WHY),
    ("GET", "/api/v1/persons/<id>/services"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/persons/<id>/services"): (OWN, frozenset(), WHY),
    ("POST", "/api/v1/persons/<id>/needs/<kind>/service"): (
        frozenset(),
        OWN,
        {"server": "volunteer", "name": "x", "since": "2026-11-01", **WHY},
    ),
    ("POST", "/api/v1/persons/<id>/needs/<kind>/service/end"): (frozenset(), OWN, WHY),
    ("POST", "/api/v1/edits/<id>/undo"): (frozenset(), OWN, WHY),
    ("GET", "/api/v1/forms"): (MAPS | {R.ADMIN}, frozenset(), {}),
    ("GET", "/api/v1/records"): (FILLING, frozenset(), {}),
    ("POST", "/api/v1/forms/<code>/answers.<format>"): (frozenset(), FILLING, WHY),
    ("GET", "/api/v1/records/places"): (FILLING, frozenset(), {}),
    ("GET", "/api/v1/records/<id>"): (frozenset(), FILLING, {}),
    ("POST", "/api/v1/records/<id>"): (frozenset(), FILLING, WHY),
    ("GET", "/api/v1/records/<id>/photos/<digest>"): (frozenset(), FILLING, {}),
    ("POST", "/api/v1/records/<id>/photos/<digest>"): (frozenset(), FILLING, WHY),
    ("GET", "/api/v1/households/<id>/records"): (
        OWN | {R.GRID_LEADER},
        frozenset({R.STEWARD, R.RESIDENT}),
        {},
    ),
    ("POST", "/api/v1/households/<id>/records"): (
        OWN | {R.GRID_LEADER},
        frozenset({R.STEWARD, R.RESIDENT}),
        WHY,
    ),
    ("POST", "/api/v1/forms"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/form-template"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/forms/<code>"): (frozenset(), MAPS, {}),
    ("GET", "/api/v1/forms/<code>/versions"): (frozenset(), DRAWING, {}),
    ("GET", "/api/v1/forms/<code>/versions/<int:number>/workbook"): (frozenset(), DRAWING, {}),
    ("POST", "/api/v1/forms/<code>/versions/<int:number>/publish"): (frozenset(), frozenset({R.HEAD}), {}),
    ("POST", "/api/v1/forms/<code>/versions/<int:number>/retire"): (frozenset(), frozenset({R.HEAD}), {}),
    ("DELETE", "/api/v1/forms/<code>/versions/<int:number>"): (frozenset(), DRAWING, {}),
    ("GET", "/api/v1/outward"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/outward"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/outward/<code>"): (frozenset(), OWN, {}),
    ("POST", "/api/v1/outward/<code>"): (frozenset(), OWN, WHY),
    ("POST", "/api/v1/outward/<code>/round"): (frozenset(), DRAWING, WHY),
    ("POST", "/api/v1/outward/<code>/sheets"): (frozenset(), DRAWING, {"sheets": []}),
    ("POST", "/api/v1/outward/<code>/close"): (frozenset(), DRAWING, {}),
    ("POST", "/api/v1/outward/<code>/approvals"): (frozenset(), OWN, WHY),
    ("POST", "/api/v1/outward/<code>/approvals/<id>/approve"): (frozenset(), DRAWING, {}),
    ("POST", "/api/v1/outward/<code>/approvals/<id>/decline"): (frozenset(), DRAWING, {}),
    ("POST", "/api/v1/records"): (frozenset(), FILLING, RECORD),
    ("POST", "/api/v1/records/<id>/correct"): (frozenset(), FILLING, {**RECORD, **WHY}),
    ("POST", "/api/v1/records/<id>/redact"): (frozenset(), frozenset({R.HEAD}), WHY),
    ("GET", "/api/v1/subjects/<kind>/<id>/prefill"): (frozenset(), FILLING, {"form": "nothing"}),
    ("POST", "/api/v1/subjects/<kind>/<id>/prefill"): (frozenset(), FILLING, WHY),
    ("PUT", "/api/v1/photos/<digest>"): (FILLING, frozenset(), {}),
    ("GET", "/api/v1/work"): (OWN | {R.GRID_LEADER, R.STEWARD}, frozenset(), {}),
    ("GET", "/api/v1/work/visits"): (frozenset({R.STAFF, R.MEMBER}), frozenset(), {}),
    ("POST", "/api/v1/work/visits"): (frozenset({R.STAFF, R.MEMBER, R.HEAD}), frozenset(), WHY),
    ("GET", "/api/v1/work/visits/grids"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/cases/<id>/records"): (OWN | NEAR, frozenset({R.STEWARD}), {}),
    ("GET", "/api/v1/work/overdue"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/rounds"): (OWN | {R.LEADER}, frozenset(), {}),
    ("POST", "/api/v1/rounds"): (frozenset(), DRAWING, ROUND),
    ("POST", "/api/v1/rounds/trial"): (frozenset(), DRAWING, {"form": "none"}),
    ("GET", "/api/v1/rounds/<id>"): (frozenset(), OWN | {R.LEADER}, {}),
    ("GET", "/api/v1/rounds/<id>/progress"): (frozenset(), OWN | {R.LEADER}, {}),
    ("POST", "/api/v1/rounds/<id>/open"): (frozenset(), frozenset({R.HEAD}), {}),
    ("POST", "/api/v1/rounds/<id>/close"): (frozenset(), frozenset({R.HEAD}), {}),
    ("POST", "/api/v1/rounds/<id>/reopen"): (frozenset(), frozenset({R.HEAD}), WHY),
    ("POST", "/api/v1/rounds/<id>/discard"): (frozenset(), DRAWING, {}),
    ("POST", "/api/v1/tasks/<key>/note"): (
        frozenset(),
        OWN | {R.GRID_LEADER, R.STEWARD},
        {"kind": "impossible", **WHY},
    ),
    ("GET", "/api/v1/offline/hello"): (EVERYBODY, frozenset(), PHONE),
    ("POST", "/api/v1/offline/parts"): (CARRYING, frozenset(), PHONE),
    ("GET", "/api/v1/offline/parts/<path:name>"): (frozenset(), CARRYING, PHONE),
    ("POST", "/api/v1/offline/purged"): (CARRYING, frozenset(), PHONE),
    ("GET", "/api/v1/offline/devices"): (CARRYING | DRAWING | {R.ADMIN}, frozenset(), {}),
    ("POST", "/api/v1/offline/devices/<id>/stop"): (frozenset(), CARRYING | DRAWING | {R.ADMIN}, WHY),
    ("GET", "/api/v1/clashes"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/clashes/<id>/settle"): (frozenset(), DRAWING, {"takes_answer": True, **WHY}),
    ("POST", "/api/v1/clashes/<id>/look-again"): (frozenset(), OWN, {}),
    ("GET", "/api/v1/duplicates"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/duplicates/<id>/decide"): (frozenset(), DRAWING, {"is_same": True}),
    ("POST", "/api/v1/door-notes"): (
        frozenset(),
        frozenset({R.STEWARD}),
        {"id": MADE[3], "building": "none", "room": "1", "kind": "empty", "day": "2026-11-01"},
    ),
    ("GET", "/api/v1/door-notes"): (OWN | {R.STEWARD}, frozenset(), {}),
    ("POST", "/api/v1/door-notes/<id>/settle"): (frozenset(), OWN, {"outcome": "wrong"}),
    ("GET", "/api/v1/residents/<id>/visitor"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/residents/<id>/visitor"): (
        OWN,
        frozenset(),
        {"kind": "volunteer", "name": "志愿者示例"},
    ),
    ("DELETE", "/api/v1/residents/<id>/visitor"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/report/buildings"): (EVERYBODY, frozenset(), SPOT),
    ("GET", "/api/v1/report/addresses"): (EVERYBODY, frozenset(), {"q": "柳岸"}),
    ("GET", "/api/v1/report/alike"): (REPORTING, frozenset(), SPOT),
    ("POST", "/api/v1/report/me-too"): (frozenset(), REPORTING, {**SPOT, "token": "#1:0"}),
    ("GET", "/api/v1/categories"): (EVERYBODY, frozenset(), {}),
    ("GET", "/api/v1/cases"): (CASES, frozenset(), {}),
    ("GET", "/api/v1/cases/points"): (CASES, frozenset(), {}),
    ("GET", "/api/v1/cases/<id>/around"): (NEAR | SEEING, CASES - SEEING - NEAR, {}),
    ("POST", "/api/v1/cases"): (REPORTING, frozenset(), REPORT),
    ("GET", "/api/v1/cases/<id>"): (NEAR | SEEING, CASES - SEEING - NEAR, {}),
    ("POST", "/api/v1/cases/<id>/photos"): (
        OWN | NEAR,
        frozenset({R.STEWARD}),
        {"kind": "after", "photo": PIXEL},
    ),
    ("POST", "/api/v1/cases/<id>/start"): (OWN | NEAR, frozenset({R.STEWARD}), {}),
    ("POST", "/api/v1/cases/<id>/close"): (OWN, frozenset(), {"result": "taken away"}),
    ("POST", "/api/v1/cases/<id>/<action>"): (OWN, frozenset(), {"reason": "it goes further up"}),
    ("GET", "/api/v1/cases/pool"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/cases/repeated"): (CASES, frozenset(), {}),
    ("GET", "/api/v1/cases/ownerless"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/cases/<id>/position"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/cases/<id>/position/tried"): (OWN, frozenset(), ELSEWHERE),
    ("POST", "/api/v1/cases/<id>/position"): (OWN, frozenset(), ELSEWHERE),
    ("DELETE", "/api/v1/cases/<id>/position"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/cases/<id>/people"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/cases/dispatch"): (frozenset(), OWN, {"ids": ["none"]}),
    ("POST", "/api/v1/cases/<id>/publish"): (DRAWING, frozenset(), {"text": "rubbish, taken away"}),
    ("POST", "/api/v1/cases/<id>/unpublish"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/disputes"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/disputes"): (OWN, frozenset(), CLUE),
    ("GET", "/api/v1/disputes/figures"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/disputes/<id>"): (OWN, frozenset(), {}),
    ("GET", "/api/v1/disputes/<id>/mediators"): (OWN, frozenset(), {}),
    ("POST", "/api/v1/disputes/<id>/<step>"): (OWN, frozenset(), {"text": "heard through the wall"}),
    ("GET", "/api/v1/errands"): (ORGANISATIONS, frozenset(), {}),
    ("POST", "/api/v1/errands/<id>/<step>"): (frozenset(), ORGANISATIONS, {"result": "done"}),
    ("GET", "/api/v1/cases/<id>/errands"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/cases/<id>/errands/organisations"): (DRAWING, frozenset(), {}),
    ("POST", "/api/v1/cases/<id>/errands"): (
        DRAWING,
        frozenset(),
        {"account": "#property", "text": "take it away", "days": 3},
    ),
    ("POST", "/api/v1/cases/<id>/errands/<errand>/withdraw"): (frozenset(), DRAWING, {}),
    ("GET", "/api/v1/revisions"): (MAPS, frozenset(), {}),
    ("POST", "/api/v1/revisions/<int:number>/restore"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/plans"): (DRAWING | {R.LEADER}, frozenset(), {}),
    ("POST", "/api/v1/plans"): (DRAWING, frozenset(), {"name": "plan"}),
    ("GET", "/api/v1/plans/<id>"): (DRAWING | {R.LEADER}, frozenset(), {}),
    ("DELETE", "/api/v1/plans/<id>"): (DRAWING, frozenset(), {}),
    ("POST", "/api/v1/plans/<id>/edits"): (
        DRAWING,
        frozenset(),
        {"op": "rename", "area": "G1", "name": "north"},
    ),
    ("DELETE", "/api/v1/plans/<id>/edits/last"): (DRAWING, frozenset(), {}),
    ("POST", "/api/v1/plans/<id>/edits/redo"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/plans/<id>/impact"): (DRAWING | {R.LEADER}, frozenset(), {}),
    ("GET", "/api/v1/plans/<id>/findings"): (DRAWING | {R.LEADER}, frozenset(), {}),
    ("POST", "/api/v1/plans/<id>/proposals"): (DRAWING, frozenset(), {"kind": "tidy"}),
    ("GET", "/api/v1/plans/<id>/proposals/<job>"): (DRAWING, frozenset(), {}),
    ("DELETE", "/api/v1/plans/<id>/proposals/<job>"): (DRAWING, frozenset(), {}),
    ("POST", "/api/v1/plans/<id>/proposals/<job>/accept"): (DRAWING, frozenset(), {}),
    ("POST", "/api/v1/plans/<id>/submit"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/plans/<id>/changes"): (DRAWING | {R.LEADER}, frozenset(), {}),
    ("POST", "/api/v1/plans/<id>/recall"): (frozenset(), frozenset(), {}),
    ("POST", "/api/v1/plans/<id>/approve"): (JUDGING, frozenset(), {"text": "good"}),
    ("POST", "/api/v1/plans/<id>/return"): (JUDGING, frozenset(), {"text": "smaller"}),
    ("POST", "/api/v1/plans/<id>/comments"): (DRAWING | {R.LEADER}, frozenset(), {"text": "why"}),
    ("GET", "/api/v1/plans/<id>/handover"): (DRAWING, frozenset({R.MEMBER}), {}),
    ("GET", "/api/v1/plans/<id>/handover.csv"): (DRAWING, frozenset({R.MEMBER}), {}),
    ("GET", "/api/v1/plans/<id>/handover.pdf"): (DRAWING, frozenset({R.MEMBER}), {}),
    ("GET", "/api/v1/plans/compare"): (frozenset(), DRAWING | {R.LEADER}, {"a": "one", "b": "two"}),
    ("GET", "/api/v1/plans/takers"): (frozenset({R.HEAD}), frozenset(), {}),
    ("POST", "/api/v1/plans/foretell"): (
        DRAWING,
        frozenset(),
        {"edit": {"op": "rename", "area": "G1", "name": "north"}},
    ),
    ("GET", "/api/v1/workers"): (DRAWING, frozenset(), {}),
    ("GET", "/api/v1/notices"): (TOLD, frozenset(), {}),
    ("POST", "/api/v1/notices/read"): (TOLD, frozenset(), {}),
    ("POST", "/api/v1/notices/<id>/read"): (frozenset(), TOLD, {}),
    ("GET", "/api/v1/levels"): (MAPS, frozenset(), {}),
    ("POST", "/api/v1/levels"): (
        frozenset({R.ADMIN, R.HEAD}),
        frozenset(),
        {"levels": [{"level": "sub_area", "name": "责任片"}], "reason": "local word"},
    ),
    ("GET", "/api/v1/limits"): (MAPS | {R.ADMIN}, frozenset(), {}),
    ("POST", "/api/v1/limits"): (frozenset({R.ADMIN, R.HEAD}), frozenset(), {"rules": {"claim_minutes": 60}}),
    ("POST", "/api/v1/limits/days"): (
        frozenset({R.ADMIN, R.HEAD}),
        frozenset(),
        {"day": "2026-12-05", "is_work": True, "name": "集中走访"},
    ),
    ("DELETE", "/api/v1/limits/days/<day>"): (frozenset(), frozenset({R.ADMIN, R.HEAD}), {}),
    ("GET", "/api/v1/norm"): (MAPS, frozenset(), {}),
    ("POST", "/api/v1/norm"): (frozenset({R.ADMIN, R.HEAD}), frozenset(), NORM),
    ("POST", "/api/v1/plans/<id>/publish"): (JUDGING, frozenset(), {"reason": "shorter ways"}),
    ("POST", "/api/v1/plans/<id>/withdraw"): (JUDGING, frozenset(), {"reason": "later"}),
}


@dataclass(frozen=True)
class Site:
    """An application with one household, one case, and an account of every role for the community.

    ``ids``: of the one thing there is of each kind; ``headers``: what proves who asks, by role.
    """

    app: OpenAPI
    ids: dict[str, str]
    headers: dict[Role | None, dict[str, str]]

    def path(self, rule: str) -> str:
        """The rule with the one thing there is of its kind."""
        subject = rule.split("/")[3]
        if subject == "subjects":
            rule = rule.replace("<kind>", "household")
        known = (
            rule.replace("<code>", "G1")
            .replace("<int:number>", "1")
            .replace("<kind>", "households")
            .replace("<day>", "2026-12-05")
            .replace("<int:place>", "1")
            .replace("<int:z>/<int:x>/<int:y>", "15/27147/13235")
        )
        known = known.replace("<errand>", "nothing")
        if subject == "errands":
            known = known.replace("<step>", "receipt")
        known = known.replace("<layer>.<format>", "residents.csv").replace("answers.<format>", "answers.csv")
        return (
            known.replace("<id>", self.ids.get(subject, "nothing"))
            .replace("<action>", "escalate")
            .replace("<step>", "note")
        )

    def sent(self, told: dict[str, Any]) -> dict[str, Any]:
        """What is sent, with the ids of what is there in the place of their names."""
        return {
            name: self.ids["organisations"] if value == "#property" else value for name, value in told.items()
        }


def drawn_sample(session: Session, made: world.World, command: ReportCase) -> str:
    """A sample of September with the one case that was closed then; another one was closed in October."""
    for month in (9, 10):
        at = datetime(2026, month, 10, 2, tzinfo=UTC)
        kept = keep_case(session, made.actor, command, caches=made.caches, now=at, tz=world.TZ)
        close(made.view(session, now=at), kept.case.id, "gone", now=at + timedelta(hours=1))
    view = made.view(session, now=NOW)
    return draw(view, date(2026, 9, 1), date(2026, 9, 30), 5, now=NOW).id


def fill(app: OpenAPI) -> Site:
    """An empty application with everything the table asks for."""
    found = services_of(app)
    with found.database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        household = world.add_household(session, building, "101")
        resident = world.add_resident(session, household, date(1940, 1, 1))
        command = ReportCase(lon=SPOT["lon"], lat=SPOT["lat"], category="garbage", description="rubbish")
        kept = keep_case(
            session, made.actor, command, caches=made.caches, now=found.clock(), tz=found.settings.tz
        )
        view = made.view(session, now=found.clock())
        for kind, one in ((PlacedKind.HOUSEHOLD, household), (PlacedKind.CASE, kept.case)):
            set_pin(view, kind, one.id, Pin(lon=SPOT["lon"] + world.STEP, lat=SPOT["lat"]), now=found.clock())
        session.execute(update(Category).where(Category.code == "dispute").values(skill="mediation"))
        quarrel = replace(command, category="dispute")
        dispute = keep_case(
            session, made.actor, quarrel, caches=made.caches, now=found.clock(), tz=found.settings.tz
        )
        answer = AnswerInput(purpose="sensitive_needs", status="granted")
        record_answer(view, household.id, answer, now=found.clock())
        plan = new_plan(made.view(session, now=found.clock()), "plan", now=found.clock())
        sample = drawn_sample(session, made, command)
        ids = {
            "buildings": building.id,
            "households": household.id,
            "residents": resident.id,
            "persons": resident.id,
            "cases": kept.case.id,
            "disputes": dispute.case.id,
            "plans": plan.id,
            "evaluations": sample,
            "notices": "none",
        }
    headers: dict[Role | None, dict[str, str]] = {None: {}}
    for role in sorted(ALL):
        add_account(app, role.value, role, area_id=made.community)
        headers[role] = add_token(app, role.value)
    with found.database.read() as session:
        ids["organisations"] = session.scalars(
            select(Account.id).where(Account.name == R.PROPERTY.value)
        ).one()
    return Site(app, ids, headers)


@pytest.fixture(scope="module")
def filled(spatialite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A filled application that is closed; each test gets one of its own on a copy of its database."""
    folder = tmp_path_factory.mktemp("rights")
    shutil.copy(spatialite_template, folder / "filled.sqlite")
    (folder / "keys.json").write_text(key_file_text(KEYS))
    settings = Settings(database_url=f"sqlite:///{folder / 'filled.sqlite'}", key_file=folder / "keys.json")
    site = fill(create_app(settings, clock=lambda: NOW))
    services_of(site.app).database.close()
    return site


@pytest.fixture
def site(filled: Site, spatialite: Database, make_app: Callable[..., OpenAPI]) -> Site:
    kept = Path(str(services_of(filled.app).database.engine.url.database))
    shutil.copy(kept, str(spatialite.engine.url.database))
    app = make_app(spatialite)
    app.config["RATELIMIT_ENABLED"] = False
    return replace(filled, app=app)


def rules(app: OpenAPI) -> set[tuple[str, str]]:
    return {
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if str(rule).startswith("/api/") and method not in {"HEAD", "OPTIONS"}
    }


def test_the_table_holds_every_route(lite_app: OpenAPI) -> None:
    missing, gone = rules(lite_app) - set(TABLE), set(TABLE) - rules(lite_app)
    assert not missing, f"add these routes to the table of rights: {sorted(missing)}"
    assert not gone


@pytest.mark.parametrize(("method", "rule"), sorted(TABLE))
def test_each_role_gets_what_the_table_says(site: Site, method: str, rule: str) -> None:
    answering, without, told = TABLE[method, rule]
    sent = site.sent(told)
    for role in [None, *sorted(ALL)]:
        if role in answering:
            expected = {200, 201, 202}
        elif role in without:
            expected = {404}
        else:
            expected = {401} if role is None else {403}
        client = site.app.test_client()
        options = {"query_string": sent} if method == "GET" else {"json": sent}
        headers = site.headers[role] or csrf_of(client, method)
        answer = client.open(site.path(rule), method=method, headers=headers, **options)
        assert answer.status_code in closed_already(expected, rule, answer.status_code), (role, answer.text)


def csrf_of(client: Any, method: str) -> dict[str, str]:
    """The token of a form, as a visitor's page has it."""
    if method == "GET":
        return {}
    text = client.get("/report").text
    return {"X-CSRFToken": text.partition('name="csrf_token" value="')[2].partition('"')[0]}


def closed_already(expected: set[int], rule: str, status: int) -> set[int]:
    """The first role that may settles the one case or plan; for the next ones it is settled, or gone.

    Who may send an image and sends none is told so, as who drafts a round with a form there is not.
    """
    if rule.endswith(("/backgrounds", "/forms", "/outward", "/photos/<digest>")) and status == 422:
        return expected | {422} if 200 in expected else expected
    if rule in {"/api/v1/rounds", "/api/v1/rounds/trial"} and status == 422:
        return {422} if expected == {404} else expected
    once = ("/close", "/start", "/<action>", "/restore", "/position", "/errands", "/<id>/leave")
    is_step = rule.endswith(once) or "/plans/" in rule
    after = {404, 409} if "/plans/" in rule else {409}
    return expected | after if is_step and status in after and expected == {200, 201, 202} else expected


def test_what_is_not_ones_own_looks_like_what_is_not_there(site: Site) -> None:
    client = site.app.test_client()
    for role in (R.STEWARD, R.LEADER):
        headers = site.headers[role]
        hidden = client.get(f"/api/v1/households/{site.ids['households']}", headers=headers)
        absent = client.get("/api/v1/households/01a20de4-1883-70bf-ab6b-b4ba32402835", headers=headers)
        assert (hidden.status_code, hidden.json) == (absent.status_code, absent.json)


def test_a_case_of_another_community_is_not_there(site: Site) -> None:
    add_account(site.app, "elsewhere", R.HEAD)
    headers = add_token(site.app, "elsewhere")
    for path in ("areas", "cells", "hotspots", f"cases/{site.ids['cases']}"):
        answer = site.app.test_client().get(f"/api/v1/{path}?community=C1", headers=headers)
        assert answer.status_code == 404, path


def test_shapes_are_whole_and_right_way_round(site: Site) -> None:
    answer = site.app.test_client().get("/api/v1/areas?level=grid", headers=site.headers[R.HEAD])
    assert answer.json is not None
    found = {
        one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in answer.json["features"]
    }
    assert set(found) == {"G1", "G2", "G3", "G4"}
    assert found["G1"].symmetric_difference(world.square(0, 0, 2)).area == 0
