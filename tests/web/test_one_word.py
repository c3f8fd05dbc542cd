"""One word per idea: files that go out, templates of files that come in, and pages say the same."""

from __future__ import annotations

import pytest
from flask_openapi3.openapi import OpenAPI

from data.exporters import words
from data.exporters.layers import LAYERS
from data.importers.kinds.fields import KINDS
from gisgrid.cases.core.rules import CaseState, Severity
from web.words.accounts import severity_name
from web.words.cases import state_name


def test_exports_say_what_pages_say(app: OpenAPI) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert {str(one): severity_name(one) for one in Severity} == words.SEVERITIES
        assert {one: state_name(one) for one in CaseState} == words.STATES


def test_exports_call_it_as_the_card_of_a_case_does() -> None:
    titles = {column.name: column.title for column in LAYERS["cases"].columns}
    assert (titles["handler"], titles["due_at"]) == ("主办人", "办理期限")


@pytest.mark.parametrize(
    ("kind", "field", "said"),
    [("cases", "severity", words.SEVERITIES), ("areas", "type", words.GRID_TYPES)],
)
def test_templates_of_files_say_what_exports_say(kind: str, field: str, said: dict[str, str]) -> None:
    (wanted,) = (one.words for one in KINDS[kind] if one.name == field)
    assert wanted == {word: code for code, word in said.items()}
