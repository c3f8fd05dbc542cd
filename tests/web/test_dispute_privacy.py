"""Everybody asks for every dispute by every page, route and id, on both databases: none leaks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gisgrid.access.accounts import set_password
from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.disputes.models import DisputeEntry
from gisgrid.cases.disputes.pipeline import DisputeSnapshot, DisputeStage, DisputeStep
from gisgrid.cases.disputes.store import SealedTexts, event, write_dispute
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.cases.mediation.disputes import Quarrel
from tests.web.browsing import LOCAL, PASSWORD, Browser, add_account, services_of

SEALED: Final = ("姓氏密语", "地点密语", "会谈密语", "协议密语", "线索密语", "远处密语", "邻社密语")
MAY: Final = {
    "head": {"near", "clue", "far"},
    "staff": {"near", "clue", "far"},
    "member": {"near", "clue"},
    "other": {"far"},
    "mediator": {"near"},
    "leader": set(),
    "grid_leader": set(),
    "resident": set(),
    "admin": set(),
    "steward": set(),
    "property": set(),
    "org": set(),
    "evaluator": set(),
    "": set(),
}
"""Which disputes each of them may open; ``beside`` lies in another community and is nobody's here."""
CARDS: Final = re.compile(r"/(api/v1/)?disputes/")
ABOUT: Final = re.compile("case|dispute|request")
"""Addresses in which an id of a case may stand; all others are asked with one of them."""
BY_ID: Final = ("/audit",)
"""Tells ids of what was opened to administrators, never more."""


class Street:
    """Disputes near, merged, far and beside, everybody at a browser, and what each dispute is told by."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, found = app, services_of(app)
        app.config["RATELIMIT_ENABLED"] = False
        with found.database.write() as session:
            scene = Quarrel(session, found.clock())
            world.found_beside(session, scene.made)
            cases = self._quarrels(session, scene)
            self.marks = {name: {case.id, case.number, case.receipt} for name, case in cases.items()}
            self.ids = {name: case.id for name, case in cases.items()}
            self.numbers = [case.number for case in cases.values()]
            names = {name: actor.name for name, actor in scene.actors.items()}
            for account in names.values():
                set_password(session, LOCAL, account, PASSWORD, now=found.clock())
            community = scene.made.community
        for role in (Role.ADMIN, Role.STEWARD, Role.PROPERTY, Role.ORG, Role.EVALUATOR):
            scope = {} if role in (Role.ADMIN, Role.EVALUATOR) else {"area_id": community}
            add_account(app, role.value, role, **scope)
            names[role.value] = role.value
        self.names = names

    @staticmethod
    def _quarrels(session: Session, scene: Quarrel) -> dict[str, Case]:
        near, clue, far = scene.report(), scene.report(0.6), scene.report(2.5, by="other")
        beside = scene.report(4.5, by="staff")
        scene.do("member", clue, "note", text="线索密语", people="姓氏密语")
        scene.do("member", near, "sort", grade="major", people="姓氏密语")
        scene.do("staff", near, "ask", mediator=scene.worker("mediator"))
        meeting = {"met_at": scene.now, "place": "地点密语", "people": "姓氏密语", "text": "会谈密语"}
        scene.do("mediator", near, "meet", **meeting)
        scene.do("mediator", near, "agree", text="协议密语")
        scene.do("member", clue, "merge", into=near.id)
        scene.do("other", far, "note", text="远处密语")
        told = event(DisputeSnapshot(), DisputeStep.NOTE, DisputeStage.CLUE, scene.now, {})
        write_dispute(session, scene.actors["staff"], beside.id, told, SealedTexts(text="邻社密语"))
        return {"near": near, "clue": clue, "far": far, "beside": beside}

    def visit(self, name: str) -> Browser:
        browser = Browser(self.app)
        if name:
            assert browser.log_in(self.names[name]).status_code == 303, name
        return browser

    def paths(self, *, each: bool) -> Iterator[str]:
        """Every page and route that is read, with each dispute or one of them wherever an id stands."""
        for rule in sorted(self.app.url_map.iter_rules(), key=str):
            path = str(rule)
            if "GET" not in (rule.methods or ()) or path.startswith(("/static", "/healthz", "/favicon")):
                continue
            if "<" not in path:
                yield path
            ids = list(self.ids.values()) if each and ABOUT.search(path) else [self.ids["near"]]
            for one in ids if "<" in path else ():
                yield re.sub("<[^>]+>", one, path)
        for number in self.numbers:
            for text in (number, number[:9]):
                yield f"/api/v1/cases?state=all&q={text}"
                yield f"/api/v1/households?q={text}"
            yield f"/open311/v2/requests/{number}.json"
        yield from ("/api/v1/cases?state=all", "/api/v1/cases?state=all&mine=1&category=dispute")
        yield from ("/api/v1/heat?category=dispute", "/api/v1/hotspots?category=dispute&compare=previous")
        yield from (
            f"/api/v1/exports/{layer}.csv" for layer in ("cases", "hotspots", "residents", "households")
        )
        yield from (f"/disputes?stage={stage}" for stage in DisputeStage)
        yield from (f"/api/v1/disputes?stage={stage}" for stage in DisputeStage)
        yield from ("/open311/v2/requests.json?service_code=dispute", "/api/v1/disputes?community=C2")


@pytest.fixture
def street(app: OpenAPI) -> Street:
    return Street(app)


def readable(answer: TestResponse) -> str:
    """All that stands in an answer; the parts of a workbook too."""
    if zipfile.is_zipfile(body := io.BytesIO(answer.data)):
        with zipfile.ZipFile(body) as book:
            return "".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return answer.data.decode(errors="replace")


SOME: Final = ("member", "other", "leader")


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, and whether of each dispute also where they may open none."""

    names: tuple[str, ...]
    of_each: bool


