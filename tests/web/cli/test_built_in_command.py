"""`gisgrid db upgrade` brings the forms and rules of the program, and nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from data.forms.built_in.forms import CODES, rows_of, workbook_of
from data.forms.written_sheets import write_workbook
from gisgrid.forms.tasks.shipped import shipped_rules
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.work_models import TaskRuleVersion
from tests.web.cli.installation import Installation


def versions(at: Installation) -> list[tuple[str, int, str]]:
    with at.database.read() as session:
        rows = session.execute(
            select(FieldForm.code, FormVersion.number, FormVersion.state)
            .join(FormVersion, FormVersion.form_id == FieldForm.id)
            .order_by(FieldForm.code, FormVersion.number)
        )
        return [tuple(row) for row in rows]


def test_forms_and_rules_are_there_after_an_upgrade_and_come_once(
    at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert versions(at) == [(code, 1, "published") for code in sorted(CODES)]
    with at.database.read() as session:
        codes = session.scalars(select(TaskRuleVersion.code)).all()
    assert sorted(codes) == sorted(row.rule.code for row in shipped_rules())

    def unread(*_path: Any, **_register: Any) -> None:
        raise AssertionError("a workbook that is there already was read")

    with monkeypatch.context() as patched:
        patched.setattr("data.forms.built_in.forms.read_form", unread)
        assert at("db", "upgrade") == 0
    assert versions(at) == [(code, 1, "published") for code in sorted(CODES)]


def test_another_workbook_makes_a_new_version(
    at: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = rows_of("visit5")
    heads, *rows = sheets["survey"]
    changed = tmp_path / "visit5.xlsx"
    write_workbook(changed, {**sheets, "survey": [heads, *rows, ["note", "thanks", "谢谢", "Thank you"]]})
    monkeypatch.setattr(
        "data.forms.built_in.forms.workbook_of",
        lambda code: changed if code == "visit5" else workbook_of(code),
    )
    assert at("db", "upgrade") == 0
    assert [row for row in versions(at) if row[0].startswith("visit5")] == [
        ("visit5", 1, "retired"),
        ("visit5", 2, "published"),
        ("visit5_feedback", 1, "published"),
    ]
