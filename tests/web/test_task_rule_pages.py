"""The page of task rules: what is typed is kept from tomorrow on, or refused in the reader's words."""

from __future__ import annotations

import pytest
from flask_openapi3.openapi import OpenAPI

from data.forms.built_in.forms import built_in_forms
from gisgrid.access.actors import local_actor
from gisgrid.records.publication.built_in import install_forms
from tests.web.browsing import Browser, services_of

PAGE = "/settings/tasks"


@pytest.fixture(autouse=True)
def _forms(app: OpenAPI, head: Browser) -> None:
    """The forms that come with the program."""
    assert head, "whoever signs in founds the community first"
    services = services_of(app)
    with services.database.write() as session:
        install_forms(session, local_actor(session, "tester"), built_in_forms(), now=services.clock())


def test_a_head_changes_a_rule_and_sees_it_come(head: Browser) -> None:
    page = head.get(PAGE).text
    assert "高风险老人每周探访" in page
    assert "上次之后每 7 天" in page
    sent = {"is_on": "1", "who": "${age} >= 75 and ${living_alone}", "every_days": "5", "priority": "1"}
    assert head.post(f"{PAGE}/elder_week", sent).status_code == 303
    page = head.get(PAGE).text
    assert "上次之后每 5 天" in page
    assert "周岁 ≥ 75 且 独居" in page
    assert "自 2026-11-25 起" in page
    assert "2026-11-24" in page


def test_an_own_rule_is_added_and_switched_off(head: Browser) -> None:
    numbers = {"priority": "3", "first": "0", "lead": "0"}
    sent = {"form": "dispute_screen", "who": "", "schedule": "month", **numbers}
    assert head.post(PAGE, sent).status_code == 303
    page = head.get(PAGE).text
    assert 'id="own_1"' in page
    assert head.post(f"{PAGE}/own_1", {"who": ""}).status_code == 303
    assert "停用" in head.get(PAGE).text


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"every_days": "7x"}, "每几天一次"),
        ({"every_days": "7", "who": "<script>alert(1)</script>"}, "对谁"),
        ({"every_days": "7", "who": "${phone} = '1'"}, "phone"),
        ({"every_days": "7", "form": "none"}, "填写哪张表"),
        ({"every_days": ""}, "每几天一次"),
    ],
)
def test_faults_are_told_by_field_and_what_was_typed_stays(
    head: Browser, values: dict[str, str], says: str
) -> None:
    usual = {"form": "elder_visit", "who": "${age} > 90", "schedule": "every", "first": "3", "priority": "2"}
    answer = head.post(PAGE, usual | values)
    assert answer.status_code == 422
    assert says in answer.text
    assert "<script>alert" not in answer.text
    assert 'id="own_1"' not in head.get(PAGE).text
