from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.cases.core.rules import (
    RECEIPT_ALPHABET,
    STEPS,
    CaseAction,
    CaseState,
    allowed_actions,
    case_number,
    is_overdue,
    next_state,
    parse_case_number,
    parse_receipt,
    receipt_code,
)
from gisgrid.errors import Conflict, InvalidInput

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(("state", "action"), list(product(CaseState, CaseAction)))
def test_only_steps_of_the_table_are_taken(state: CaseState, action: CaseAction) -> None:
    if (state, action) in STEPS:
        step = STEPS[state, action]
        assert next_state(state, action, CaseState.FILED) is step.leads_to(state, CaseState.FILED)
        assert action in allowed_actions(state)
    else:
        assert action not in allowed_actions(state)
        with pytest.raises(Conflict, match=f"{state} can't take the step {action}"):
            next_state(state, action)


def test_a_case_that_ended_is_rated_or_reopened_and_a_new_one_can_be_closed_at_once() -> None:
    assert allowed_actions(CaseState.CLOSED) == (CaseAction.RATE, CaseAction.REOPEN)
    assert allowed_actions(CaseState.VOID) == allowed_actions(CaseState.REJECTED) == ()
    assert next_state(CaseState.REPORTED, CaseAction.CLOSE) is CaseState.CLOSED


def test_overdue_starts_after_the_deadline_and_stops_at_closing() -> None:
    due = local(2026, 11, 24, 12, 0)
    later = due + timedelta(seconds=1)
    assert not is_overdue(due, now=due)
    assert is_overdue(due, now=later)
    assert not is_overdue(due, now=later, closed_at=due)
    assert is_overdue(due, now=later, closed_at=later)
    assert not is_overdue(None, now=later)


@pytest.mark.parametrize(
    "typed",
    [
        "20261124-000007",
        "20261124000007",
        "２０２６１１２４－００００07",
        " 20261124 - 000007 ",
        "20261124—000007",
    ],
)
def test_case_number_is_read_as_people_type_it(typed: str) -> None:
    assert parse_case_number(typed) == case_number(date(2026, 11, 24), 7) == "20261124-000007"


@given(day=st.dates(date(1990, 1, 1), date(2100, 1, 1)), drawn=st.integers(0, 999_999))
def test_case_number_survives_reading(day: date, drawn: int) -> None:
    assert parse_case_number(case_number(day, drawn)) == case_number(day, drawn)


@pytest.mark.parametrize("number", ["20261124-0007", "20261124-10000", "20261124-118924930"])
def test_a_number_that_was_given_before_stays_as_it_is(number: str) -> None:
    assert parse_case_number(number) == parse_case_number(number.replace("-", "")) == number


@pytest.mark.parametrize("drawn", [-1, 1_000_000])
def test_a_number_has_six_digits_and_no_more(drawn: int) -> None:
    with pytest.raises(InvalidInput):
        case_number(date(2026, 11, 24), drawn)


@pytest.mark.parametrize("typed", ["", "7", "20261324-0007", "20261124-000", "20261124-0000000000", "x"])
def test_what_is_no_case_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        parse_case_number(typed)


def test_receipt_codes_repeat_with_a_seed_and_never_without() -> None:
    assert receipt_code(random.Random(1)) == receipt_code(random.Random(1))
    codes = {receipt_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert set("".join(codes)) == {*RECEIPT_ALPHABET, "-"}


@given(seed=st.integers(0, 10_000))
def test_receipt_code_is_read_as_people_type_it(seed: int) -> None:
    code = receipt_code(random.Random(seed))
    assert len(code) == 14
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code)
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), wide):
        assert parse_receipt(typed) == code


@pytest.mark.parametrize("typed", ["", "7KQ2-M9TA", "7KQ2-M9TA-WX4O", "7KQ2-M9TA-WX4P-2"])
def test_what_is_no_receipt_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(InvalidInput, match="12 letters and digits"):
        parse_receipt(typed)
