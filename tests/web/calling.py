"""Calls of every route by several people, and what they may not be answered.

What may be answered stands in the table of rights and is worked out here from the tables of the database: the
application is not asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gisgrid.access.actors import NOBODY, load_actor
from gisgrid.access.models import Account, Role
from gisgrid.access.tokens import TokenScope, create_token
from tests.conftest import NOW
from tests.demo_files import PASSWORD
from tests.web.aiming import cells_of, things_of
from tests.web.browsing import LOCAL, Browser, add_token, services_of
from tests.web.declared import described, description_of
from tests.web.test_api_rights import FIGURES, MAPS, OWN, TABLE
from tests.web.test_privacy_crawl import Known, check_cases, check_persons, read_secrets

_READS_BY_POST: Final = frozenset(
    {
        *("/locate", "/plans/foretell", "/rounds/trial"),
        *("/elders", "/needs/unserved", "/needs/unaided"),
        *("/households/search", "/households/{id}", "/households/{id}/fields", "/households/{id}/changes"),
        *("/households/{id}/records", "/persons/{id}/fields", "/persons/{id}/care-plan", "/records/{id}"),
        *("/records/{id}/photos/{digest}", "/work/visits"),
        "/subjects/{kind}/{id}/prefill",
        "/forms/{code}/answers.{format}",
        "/offline/parts",
    }
)
"""Routes that read what heads see after a reason, or what is asked with more than fits an address."""
"""What a token that only reads may post: questions."""
_OWN_ONLY: Final = {
    "/households/{id}/verified": "households",
    "/residents/{id}/visitor": "residents",
    "/cases/{id}": "cases",
    "/cases/{id}/start": "cases",
    "/cases/{id}/close": "cases",
    "/cases/{id}/people": "cases",
    "/cases/{id}/{action}": "cases",
    "/notices/{id}/read": "notices",
}
"""Routes on which a grid member never has a thing of another grid."""
_LAYERS: Final = {
    "residents": OWN,
    "households": MAPS - {Role.LEADER},
    "records": MAPS - {Role.LEADER},
    "hotspots": FIGURES,
    "indicators": FIGURES,
}
"""Who may export a layer, where not everybody who sees maps may."""
_PLANS: Final = 8
_API: Final = "/api/v1"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who calls: with a token, a cookie and the token of forms, or a token that only reads."""

    name: str
    role: Role | None
    how: str
    client: Any
    headers: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call as it was sent; ``route`` is the path of the description without what all paths begin with."""

    person: Person
    method: str
    route: str
    path: str
    query: dict[str, Any]
    body: Any


class Site:
    """The demo behind an application, with the people who call."""

    def __init__(self, app: OpenAPI, names: Sequence[str], *, member: str = "member01") -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app, self.member = app, member
        self.description = description_of(app)
        with services_of(app).database.read() as session:
            self.secrets = read_secrets(session)
            self.known = {name: _known(session, name) for name in names}
            self.things = things_of(session, member)
            worker = select(Account.worker_id).where(Account.name == member)
            self.worker = session.scalars(worker).one()
        self.people = [person for name in names for person in self._people(name)]
        if "staff" in names:
            self._open_plans()

    def _people(self, name: str) -> list[Person]:
        role = self.known[name].actor.role
        browser = Browser(self.app)
        if name:
            assert browser.log_in(name, PASSWORD).status_code == 303, name
            browser.client.set_cookie("lang", "en")
        form = {"X-CSRFToken": browser.token(), "Referer": browser.base + "/"}
        held = {"cookie": (browser.client, form)}
        if name:
            held["token"] = (self.app.test_client(), add_token(self.app, name))
            held["reading token"] = (self.app.test_client(), self._reading(name))
        else:
            held["nothing"] = (self.app.test_client(), {})
        return [
            Person(name=name, role=role, how=how, client=client, headers=headers)
            for how, (client, headers) in held.items()
        ]

    def _open_plans(self) -> None:
        """Plans to act upon, each with a step."""
        staff = next(one for one in self.people if (one.name, one.how) == ("staff", "token"))
        grid = self.things.values["grid"][0]
        for number in range(_PLANS):
            sent = {"json": {"name": f"方案 {number}"}, "headers": staff.headers}
            plan = staff.client.post(f"{_API}/plans", **sent).json["id"]
            edit = {"op": "rename", "area": grid, "name": f"网格 {number}"}
            done = staff.client.post(f"{_API}/plans/{plan}/edits", json=edit, headers=staff.headers)
            assert done.status_code == 200, done.text
            self.things.own["plans"].append(plan)
            for name in ("plan", "a", "b"):
                self.things.values[name].append(plan)

    def _reading(self, name: str) -> dict[str, str]:
        with services_of(self.app).database.write() as session:
            token = create_token(session, LOCAL, name, now=NOW, scope=TokenScope(may_write=False))
        return {"Authorization": f"Bearer {token}"}

    def send(self, call: Call) -> TestResponse:
        options: dict[str, Any] = {}
        if call.body is not None:  # as a program writes it: also numbers the application would not write
            options = {"data": json.dumps(call.body), "content_type": "application/json"}
        answer: TestResponse = call.person.client.open(
            call.path, method=call.method, query_string=call.query, headers=call.person.headers, **options
        )
        return answer

    def faults(self, call: Call, answer: TestResponse) -> Iterable[str]:
        """What is wrong with an answer, in words without what was sent."""
        where = f"{call.person.name or 'nobody'} by {call.person.how}: {call.method} {call.route}"
        status, kind = answer.status_code, answer.mimetype or ""
        is_no_printer = status == 503 and call.route.endswith(".pdf")
        if status >= 500 and not is_no_printer:
            yield f"{where} {status}: a fault of the server"
        told = self.description.fault_of(
            (_API + call.route, call.method.lower(), str(status), kind, answer.data)
        )
        if told is not None:
            yield f"{where}: not described: {told}"
        if status < 400 and not _may(call):
            yield f"{where} {status}: answered without a right"
        if status < 300 and _may(call):
            yield from (f"{where}: {leak}" for leak in self._leaks(call, answer))

    def _leaks(self, call: Call, answer: TestResponse) -> Iterable[str]:
        """What an answer tells that this account may not know."""
        if call.person.name == self.member:
            subject = _OWN_ONLY.get(call.route)
            is_others = subject is not None and call.path.split("/")[4] in self.things.others[subject]
            if is_others and not self._claims(call):
                yield f"one of {subject} of another grid"
            sheets = (answer.json or {}).get("sheets", []) if call.route.endswith("/handover") else []
            if any(sheet["worker"] != self.worker for sheet in sheets):
                yield "a sheet of somebody else"
        shows_pool = call.route == "/cases/pool"  # cases of nobody, which a member may take over
        if (
            not shows_pool
            and call.person.role in _OF_OWN_CELLS
            and answer.mimetype in {"application/json", "text/csv"}
        ):
            text = answer.get_data(as_text=True)
            try:
                check_persons(self.secrets, self.known[call.person.name], call.path, text)
                check_cases(self.secrets, self.known[call.person.name], call.path, text)
            except AssertionError as error:
                yield f"told too much: {str(error)[:200]}"

    def _claims(self, call: Call) -> bool:
        """Whether the member has taken over a case that nobody had: from then on it is the member's own."""
        case = self.secrets.cases[call.path.split("/")[4]] if call.path.endswith("/claim") else None
        if case is None or case.handler_id is not None or case.is_confidential:
            return False
        self.things.others["cases"].remove(case.id)
        for word in (case.id, case.number, case.receipt):
            self.secrets.cases.pop(word, None)
        return True


