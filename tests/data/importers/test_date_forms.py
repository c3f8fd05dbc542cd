"""Dates in other orders are read where they can be only one day, and never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.importers.values.date_forms import checked_form
from data.importers.values.dates import day
from data.importers.values.values import instant
from gisgrid.errors import InvalidInput

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31))  # noqa: DTZ001 - they have no zone


def read(text, form=None):
    return instant(text, tz=UTC, form=form)[0].replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("03/25/2024", (2024, 3, 25)),
        ("25/03/2024", (2024, 3, 25)),
        ("3/25/2024 2:30 PM", (2024, 3, 25, 14, 30)),
        ("3/25/2024, 2:30:05 pm", (2024, 3, 25, 14, 30, 5)),
        ("03/25/2024 12:00 AM", (2024, 3, 25)),
        ("03/25/2024 12:05:00 p.m.", (2024, 3, 25, 12, 5)),
        ("05/05/2024", (2024, 5, 5)),
        ("2024-03-04 02:30 PM", (2024, 3, 4, 14, 30)),
        ("2024/3/4 下午2:30", (2024, 3, 4, 14, 30)),
        ("2024年3月4日 上午12:30", (2024, 3, 4, 0, 30)),
        ("2024-03-04 11:30:00 AM", (2024, 3, 4, 11, 30)),
    ],
)
def test_what_can_be_only_one_moment_is_read(text, wanted):
    assert read(text) == datetime(*wanted)  # noqa: DTZ001
    assert day(text) == date(*wanted[:3])


@pytest.mark.parametrize("text", ["03/04/2024", "3-4-2024", "12/11/2024 10:05 PM", "01.02.1950"])
def test_what_could_be_two_days_is_a_fault_that_says_so_and_what_to_give(text):
    for reader in (read, day):
        with pytest.raises(InvalidInput, match=r"the other way round: say which \(--date-format mdy or dmy"):
            reader(text)


@pytest.mark.parametrize(
    ("text", "form", "wanted"),
    [
        ("03/04/2024", "mdy", (2024, 3, 4)),
        ("03/04/2024", "dmy", (2024, 4, 3)),
        ("3/4/24 2:30 PM", "%m/%d/%y %I:%M %p", (2024, 3, 4, 14, 30)),
        ("20240304", "%Y%d%m", (2024, 4, 3)),
        ("2024-03-04", "mdy", (2024, 3, 4)),
    ],
)
def test_what_is_said_of_the_form_decides(text, form, wanted):
    assert read(text, form) == datetime(*wanted)  # noqa: DTZ001
    assert day(text, form) == date(*wanted[:3])


@pytest.mark.parametrize(
    ("text", "form", "sentence"),
    [
        ("3/4/24", None, "two digits"),
        ("13/25/2024", None, "this is no"),
        ("25/03/2024", "mdy", "this is no"),
        ("03/25/2024 14:30 PM", None, "this is no"),
        ("02/30/2024", "mdy", "this is no"),
        ("2024-03-04", "%d/%m/%Y", "no date of the form %d/%m/%Y"),
        ("soon", None, "this is no"),
    ],
)
def test_what_is_no_date_is_told(text, form, sentence):
    for reader in (read, day):
        with pytest.raises(InvalidInput, match=sentence):
            reader(text, form)


@pytest.mark.parametrize("said", ["", None, " mdy ", "DMY", "%d.%m.%Y", "%m/%d/%Y %I:%M %p"])
def test_a_form_is_an_order_or_a_pattern(said):
    assert checked_form(said) in {None, "mdy", "dmy", "%d.%m.%Y", "%m/%d/%Y %I:%M %p"}


@pytest.mark.parametrize("said", ["american", "%H:%M", "%d/%m", "%", "%Q"])
def test_any_other_form_is_a_fault(said):
    with pytest.raises(InvalidInput, match="the form of dates is one of ymd, mdy, dmy, or a pattern"):
        checked_form(said)


@given(MOMENTS, st.sampled_from(["mdy", "dmy"]))
def test_no_date_is_ever_read_as_another_one(moment, order):
    moment = moment.replace(microsecond=0)
    parts = f"{moment:%m/%d}" if order == "mdy" else f"{moment:%d/%m}"
    text = f"{parts}/{moment.year} {moment:%I:%M:%S %p}"
    assert read(text, order) == moment
    try:
        assert read(text) == moment
    except InvalidInput:
        assert moment.day <= 12  # day and month could change places
        assert moment.day != moment.month
