"""The sentences of the paper as limits, units, and the share of a limit that is gone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.cases.core.rules import Light, Severity
from gisgrid.cases.deadlines.levels import Levels
from gisgrid.cases.deadlines.limits import Rule, Span, Until, due_against, end_of, hours, work_days
from gisgrid.cases.deadlines.rulebook import (
    DEFAULT,
    EXAMPLES,
    HotlineClass,
    Rulebook,
    limit_json,
    read_limit,
    read_rulebook,
)
from gisgrid.cases.deadlines.workdays import Holidays, Shift, WorkCalendar
from gisgrid.cases.deadlines.worktime import LimitUnit, counted
from gisgrid.errors import InvalidInput
from tests.gisgrid.cases.deadlines.due import due

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
CHINA = WorkCalendar(tz=SHANGHAI)
TICK = timedelta(microseconds=1)


def local(*parts: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]


def due_by_default(severity: Severity, reported: datetime, now: datetime | None = None):  # type: ignore[no-untyped-def]
    rule = DEFAULT.rule_for("garbage", severity)
    return due(rule, reported, calendar=CHINA, now=now or reported)


@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (5, 59), (9, 30), (18, 0), (23, 59)])
def test_small_matters_do_not_outlast_the_night(hour: int, minute: int) -> None:
    """小事不过夜, and on the spot: amber after an hour, red at six in the morning after."""
    reported = local(2026, 11, 24, hour, minute)
    found = due_by_default(Severity.SMALL, reported)
    assert found.target == reported + timedelta(hours=1)
    assert found.deadline == local(2026, 11, 25, 6)


@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (9, 30), (23, 59)])
def test_big_matters_do_not_outlast_the_day(hour: int, minute: int) -> None:
    """大事不过天: amber when the day is over, red a whole day after the report."""
    reported = local(2026, 11, 24, hour, minute)
    found = due_by_default(Severity.BIG, reported)
    assert found.target == local(2026, 11, 25)
    assert found.deadline == reported + timedelta(hours=24)


def test_hard_matters_do_not_outlast_the_week() -> None:
    """难事不过周: amber after three days, red after seven times 24 hours, holidays or not."""
    reported = local(2026, 9, 30, 9, 30)
    found = due_by_default(Severity.HARD, reported)
    assert found.target == local(2026, 10, 3, 9, 30)
    assert found.deadline == local(2026, 10, 7, 9, 30)


def test_emergencies_are_taken_up_in_minutes_and_answered_in_two_hours() -> None:
    reported = local(2026, 11, 24, 23, 0)
    found = due_by_default(Severity.EMERGENCY, reported)
    assert found.target == reported + timedelta(minutes=5)
    assert found.deadline == reported + timedelta(hours=2)


@given(
    severity=st.sampled_from(list(Severity)),
    reported=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_the_target_is_after_the_report_and_not_after_the_deadline(
    severity: Severity, reported: datetime
) -> None:
    found = due_by_default(severity, reported)
    assert reported < found.target <= found.deadline


def test_spans_are_elapsed_time_where_the_clock_is_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    reported = datetime(2026, 10, 24, 12, 0, tzinfo=berlin)

    def deadline(severity: Severity) -> datetime:
        rule = DEFAULT.rule_for("garbage", severity)
        return due(rule, reported, calendar=DEFAULT.calendar(berlin), now=reported).deadline

    assert deadline(Severity.BIG) - reported.astimezone(UTC) == timedelta(hours=24)
    assert deadline(Severity.SMALL) == datetime(2026, 10, 25, 6, 0, tzinfo=berlin)


@pytest.mark.parametrize(
    ("severity", "reported", "target", "due"),
    [
        ("small", (2026, 11, 24, 9, 30), (2026, 11, 24, 10, 30), (2026, 11, 25, 6, 0)),
        ("small", (2026, 11, 24, 23, 59), (2026, 11, 25, 0, 59), (2026, 11, 25, 6, 0)),
        ("small", (2026, 11, 25, 0, 0), (2026, 11, 25, 1, 0), (2026, 11, 26, 6, 0)),
        ("big", (2026, 11, 24, 9, 30), (2026, 11, 25, 0, 0), (2026, 11, 25, 9, 30)),
        ("big", (2026, 12, 31, 23, 59), (2027, 1, 1, 0, 0), (2027, 1, 1, 23, 59)),
        ("hard", (2026, 2, 24, 9, 30), (2026, 2, 27, 9, 30), (2026, 3, 3, 9, 30)),
        ("emergency", (2026, 11, 24, 23, 0), (2026, 11, 24, 23, 5), (2026, 11, 25, 1, 0)),
    ],
)
def test_default_limits_go_by_local_days(
    severity: str, reported: tuple[int, ...], target: tuple[int, ...], due: tuple[int, ...]
) -> None:
    limits = due_by_default(Severity(severity), local(*reported))
    assert limits.target == local(*target)
    assert limits.deadline == local(*due)


@pytest.mark.parametrize(
    ("name", "reported", "end"),
    [
        ("井盖缺失、移位", (2026, 10, 1, 23, 0), (2026, 10, 2, 1, 0)),
        ("井盖破损", (2026, 9, 30, 16, 0), (2026, 10, 8, 10, 30)),
        ("井盖异响", (2026, 11, 27, 16, 0), (2026, 12, 1, 18, 0)),
        ("井周路面沉陷", (2026, 2, 12, 9, 0), (2026, 2, 26, 18, 0)),
        ("暴露垃圾", (2026, 11, 24, 9, 30), (2026, 11, 24, 15, 0)),
        ("违章建筑:拆除", (2026, 11, 24, 9, 30), (2026, 12, 22, 18, 0)),
    ],
)
def test_limits_of_subclasses_in_their_units(
    name: str, reported: tuple[int, ...], end: tuple[int, ...]
) -> None:
    limit = next(one.limit for one in EXAMPLES if one.name == name)
    assert end_of(limit, local(*reported), CHINA) == local(*end)


def test_classes_of_the_hotline() -> None:
    reported = local(2026, 11, 24, 9, 30)
    ends = {key: end_of(limit, reported, CHINA) - reported for key, limit in DEFAULT.hotline.items()}
    assert ends == {
        HotlineClass.EMERGENCY: timedelta(hours=2),
        HotlineClass.SUPPLY: timedelta(hours=24),
        HotlineClass.GENERAL: timedelta(days=7),
        HotlineClass.COMPLEX: timedelta(days=15),
    }


def test_a_time_of_day_is_after_the_report_also_where_the_clock_is_changed() -> None:
    evening = Until(days=0, at=time(18))
    assert end_of(evening, local(2026, 11, 24, 9), CHINA) == local(2026, 11, 24, 18)
    assert end_of(evening, local(2026, 11, 24, 18), CHINA) == local(2026, 11, 25, 18)
    germany = WorkCalendar(tz=BERLIN, holidays=Holidays.NONE)
    reported = local(2026, 10, 24, 12, zone=BERLIN)
    assert end_of(Until(days=1, at=time(6)), reported, germany) == local(2026, 10, 25, 6, zone=BERLIN)
    assert end_of(Until(days=1, at=time(6)), reported, germany) - reported.astimezone(UTC) == timedelta(
        hours=19
    )


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        end_of(hours(1), datetime(2026, 1, 1), CHINA)  # noqa: DTZ001


def test_colours_change_after_the_target_and_after_the_deadline() -> None:
    reported = local(2026, 11, 24, 9)
    first = due_by_default(Severity.BIG, reported)

    def colour(now: datetime) -> Light:
        return due_by_default(Severity.BIG, reported, now).light

    assert colour(reported) is Light.GREEN
    assert colour(first.target) is Light.GREEN
    assert colour(first.target + TICK) is Light.AMBER
    assert colour(first.deadline) is Light.AMBER
    assert colour(first.deadline + TICK) is Light.RED


def test_without_a_target_three_quarters_of_the_time_are_amber() -> None:
    rule = Rule(deadline=hours(4, LimitUnit.WORK_HOUR))
    found = due(rule, local(2026, 11, 24, 16, 0), calendar=CHINA, now=local(2026, 11, 24, 17, 0))
    assert found.target == local(2026, 11, 25, 9, 30)
    assert found.elapsed == 0.25
    assert found.left == timedelta(hours=3)


def test_off_duty_the_clock_of_working_hours_stands_still() -> None:
    rule = Rule(deadline=hours(4, LimitUnit.WORK_HOUR))
    reported = local(2026, 11, 27, 16, 0)
    shares = [
        due(rule, reported, calendar=CHINA, now=now).elapsed
        for now in (local(2026, 11, 27, 18), local(2026, 11, 28, 12), local(2026, 11, 30, 8, 30))
    ]
    assert shares == [0.5, 0.5, 0.5]
    late = due(rule, reported, calendar=CHINA, now=local(2026, 11, 30, 12, 0))
    assert (late.elapsed, late.light, late.left) == (1.375, Light.RED, -timedelta(hours=1, minutes=30))


def test_a_suspended_case_stands_still_and_goes_on_where_it_was() -> None:
    reported = local(2026, 11, 24, 9)
    rule = Rule(deadline=hours(24))
    until = local(2026, 11, 24, 15)
    for now in (until, local(2026, 11, 25, 15), local(2026, 12, 24, 15)):
        found = due(rule, reported, calendar=CHINA, now=now, pauses=[(until, None)])
        assert (found.elapsed, found.left, found.is_paused) == (0.25, timedelta(hours=18), True)
        assert found.deadline == now + timedelta(hours=18)
        assert found.light is Light.GREEN
    again = local(2026, 12, 24, 15)
    later = due(rule, reported, calendar=CHINA, now=again + timedelta(hours=6), pauses=[(until, again)])
    assert (later.elapsed, later.is_paused) == (0.5, False)
    assert later.deadline == again + timedelta(hours=18)


def test_a_suspension_off_duty_puts_a_limit_of_working_hours_off_by_nothing() -> None:
    rule = Rule(deadline=hours(4, LimitUnit.WORK_HOUR))
    pause = (local(2026, 11, 28, 9), local(2026, 11, 29, 18))
    found = due(rule, local(2026, 11, 27, 16), calendar=CHINA, now=local(2026, 11, 30, 9), pauses=[pause])
    assert found.deadline == local(2026, 11, 30, 10, 30)


def test_a_suspended_working_day_puts_working_days_off_by_its_duty_hours() -> None:
    rule = Rule(deadline=work_days(2))
    pause = (local(2026, 11, 25, 8), local(2026, 11, 25, 20))
    found = due(rule, local(2026, 11, 24, 10), calendar=CHINA, now=local(2026, 11, 25, 20), pauses=[pause])
    assert found.deadline == local(2026, 11, 27, 18)


@pytest.mark.parametrize(
    ("elapsed", "reached"), [(0, 0), (0.7499, 0), (0.75, 75), (0.99, 75), (1, 100), (1.5, 150), (9, 150)]
)
def test_levels(elapsed: float, reached: int) -> None:
    assert Levels().reached(elapsed) == reached


def test_no_time_at_all_is_gone_at_once() -> None:
    at = local(2026, 11, 24, 9)
    unit = LimitUnit.CONTINUOUS_HOUR
    found = due_against(at, at, unit=unit, target=None, calendar=CHINA, now=at + TICK)
    assert (found.elapsed, found.light) == (1.0, Light.RED)
    before = due_against(at, at, unit=unit, target=None, calendar=CHINA, now=at)
    assert (before.elapsed, before.light) == (0.0, Light.GREEN)


def test_years_whose_holidays_are_not_known_are_told_with_the_limit() -> None:
    reported = local(2031, 9, 29, 9)
    found = due(Rule(deadline=work_days(5)), reported, calendar=CHINA, now=reported)
    assert found.unknown_years == (2031,)
    assert due(Rule(deadline=hours(5)), reported, calendar=CHINA, now=reported).unknown_years == ()


LIMITS = st.one_of(
    st.builds(hours, st.integers(1, 60)),
    st.builds(lambda number: hours(number, LimitUnit.WORK_HOUR), st.integers(1, 20)),
    st.builds(work_days, st.integers(1, 4)),
    st.builds(
        Until, days=st.integers(0, 3), at=st.times().map(lambda at: at.replace(second=0, microsecond=0))
    ),
)
RULES = st.builds(Rule, deadline=LIMITS, target=st.none() | LIMITS)
REPORTED = st.integers(0, 40 * 24 * 60).map(lambda minute: local(2026, 9, 20) + timedelta(minutes=minute))
MINUTES = st.integers(0, 12 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
CALENDARS = st.sampled_from([CHINA, WorkCalendar(tz=BERLIN, holidays=Holidays.NONE)])


@given(RULES, REPORTED, st.lists(MINUTES, min_size=2, max_size=6), st.lists(MINUTES, max_size=4), CALENDARS)
def test_the_share_that_is_gone_never_falls(rule, reported, moments, edges, calendar) -> None:  # type: ignore[no-untyped-def]
    edges = [reported + edge for edge in sorted(edges)]
    pauses = list(zip(edges[::2], edges[1::2], strict=False))
    found = []
    for later in sorted(moments):
        now = reported + later
        known = [(first, last if last <= now else None) for first, last in pauses if first <= now]
        found.append(due(rule, reported, calendar=calendar, now=now, pauses=known))
    assert all(before.elapsed <= after.elapsed for before, after in pairwise(found))
    assert all(before.deadline <= after.deadline for before, after in pairwise(found))
    assert found[0].elapsed >= 0


@given(RULES, REPORTED, st.lists(MINUTES, max_size=4), CALENDARS)
def test_a_suspension_puts_the_deadline_off_by_exactly_its_working_time(
    rule, reported, edges, calendar
) -> None:  # type: ignore[no-untyped-def]
    edges = [reported + edge for edge in sorted(edges)]
    pauses = list(zip(edges[::2], edges[1::2], strict=False))
    now = reported + timedelta(days=20)
    plain = due(rule, reported, calendar=calendar, now=now)
    found = due(rule, reported, calendar=calendar, now=now, pauses=pauses)
    unit = rule.deadline.unit
    lost = counted(calendar, unit, reported, found.deadline)
    lost -= counted(calendar, unit, reported, found.deadline, pauses)
    assert counted(calendar, unit, plain.deadline, found.deadline) == lost
    assert plain.deadline <= found.deadline
    assert found.target <= found.deadline


@given(RULES, REPORTED, CALENDARS)
def test_all_of_the_time_is_gone_at_the_deadline_and_none_at_first(rule, reported, calendar) -> None:  # type: ignore[no-untyped-def]
    first = due(rule, reported, calendar=calendar, now=reported)
    last = due(rule, reported, calendar=calendar, now=first.deadline)
    assert (first.elapsed, last.elapsed) == (0.0, 1.0)
    assert (first.light, last.left) == (Light.GREEN, timedelta())
    assert reported < first.target <= first.deadline


@given(LIMITS)
def test_a_limit_comes_back_as_it_was_written(limit) -> None:  # type: ignore[no-untyped-def]
    assert read_limit(limit_json(limit)) == limit


def test_rules_come_back_as_they_were_written() -> None:
    book = Rulebook(
        categories={"manhole": Rule(deadline=hours(4, LimitUnit.WORK_HOUR), target=Span(amount=30))},
        hours=(Shift(start=time(9), end=time(17)), Shift(start=time(19), end=time(0))),
        holidays=Holidays.NONE,
    )
    assert read_rulebook(book.as_json()) == book
    assert read_rulebook({}) == DEFAULT


def test_a_category_has_its_own_rule_but_not_for_an_emergency() -> None:
    own = Rule(deadline=work_days(2))
    book = Rulebook(categories={"manhole": own})
    assert book.rule_for("manhole", Severity.SMALL) is own
    assert book.rule_for("garbage", Severity.SMALL) is DEFAULT.severities[Severity.SMALL]
    assert book.rule_for("manhole", Severity.EMERGENCY) is DEFAULT.severities[Severity.EMERGENCY]


def test_all_faults_of_rules_are_told_at_once_with_their_fields() -> None:
    wrong = {
        "severities": {
            "big": {"deadline": {"amount": 0, "unit": "work_hour"}},
            "huge": {"deadline": {"amount": 1, "unit": "work_hour"}},
            "small": {"deadline": {"days": 1, "at": "six"}, "target": {"amount": 1, "unit": "fortnight"}},
        },
        "categories": {"manhole": {"target": None}},
        "hotline": {"general": 7, "slow": {"amount": 1, "unit": "work_day"}},
        "hours": [["09:00", "08:00"]],
        "holidays": "mars",
    }
    with pytest.raises(InvalidInput) as caught:
        read_rulebook(wrong)
    assert {fault.field for fault in caught.value.faults} == {
        "severities.big.deadline.amount",
        "severities.huge",
        "severities.small.deadline.at",
        "severities.small.target.unit",
        "categories.manhole.deadline",
        "hotline.general",
        "hotline.slow",
        "hours",
        "holidays",
    }
