"""Working time over nights, weekends, holidays and swapped days, against counting minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.cases.deadlines.workdays import Holidays, Shift, WorkCalendar, check_hours, known_years
from gisgrid.cases.deadlines.worktime import LimitUnit, advanced, closed, counted, end_of_work_days, shifted
from gisgrid.errors import InvalidInput

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
CHINA = WorkCalendar(tz=SHANGHAI)
GERMANY = WorkCalendar(tz=BERLIN, holidays=Holidays.NONE)
HOUR, DAY, WORK = LimitUnit.CONTINUOUS_HOUR, LimitUnit.WORK_DAY, LimitUnit.WORK_HOUR
MINUTE = timedelta(minutes=1)


def local(*parts: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # a Saturday worked for National Day
        (date(2026, 10, 11), False),
        (date(2026, 2, 14), True),  # a Saturday worked for Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        (date(2025, 1, 26), True),
        (date(2025, 1, 28), False),
        (date(2026, 11, 28), False),
    ],
)
def test_holidays_and_swapped_days_of_china(day: date, *, works: bool) -> None:
    assert CHINA.is_work_day(day) is works


def test_own_days_go_before_the_calendar() -> None:
    own = WorkCalendar(tz=SHANGHAI, exceptions={date(2026, 10, 1): True, date(2026, 11, 25): False})
    assert own.is_work_day(date(2026, 10, 1))
    assert not own.is_work_day(date(2026, 11, 25))


def test_unknown_years_are_told_and_worked_from_monday_to_friday() -> None:
    later = known_years().stop
    assert CHINA.unknown_years(date(later - 1, 12, 1), date(later + 1, 1, 1)) == (later, later + 1)
    assert GERMANY.unknown_years(date(later, 1, 1), date(later, 2, 1)) == ()
    national_day = date(later, 10, 1)
    assert CHINA.is_work_day(national_day) is (national_day.weekday() < 5)


@pytest.mark.parametrize(
    ("unit", "start", "minutes", "end"),
    [
        (HOUR, (2026, 11, 27, 23, 0), 120, (2026, 11, 28, 1, 0)),
        (WORK, (2026, 11, 27, 11, 0), 120, (2026, 11, 27, 14, 30)),  # over noon
        (WORK, (2026, 11, 26, 17, 0), 120, (2026, 11, 27, 9, 30)),  # over night
        (WORK, (2026, 11, 27, 17, 0), 120, (2026, 11, 30, 9, 30)),  # over the weekend
        (WORK, (2026, 11, 28, 12, 0), 60, (2026, 11, 30, 9, 30)),  # reported on a Saturday
        (WORK, (2026, 9, 30, 17, 0), 120, (2026, 10, 8, 9, 30)),  # over National Day
        (WORK, (2026, 10, 9, 17, 0), 120, (2026, 10, 10, 9, 30)),  # into a Saturday that is worked
        (WORK, (2026, 2, 13, 17, 0), 120, (2026, 2, 14, 9, 30)),
        (WORK, (2026, 2, 14, 17, 0), 120, (2026, 2, 24, 9, 30)),  # over Spring Festival
        (WORK, (2026, 11, 27, 17, 0), 60, (2026, 11, 27, 18, 0)),  # to the end of duty, not to Monday
    ],
)
def test_hours_are_counted_over_nights_weekends_and_holidays(
    unit: LimitUnit, start: tuple[int, ...], minutes: int, end: tuple[int, ...]
) -> None:
    assert advanced(CHINA, unit, local(*start), minutes * MINUTE) == local(*end)
    assert counted(CHINA, unit, local(*start), local(*end)) == minutes * MINUTE


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        ((2026, 11, 25, 10, 0), 2, (2026, 11, 27)),
        ((2026, 11, 27, 10, 0), 1, (2026, 11, 30)),
        ((2026, 11, 28, 10, 0), 1, (2026, 11, 30)),
        ((2026, 9, 30, 10, 0), 2, (2026, 10, 9)),
        ((2026, 10, 8, 10, 0), 2, (2026, 10, 10)),
        ((2026, 2, 13, 10, 0), 2, (2026, 2, 24)),
    ],
)
def test_working_days_begin_after_the_day_of_the_report_and_end_with_duty(
    start: tuple[int, ...], number: int, end: tuple[int, ...]
) -> None:
    assert end_of_work_days(CHINA, local(*start), number) == local(*end, 18)


def test_where_the_clock_is_changed_hours_are_elapsed_time() -> None:
    spring, autumn = local(2026, 3, 28, 22, 0, zone=BERLIN), local(2026, 10, 24, 22, 0, zone=BERLIN)
    assert advanced(GERMANY, HOUR, spring, timedelta(hours=12)) == local(2026, 3, 29, 11, 0, zone=BERLIN)
    assert advanced(GERMANY, HOUR, autumn, timedelta(hours=12)) == local(2026, 10, 25, 9, 0, zone=BERLIN)
    friday = local(2026, 3, 27, 17, 0, zone=BERLIN)
    assert advanced(GERMANY, WORK, friday, timedelta(hours=2)) == local(2026, 3, 30, 9, 30, zone=BERLIN)


def test_duty_at_night_loses_the_hour_that_does_not_exist() -> None:
    nights = WorkCalendar(
        tz=BERLIN,
        holidays=Holidays.NONE,
        hours=(Shift(start=time(1), end=time(4)),),
        exceptions={date(2026, 3, 29): True, date(2026, 10, 25): True},
    )
    for day, length in ((date(2026, 3, 29), 2), (date(2026, 3, 30), 3), (date(2026, 10, 25), 4)):
        start = datetime.combine(day, time(0), BERLIN)
        assert counted(nights, WORK, start, start + timedelta(days=1)) == timedelta(hours=length)


def test_duty_may_last_until_midnight() -> None:
    late = WorkCalendar(tz=SHANGHAI, hours=(Shift(start=time(20), end=time(0)),))
    end = advanced(late, WORK, local(2026, 11, 25, 21, 0), timedelta(hours=4))
    assert end == local(2026, 11, 26, 21, 0)


@pytest.mark.parametrize(
    "hours",
    [
        (),
        (Shift(start=time(9), end=time(9)),),
        (Shift(start=time(9), end=time(8)),),
        (Shift(start=time(9), end=time(12)), Shift(start=time(11), end=time(13))),
        (Shift(start=time(9), end=time(0)), Shift(start=time(11), end=time(13))),
    ],
)
def test_duty_hours_that_can_not_be_are_refused(hours: tuple[Shift, ...]) -> None:
    with pytest.raises(InvalidInput, match="duty hours"):
        check_hours(hours)


def test_a_limit_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidInput, match="beyond the calendar"):
        advanced(CHINA, HOUR, local(2199, 12, 1), timedelta(days=366 * 8000))
    with pytest.raises(InvalidInput, match="beyond the calendar"):
        advanced(CHINA, WORK, local(2199, 12, 1), timedelta(days=60))
    with pytest.raises(InvalidInput, match="beyond the calendar"):
        end_of_work_days(CHINA, local(2199, 12, 1), 60)


UNITS = st.sampled_from([HOUR, WORK])
CALENDARS = st.sampled_from([CHINA, GERMANY])
# Around the changes of the clock, National Day, Spring Festival and a common week.
STARTS = st.sampled_from(
    [(2026, 3, 27), (2026, 9, 29), (2026, 10, 8), (2026, 2, 12), (2026, 10, 23), (2026, 11, 24)]
).flatmap(
    lambda day: st.integers(0, 3 * 1440).map(lambda minute: datetime(*day, tzinfo=UTC) + minute * MINUTE)
)
SPANS = st.integers(1, 2 * 1440).map(lambda minutes: minutes * MINUTE)


@st.composite
def pauses(draw, start: datetime, end: datetime):  # type: ignore[no-untyped-def]
    length = int((end - start) / MINUTE)
    edges = sorted(draw(st.lists(st.integers(0, length), min_size=0, max_size=6)))
    moments = [start + edge * MINUTE for edge in edges]
    return list(zip(moments[::2], moments[1::2], strict=False))


def by_minutes(
    calendar: WorkCalendar,
    unit: LimitUnit,
    start: datetime,
    end: datetime,
    paused: list[tuple[datetime, datetime]],
) -> int:
    """How many minutes count, one after the other: slow, and without any arithmetic of stretches."""
    count, at = 0, start
    while at < end:
        here = at.astimezone(calendar.tz)
        clock = here.time().replace(fold=0)
        on_duty = calendar.is_work_day(here.date()) and any(
            one.start <= clock < one.end for one in calendar.hours
        )
        is_paused = any(first <= at < last for first, last in paused)
        count += (unit is HOUR or on_duty) and not is_paused
        at += MINUTE
    return count


@given(st.data(), CALENDARS, UNITS, STARTS, SPANS)
def test_counting_equals_counting_minute_by_minute(data, calendar, unit, start, span) -> None:  # type: ignore[no-untyped-def]
    end = start + span
    paused = data.draw(pauses(start, end))
    expected = by_minutes(calendar, unit, start, end, paused)
    assert counted(calendar, unit, start, end, paused) == expected * MINUTE


@given(CALENDARS, UNITS, STARTS, SPANS)
def test_so_much_later_so_much_is_counted_and_not_a_moment_before(calendar, unit, start, span) -> None:  # type: ignore[no-untyped-def]
    end = advanced(calendar, unit, start, span)
    assert counted(calendar, unit, start, end) == span
    assert counted(calendar, unit, start, end - MINUTE) == span - MINUTE


@given(st.data(), CALENDARS, UNITS, STARTS, SPANS)
def test_pauses_put_an_end_off_by_exactly_the_time_they_took(data, calendar, unit, start, span) -> None:  # type: ignore[no-untyped-def]
    end = advanced(calendar, unit, start, span)
    paused = closed(data.draw(pauses(start, end + timedelta(days=2))), end + timedelta(days=9))
    later = shifted(calendar, unit, end, since=start, pauses=paused)
    lost = counted(calendar, unit, start, later) - counted(calendar, unit, start, later, paused)
    assert counted(calendar, unit, end, later) == lost
    assert counted(calendar, unit, start, later, paused) == span


@given(st.data(), CALENDARS, UNITS, STARTS, SPANS)
def test_pauses_one_after_the_other_are_the_pauses_together(data, calendar, unit, start, span) -> None:  # type: ignore[no-untyped-def]
    end = advanced(calendar, unit, start, span)
    paused = closed(data.draw(pauses(start, end)), end)
    step = end
    for one in paused:
        step = shifted(calendar, unit, step, since=start, pauses=[one])
    together = shifted(calendar, unit, end, since=start, pauses=paused)
    assert counted(calendar, unit, min(step, together), max(step, together)) == timedelta()


def test_pauses_are_put_in_order_joined_and_ended() -> None:
    nine, ten, noon = local(2026, 11, 24, 9), local(2026, 11, 24, 10), local(2026, 11, 24, 12)
    assert closed([(ten, None), (nine, ten), (noon, nine)], noon) == [(nine, noon)]
