"""Days as offices write them, identity-card numbers, and addresses of buildings."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.importers.values.dates import day
from data.importers.values.identity_numbers import has_identity_number, is_identity_header
from gisgrid.errors import InvalidInput

DAYS = st.dates(min_value=date(1900, 3, 1), max_value=date(2100, 12, 31))
FORMS = (
    "{0.year}-{0.month}-{0.day}",
    "{0.year}/{0.month:02}/{0.day:02}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year:04}{0.month:02}{0.day:02}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.year} 年 {0.month} 月 {0.day} 日",
    "{0.year}-{0.month:02}-{0.day:02} 00:00:00",
    "{0.year}-{0.month:02}-{0.day:02}T08:30:00",
)


@given(DAYS, st.sampled_from(FORMS))
def test_a_day_is_read_in_every_form(wanted, form):
    assert day(form.format(wanted)) == wanted


@given(DAYS)
def test_a_day_of_a_workbook_is_its_serial_number(wanted):
    serial = (wanted - date(1899, 12, 30)).days
    if serial >= 1000:
        assert day(str(serial)) == wanted
        assert day(f"{serial}.0") == wanted
    assert day(datetime(wanted.year, wanted.month, wanted.day)) == wanted  # noqa: DTZ001 - as a file has it


@pytest.mark.parametrize(
    "text", ["50-3-7", "3/7/1950", "1950-13-01", "1950-2-30", "19500230", "昨天", "1700-1-1", "195003"]
)
def test_what_is_no_day_or_could_be_two_is_refused(text):
    with pytest.raises(InvalidInput):
        day(text)


@pytest.mark.parametrize("text", ["", "  ", "NULL", "/", None])
def test_nothing_is_no_day(text):
    assert day(text) is None


def identity(area, born, order):
    digits = f"{area:06}{born:%Y%m%d}{order:03}"
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))
    return digits + "10X98765432"[total % 11]


@given(st.integers(110000, 659999), DAYS, st.integers(0, 999), st.sampled_from(["{}", "证 {} 号", "{}x"]))
def test_numbers_by_the_rule_of_the_standard_are_found(area, born, order, around):
    number = identity(area, born, order)
    found = has_identity_number(around.format(number))
    assert found == (around != "{}x")
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert not has_identity_number(wrong)


def test_other_numbers_pass():
    for text in ("13912345678", "321302001001", "F01", "2025-03-01 08:00:00", "320000000000001234567"):
        assert not has_identity_number(text)
    assert has_identity_number("320311500307123")


@pytest.mark.parametrize("name", ["身份证号", "居民身份证", "公民身份号码", "ID_Card", "证件号码", "sfzh"])
def test_headers_of_identity_numbers_are_known(name):
    assert is_identity_header(name)


@pytest.mark.parametrize("name", ["姓名", "外部编号", "房产证地址", "id", "编号", "identity_status"[:2]])
def test_other_headers_are_not(name):
    assert not is_identity_header(name)
