"""Columns by name, codes as text, and single values read or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from data.importers.kinds.case_states import state_of
from data.importers.outcome import ImportOutcome, Remark, write_report
from data.importers.readers.table import FileTable
from data.importers.values.columns import choose_columns, need, text_of
from data.importers.values.values import choice, instant, whole_number, yes_or_no
from gisgrid.cases.core.rules import CaseState
from gisgrid.errors import Fault, InvalidInput

TZ = ZoneInfo("Asia/Shanghai")
FIELDS = {"code": ("code", "编码"), "name": ("name", "名称")}


def table(**columns):
    return FileTable(frame=pd.DataFrame(columns), has_geometry=False, crs=None, source="t.csv")


def test_columns_are_found_by_exact_name_whatever_its_case():
    chosen = choose_columns(table(CODE=["0113"], 名称=["甲"], codes=["9"]), FIELDS)
    assert chosen.texts("code") == ["0113"]
    assert chosen.texts("name") == ["甲"]


def test_what_the_user_says_goes_before_any_name():
    chosen = choose_columns(table(code=["1"], WARD=["7"]), FIELDS, ["code=WARD"])
    assert chosen.texts("code") == ["7"]
    assert chosen.texts("name") == [""]


@pytest.mark.parametrize("said", ["code", "kode=WARD", "code=gone"])
def test_a_wrong_column_option_is_refused_with_what_there_is(said):
    with pytest.raises(InvalidInput, match="code"):
        choose_columns(table(code=["1"]), FIELDS, [said])


def test_a_field_named_twice_is_refused():
    with pytest.raises(InvalidInput, match="twice"):
        choose_columns(table(a=["1"], b=["1"]), FIELDS, ["code=a", "code=b"])


def test_a_needed_field_names_the_option_and_the_columns():
    with pytest.raises(InvalidInput, match=r"--column code=THEIRS; there are: WARD"):
        need(choose_columns(table(WARD=["1"]), FIELDS), "code")


@pytest.mark.parametrize(
    ("value", "text"), [("0113", "0113"), (8, "8"), (1.0, "1"), (1.5, "1.5"), (None, ""), (pd.NA, "")]
)
def test_codes_stay_as_they_are_written(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("text", "moment", "is_bare"),
    [
        ("2016-07-27 08:39:48+00:00", datetime(2016, 7, 27, 8, 39, 48, tzinfo=UTC), False),
        ("2016-07-27T08:39:48Z", datetime(2016, 7, 27, 8, 39, 48, tzinfo=UTC), False),
        ("2016-07-27 08:39", datetime(2016, 7, 27, 0, 39, tzinfo=UTC), True),
        ("2016/7/27 8:39", datetime(2016, 7, 27, 0, 39, tzinfo=UTC), True),
        ("2016年7月27日", datetime(2016, 7, 26, 16, tzinfo=UTC), True),
        ("", None, False),
        (pd.NaT, None, False),
        (pd.Timestamp("2016-07-27 08:00"), datetime(2016, 7, 27, 0, tzinfo=UTC), True),
    ],
)
def test_instants_are_read_with_and_without_offset(text, moment, is_bare):
    assert instant(text, tz=TZ) == (moment, is_bare)


@pytest.mark.parametrize("text", ["soon", "2016-13-01", "12"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(InvalidInput):
        instant(text, tz=TZ)


def test_numbers_have_bounds_and_yes_has_many_words():
    assert whole_number("6.0", lowest=1, highest=9) == 6
    assert whole_number("", lowest=1, highest=9) is None
    assert [yes_or_no(word) for word in ("有", "YES", "viaduct", "无", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert choice("b", {"b": 2}, wanted="b") == 2
    for wrong in ("0", "six", "1e3", "6.5"):
        with pytest.raises(InvalidInput):
            whole_number(wrong, lowest=1, highest=9)
    with pytest.raises(InvalidInput):
        yes_or_no("maybe")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("CLOSED - INCOMPLETE INFORMATION", CaseState.CLOSED),
        ("DUPLICATE (OPENED)", CaseState.REPORTED),
        ("VOIDED", CaseState.CLOSED),
        ("IN-PROGRESS", CaseState.HANDLING),
        ("办结", CaseState.CLOSED),
        ("未结案", CaseState.REPORTED),
    ],
)
def test_states_are_read_in_the_words_of_other_systems(text, state):
    assert state_of(text, is_closed=False) == state


def test_an_empty_state_follows_the_closing_and_an_unknown_one_is_refused():
    assert state_of("", is_closed=True) == CaseState.CLOSED
    assert state_of("", is_closed=False) == CaseState.REPORTED
    with pytest.raises(InvalidInput):
        state_of("blue", is_closed=False)


def test_the_report_opens_in_a_spreadsheet_and_runs_no_formula(tmp_path):
    outcome = ImportOutcome(
        counts={},
        faults=[Fault(message="no code", row=3, field="code")],
        remarks=[Remark(row=1, key="=1+1", field="name", message="changed")],
    )
    write_report(tmp_path / "r.csv", outcome)
    raw = (tmp_path / "r.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").splitlines()
    assert lines == [
        "kind,row,key,column,reason,counted",
        "note,1,'=1+1,name,changed,row",
        "refused,3,,code,no code,row",
    ]
