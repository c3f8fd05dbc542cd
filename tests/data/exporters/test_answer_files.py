"""What was answered, as files: a column for each question and choice, for who may know it, after a reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from data.exporters.answers import AnswersRequest, export_answers
from data.exporters.layer import ExportRequest
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import Choice, FormSettings, FormTree, Question, QuestionGroup, Repeat
from gisgrid.people.core.models import Consent
from gisgrid.records.core.record_models import Record
from gisgrid.records.lists.queries import RecordFilter
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.engine import Database
from tests.gisgrid.records.test_entries import Field, field

ASKED = FormTree(
    code="asked",
    title={"zh": "走访[一]:试用", "en": "Asked"},
    languages=("zh", "en"),
    settings=FormSettings(subject="household", purpose="elder_visits"),
    choices={
        "manner": (Choice(name="home", label={"zh": "上门"}), Choice(name="phone", label={"zh": "电话"})),
        "help": (Choice(name="meal", label={"zh": "助餐"}), Choice(name="bath", label={"zh": "=助浴"})),
    },
    items=(
        Question(name="manner", type="select_one", choices="manner", label={"zh": "=方式"}),
        Question(name="count", type="integer", label={"zh": "人数"}),
        Question(name="day", type="date", label={"zh": "日期"}),
        QuestionGroup(
            name="more",
            items=(
                Question(name="help", type="select_multiple", choices="help", label={"zh": "服务"}),
                Question(name="Count", type="text", label={"zh": "人数"}),
                Question(name="illness", type="text", label={"zh": "病情"}, sensitive=True),
            ),
        ),
        Question(name="place", type="geopoint", label={"zh": "位置"}),
        Question(name="twice", type="calculate", calculation=parse("2 * ${count}")),
        Repeat(
            name="drugs",
            label={"zh": "用药"},
            items=(
                Question(name="drug", type="text", label={"zh": "药名"}),
                Question(name="times", type="integer"),
            ),
        ),
    ),
)
ANSWERS = {
    "manner": "home",
    "count": 3,
    "day": "2026-11-20",
    "help": ["bath"],
    "Count": "=1+1",
    "illness": "示例病",
    "place": {"lon": 118.25, "lat": 33.5},
    "drugs": [{"drug": "甲", "times": 2}, {"drug": "+乙", "times": 1}],
}


@pytest.fixture
def asked(database: Database, now: datetime) -> Any:
    """A household of a member's grid with one filled form."""
    with database.write() as session:
        place = field(session, now)
        install_forms(session, place.view.actor, [FormFile(tree=ASKED, workbook=b"asked")], now=now)
        place.write(place.sent(ANSWERS, tree=ASKED, subject_id=place.home))
        yield place


def written(place: Field, out: Path, view: View | None = None, *, zh: bool = False, **values: Any) -> Path:
    usual = {"form": "asked", "repeat": None, "with_sensitive": False, "reason": "核对"}
    wanted = AnswersRequest(**{"records": RecordFilter(), **usual, **values})
    export_answers(view or place.view, wanted, ExportRequest(now=place.now), out, crs=None, in_chinese=zh)
    return out


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def as_role(place: Field, role: Role, **values: Any) -> View:
    return replace(place.view, actor=replace(place.view.actor, role=role, **values))


def test_each_question_is_a_column_and_each_choice_of_several(asked: Field, tmp_path: Path) -> None:
    (row,) = rows_of(written(asked, tmp_path / "a.csv"))
    told = {
        name: row[name] for name in ("manner", "count", "day", "help/meal", "help/bath", "Count_2", "place")
    }
    assert told == {
        "manner": "home",
        "count": "3",
        "day": "2026-11-20",
        "help/meal": "no",
        "help/bath": "yes",
        "Count_2": "'=1+1",
        "place": "33.5 118.25",
    }
    assert (row["_subject"], row["_grid"], row["_by"]) == ("household", "G1", "member示例")
    assert not {"illness", "twice", "drugs", "more", "_form"} & set(row)
    (sensitive,) = rows_of(written(asked, tmp_path / "b.csv", with_sensitive=True))
    assert sensitive["illness"] == "示例病"


