"""The core says its errors in English; whoever reads the web reads them in the language of the page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.cases.core.rules import CaseAction, CaseState
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, Sentence, say
from tests import ROOT
from tests.web.browsing import Browser, add_account
from tests.web.core_sentences import Said, module_files, sentences_of
from web import request_models
from web.i18n import field_label, tell

CATALOGUE = ROOT / "web" / "translations" / "zh" / "LC_MESSAGES" / "core.po"
OUT_OF_REACH = {
    "gisgrid.access.keys.presence": "makes the key file at `gisgrid db upgrade`",
    "gisgrid.geometry.faults": "`gisgrid check`",
    "gisgrid.geometry.repair": "`gisgrid check --fix`",
    "gisgrid.positions.cell_assignment": "`gisgrid cells`",
    "gisgrid.upkeep.checks": "`gisgrid check`",
    "gisgrid.access.keys.file": "`gisgrid key`",
    "gisgrid.storage.content.values": "backups and copies",
    "gisgrid.upkeep.archive": "`gisgrid backup`",
    "gisgrid.upkeep.backup": "`gisgrid backup`",
    "gisgrid.upkeep.copy": "`gisgrid db copy`",
    "gisgrid.upkeep.manifest": "`gisgrid backup`",
    "gisgrid.upkeep.restoration": "`gisgrid restore`",
    "gisgrid.upkeep.rekey": "`gisgrid key`",
    "web.cli": "the command line itself",
}
"""Modules that no page and no operation of the API imports, and why."""


def is_out_of_reach(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in OUT_OF_REACH)


def modules() -> dict[str, Path]:
    """What says something on a page: of ``data`` what reads and writes files."""
    found = module_files("gisgrid", "web", "data")
    is_said = (
        "gisgrid",
        "web",
        "data.backgrounds",
        "data.exporters",
        "data.forms",
        "data.importers",
        "data.outward",
        "data.uploads",
    )
    return {name: path for name, path in found.items() if name.startswith(is_said)}


def reachable() -> list[Said]:
    """What the web can say: from all modules of the core and of the web that are in its reach."""
    return [
        said
        for module, path in modules().items()
        if not is_out_of_reach(module)
        for said in sentences_of(module, path)
    ]


def chinese(context: str | None = None) -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id and one.context == context}


def request_fields() -> set[str]:
    models = [
        one for one in vars(request_models).values() if isinstance(one, type) and issubclass(one, BaseModel)
    ]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def test_the_web_imports_nothing_that_is_listed_as_out_of_its_reach() -> None:
    script = (
        "import sys, web.app; print(*(name for name in sys.modules if name.startswith(('gisgrid', 'web'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if is_out_of_reach(name)]


def test_every_sentence_the_web_can_say_has_a_chinese_one() -> None:
    words = chinese()
    missing = [
        f"{one.module}:{one.line} {one.sentence}" for one in reachable() if not words.get(one.sentence or "")
    ]
    assert not missing, "write it with say() and add it to core.po, or list its module as out of reach"


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    said = {one.sentence for module, path in modules().items() for one in sentences_of(module, path)}
    assert set(chinese()) - said == set()


def test_a_translation_names_only_values_that_its_sentence_has() -> None:
    for english, translated in chinese().items():
        named = set(re.findall(r"\{(\w+)[}!:]", english))
        assert set(re.findall(r"\{(\w+)\}", translated)) == named, english


def test_every_field_has_a_name_that_people_use() -> None:
    fields = request_fields() | {one.field for one in reachable() if one.field}
    assert fields - set(chinese("field")) == set()


def test_a_sentence_is_its_text_and_remembers_what_it_was_made_of() -> None:
    sentence = say("no grid with the code {code!r}", code="G1")
    assert sentence == "no grid with the code 'G1'"
    assert isinstance(sentence, Sentence)
    assert (sentence.template, dict(sentence.values)) == ("no grid with the code {code!r}", {"code": "G1"})
    assert str(InvalidInput(say("at most {most} points at once", most=3), field="points")) == (
        "field points: at most 3 points at once"
    )


@pytest.fixture
def asked_in(lite_app: OpenAPI) -> Any:
    """Tells something as a page in a language would."""

    def ask(language: str, said: str) -> str:
        with lite_app.test_request_context(headers={"Cookie": f"lang={language}"}):
            return tell(said)

    return ask


@pytest.mark.parametrize(
    ("said", "in_chinese"),
    [
        ("no such case", "没有这个案件,或不在您的范围内"),
        (say("no category with the code {code}", code="C9"), "没有编号为「C9」的类别,请重新选择"),
        (
            say(
                "a case that is {state} can't take the step {action}",
                state=CaseState.CLOSED,
                action=CaseAction.START,
            ),
            "案件目前是「已结案」,不能再「开始处置」,请刷新后查看最新状态",
        ),
        (say("nobody translated {this}", this=Level.MICRO_GRID), "nobody translated 微网格"),
        (say("nobody translated {this}", this="x"), "nobody translated x"),
        ("nobody translated {this}", "nobody translated {this}"),
        ("", ""),
    ],
)
def test_a_sentence_is_told_in_the_readers_language(asked_in: Any, said: str, in_chinese: str) -> None:
    assert asked_in("zh", said) == in_chinese
    assert asked_in("en", said) == said


def test_a_value_with_braces_stays_what_it_is(asked_in: Any) -> None:
    said = say("no category with the code {code}", code="{code.__class__}{0}")
    assert "「{code.__class__}{0}」" in asked_in("zh", said)


def test_a_field_is_called_as_people_call_it(lite_app: OpenAPI) -> None:
    with lite_app.test_request_context():
        assert field_label("points.3.1") == "位置"
        assert field_label("never heard of") is None


ERRORS = {
    "faults": InvalidInput(
        [
            Fault(message="there is no such category", field="category"),
            Fault(message="the shape is empty", row=3),
        ]
    ),
    "gone": NotFound("no such household"),
    "moved": Conflict("an account of that name exists"),
}


@pytest.fixture
def failing(lite_app: OpenAPI) -> OpenAPI:
    def fail(name: str) -> str:
        raise ERRORS[name]

    lite_app.add_url_rule("/api/v1/fail/<name>", "api_fail", fail)
    lite_app.add_url_rule("/fail/<name>", "fail", fail)
    add_account(lite_app, "head", Role.HEAD)
    return lite_app


def test_problems_speak_the_language_of_the_reader(failing: OpenAPI) -> None:
    browser = Browser(failing)
    browser.log_in("head")
    problem = browser.get("/api/v1/fail/faults").json
    assert problem is not None
    assert problem["detail"] == "没有这个类别,请重新选择;第 3 行:图形是空的"
    assert problem["faults"][0] == {
        "message": "没有这个类别,请重新选择",
        "field": "category",
        "label": "类别",
    }
    browser.post("/language", {"lang": "en"})
    problem = browser.get("/api/v1/fail/faults").json
    assert problem is not None
    assert problem["detail"] == "category: there is no such category; row 3: the shape is empty"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("faults", "没有这个类别,请重新选择;第 3 行:图形是空的。"),
        ("gone", "没有这一户,或不在您的范围内。"),
        ("moved", "这个账号名已经有了,请换一个。"),
    ],
)
def test_pages_say_what_happened_what_is_kept_and_what_to_do(failing: OpenAPI, name: str, said: str) -> None:
    browser = Browser(failing)
    browser.log_in("head")
    text = browser.get(f"/fail/{name}").text
    assert said in text
    assert "已保存的内容都在" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("level=x", "层级:没有这个选项"),
        ("bbox=1,2", "范围框:这里要 4 个用逗号隔开的数字"),
        ("bbox=3,2,1,4", "范围框的次序是:西,南,东,北"),
        ("simplify=-1", "简化:不能小于 0"),
        ("as_of=x", "截至日期:这里要填日期,如 2026-11-24"),
        ("community=" + "x" * 61, "社区:文字太长"),
    ],
)
def test_requests_that_fit_no_model_are_told_in_chinese(lite_browser: Browser, query: str, said: str) -> None:
    lite_browser.log_in()
    problem = lite_browser.get(f"/api/v1/areas?{query}").json
    assert problem is not None
    assert problem["detail"].startswith(said)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/v1/locate", {"points": [[1, 2], ["a", 2]]}, "第 2 行,位置:这里要填数字"),
        ("/api/v1/locate", "x", "送来的内容格式不对"),
        ("/api/v1/cases", {}, "经度:这一项必填;纬度:这一项必填;类别:这一项必填;情况说明:这一项必填"),
    ],
)
def test_bodies_that_fit_no_model_are_told_in_chinese(
    lite_browser: Browser, path: str, body: Any, said: str
) -> None:
    problem = lite_browser.post_json(path, body).json
    assert problem is not None
    assert problem["detail"] == said


def test_a_bound_is_written_as_people_write_it(lite_browser: Browser) -> None:
    lite_browser.log_in()
    problem = lite_browser.get("/api/v1/coverage/elderly?distance=1").json
    assert problem is not None
    assert problem["detail"] == "步行距离:不能小于 50"
