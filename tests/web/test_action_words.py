"""Every action that the audit trail keeps is told in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flask_openapi3.openapi import OpenAPI

from data.exporters.layers import LAYERS
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.disputes.pipeline import DisputeStep
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.people.core.request_rules import RequestOutcome
from gisgrid.redraw.plans.models import NoteKind
from tests import ROOT
from web.prints import REPORTS
from web.words.actions import action_name


def written(function: str, place: int) -> set[str]:
    """The texts written out as an argument of a function, wherever it is called."""
    found = set[str]()
    for package in ("gisgrid", "data", "web"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function:
                    given = node.args[place : place + 1]
                    found |= {str(one.value) for one in given if isinstance(one, ast.Constant)}
    return found


def composed() -> Iterator[str]:
    """The actions made of a subject and a step, a layer, a table or a report."""
    yield from (f"cases:{step}" for step in (*CaseAction, *ErrandStep, "publish", "unpublish"))
    yield from (f"disputes:{step}" for step in DisputeStep)
    yield from (f"plan:{kind}" for kind in NoteKind if kind is not NoteKind.COMMENT)
    yield from (
        f"requests:{outcome}" for outcome in RequestOutcome if outcome is not RequestOutcome.WITHDRAWN
    )
    yield from (f"export:{name}" for name in (*LAYERS, *written("csv_answer", 0)))
    yield from (f"report:{name}" for name in REPORTS)


def test_every_recorded_action_has_words(app: OpenAPI) -> None:
    actions = written("record", 2) | set(composed())
    assert {"plan:publish", "export:coverage-elderly", "report:hotspots"} <= actions
    with app.test_request_context():
        assert {action for action in actions if action_name(action) == action} == set()