@pytest.fixture(params=["everybody", pytest.param("each on both", marks=pytest.mark.prove)])
def asking(request: pytest.FixtureRequest, database: Database) -> Asking:
    """Everybody on SpatiaLite; on PostGIS some, and in the long proofs everybody of everything there too."""
    is_proof = request.param == "each on both"
    return Asking(names=tuple(MAY) if database.is_sqlite or is_proof else SOME, of_each=is_proof)


def _lines(app: OpenAPI) -> tuple[int, int]:
    with services_of(app).database.read() as session:
        entries = session.scalar(select(func.count()).select_from(DisputeEntry)) or 0
        return entries, session.scalar(select(func.count()).select_from(CaseLog)) or 0


def test_nobody_reads_a_dispute_that_is_not_theirs(street: Street, asking: Asking) -> None:
    seen: dict[str, set[str]] = {name: set() for name in asking.names}
    for name in asking.names:
        own = MAY[name]
        browser = street.visit(name)
        for path in street.paths(each=bool(own) or asking.of_each):
            answer = browser.get(path)
            assert answer.status_code < 500, (name, path)
            text = readable(answer) if answer.status_code == 200 else ""
            for other in street.ids.keys() - own:
                leaks = {mark for mark in street.marks[other] if mark in text and mark not in path}
                is_told_by_id = path in BY_ID and leaks <= {street.ids[other]}
                is_merged = other == "clue" and "near" in own
                assert not leaks or is_told_by_id or is_merged, (name, path, other, leaks)
            said = {word for word in SEALED if word in text}
            assert not said or CARDS.match(path), (name, path, said)
            seen[name] |= said
    everything = set(SEALED) - {"邻社密语"}
    told = {"head": everything, "staff": everything, "other": {"远处密语"}}
    told |= dict.fromkeys(("member", "mediator"), everything - {"远处密语"})
    assert seen == {name: told.get(name, set()) for name in asking.names}


def test_nobody_changes_a_dispute_that_is_not_theirs(street: Street, asking: Asking) -> None:
    for name in asking.names:
        own = MAY[name]
        browser, before = street.visit(name), _lines(street.app)
        for other in street.ids.keys() - own:
            for step in DisputeStep:
                body = {"text": "插话", "grade": "major", "into": street.ids["near"], "holds": True}
                path = f"disputes/{street.ids[other]}/{step}"
                sent = browser.post_json(f"/api/v1/{path}", body)
                assert sent.status_code in {401, 403, 404}, (name, path, sent.text)
                page = browser.post(f"/{path}", {"text": "插话", "grade": "major", "holds": "yes"})
                assert page.status_code in {302, 403, 404}, (name, path)
        assert _lines(street.app) == before, name