def test_rows_of_a_repeat_are_a_table_joined_by_the_record(asked: Field, tmp_path: Path) -> None:
    (record,) = rows_of(written(asked, tmp_path / "a.csv"))
    rows = rows_of(written(asked, tmp_path / "b.csv", repeat="drugs"))
    assert [(row["_id"], row["_row"], row["drug"], row["times"]) for row in rows] == [
        *((record["_id"], "1", "甲", "2"), (record["_id"], "2", "'+乙", "1")),
    ]
    with pytest.raises(NotFound):
        written(asked, tmp_path / "c.csv", repeat="none")


def test_a_workbook_has_words_and_a_geopackage_points(asked: Field, tmp_path: Path) -> None:
    sheet = load_workbook(written(asked, tmp_path / "a.xlsx", zh=True)).worksheets[0]
    head, values = [list(row) for row in sheet.iter_rows(values_only=True)]
    told = dict(zip(head, values, strict=True))
    assert sheet.title == "走访 一  试用"
    assert (told["'=方式"], told["人数"], told["人数_2"], told["服务:=助浴"]) == ("上门", 3, "'=1+1", "是")
    points = gpd.read_file(written(asked, tmp_path / "a.gpkg"))
    assert (points.loc[0, "count"], points.loc[0, "manner"]) == (3, "home")
    assert points.geometry.iloc[0].geom_type == "Point"


def test_a_reason_is_asked_for_and_kept_without_any_answer(asked: Field, tmp_path: Path) -> None:
    for reason in (None, "  ", "x" * 201):
        with pytest.raises(InvalidInput):
            written(asked, tmp_path / "a.csv", reason=reason)
    assert not (tmp_path / "a.csv").exists()
    written(asked, tmp_path / "a.csv")
    asked.session.flush()
    statement = select(AuditEntry).where(AuditEntry.action == "export:answers")
    (entry,) = asked.session.scalars(statement)
    assert (entry.reason, entry.count) == ("核对", 1)
    assert {"manner", "help/bath"} <= set(entry.fields or ())
    assert "示例病" not in json.dumps([entry.reason, entry.fields], ensure_ascii=False)


def test_who_may_not_know_gets_nothing(asked: Field, tmp_path: Path) -> None:
    for role in (Role.LEADER, Role.RESIDENT, Role.EVALUATOR, Role.ADMIN):
        with pytest.raises(NotAllowed):
            written(asked, tmp_path / "a.csv", as_role(asked, role))
    other = as_role(asked, Role.MEMBER, areas=frozenset())
    assert rows_of(written(asked, tmp_path / "b.csv", other)) == []
    assert len(rows_of(written(asked, tmp_path / "c.csv", as_role(asked, Role.HEAD)))) == 1
    day = asked.view.when.day - timedelta(days=1)
    assert rows_of(written(asked, tmp_path / "d.csv", records=RecordFilter(last=day))) == []
    no: Mapping[str, Any] = {"asked_at": asked.now + timedelta(seconds=1), "text_version": "1"}
    asked.session.add(Consent(household_id=asked.home, purpose="elder_visits", status="withdrawn", **no))
    asked.session.flush()
    assert rows_of(written(asked, tmp_path / "e.csv", as_role(asked, Role.HEAD))) == []


def test_what_was_taken_out_is_in_no_file(asked: Field, tmp_path: Path) -> None:
    record = asked.session.scalars(select(Record)).first()
    assert record is not None
    record.answers = ""
    asked.session.flush()
    assert rows_of(written(asked, tmp_path / "a.csv")) == []


def test_more_records_than_a_file_holds_are_refused_in_one_sentence(
    asked: Field, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gisgrid.records.lists.answer_rows.MOST_RECORDS", 0)
    with pytest.raises(
        InvalidInput, match="1 records are wanted, a file holds 0: take fewer days"
    ) as refused:
        written(asked, tmp_path / "a.csv")
    assert [fault.field for fault in refused.value.faults] == ["from"]
    assert not list(tmp_path.iterdir())
