"""Every action that the audit trail keeps is told in words."""

from __future__ import annotations

import ast
from pathlib import Path

from flask_openapi3.openapi import OpenAPI

from web.people_words import action_name

ROOT = Path(__file__).resolve().parents[2]


def recorded() -> set[str]:
    """The actions written out where an entry is made."""
    found = set[str]()
    for package in ("gisgrid", "data", "web"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                    given = node.args[2:3]
                    found |= {str(one.value) for one in given if isinstance(one, ast.Constant)}
    return found


def test_every_recorded_action_has_words(app: OpenAPI) -> None:
    actions = recorded()
    assert "plan:publish" in actions
    with app.test_request_context():
        assert {action for action in actions if action_name(action) == action} == set()