_OF_OWN_CELLS: Final = frozenset({None, Role.ADMIN, Role.MEMBER})
"""Whose scope no call of these tests changes."""


def _may(call: Call) -> bool:
    """Whether the table of rights lets this role have an answer, and the token has leave for the method."""
    rule = next(
        rule for method, rule in TABLE if method == call.method and described(rule) == _API + call.route
    )
    answering, without, _sent = TABLE[call.method, rule]
    roles = answering | without
    if call.route == "/exports/{layer}.{format}":
        roles = _LAYERS.get(call.path.rpartition("/")[2].partition(".")[0], MAPS)
    writes = call.method != "GET" and call.route not in _READS_BY_POST
    return call.person.role in roles and not (writes and call.person.how == "reading token")


def _known(session: Session, name: str) -> Known:
    if not name:
        return Known(actor=NOBODY, cells=frozenset())
    account = session.scalars(select(Account.id).where(Account.name == name)).one()
    actor = load_actor(session, account, now=NOW)
    assert actor is not None
    return Known(actor=actor, cells=cells_of(session, account))


@dataclass
class Tally:
    """How many calls were answered how."""

    calls: Counter[tuple[str, int]] = field(default_factory=Counter)
    routes: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, call: Call, status: int, faults: Iterable[str]) -> None:
        self.calls[call.person.name or "nobody", status // 100] += 1
        self.routes.setdefault((call.method, call.route), set()).add(status)
        for fault in faults:
            self.faults[fault] += 1
            self.examples.setdefault(fault, f"{call.path} {call.query} {json.dumps(call.body)[:400]}")

    def figures(self) -> dict[str, str]:
        """Calls by account and class of status, and the routes that were called."""
        found = {"calls": str(self.calls.total())}
        for name in sorted({name for name, _status in self.calls}):
            classes = {status: count for (who, status), count in sorted(self.calls.items()) if who == name}
            told = " ".join(f"{status}xx {count}" for status, count in classes.items())
            found[name] = f"{sum(classes.values())} ({told})"
        found["server errors"] = str(sum(n for (_who, status), n in self.calls.items() if status == 5))
        answered = sum(any(status < 300 for status in seen) for seen in self.routes.values())
        return found | {"routes called": str(len(self.routes)), "routes that answered 2xx": str(answered)}
