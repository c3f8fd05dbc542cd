"""Deadlines of work orders: a moment, or a span from the report (``24小时``, ``7天``, ``5个工作日``)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from data.importers.values.columns import text_of
from data.importers.values.values import instant
from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.errors import InvalidInput, say

_SPAN: Final = re.compile(
    r"([0-9]{1,4}(?:\.[0-9]+)?)个?(小时|工作日|天|日)(?:内|以内|之内)?(?:办结|办理|反馈|答复)?"
)
_MOST_WORKDAYS: Final = 400


def deadline_of(
    value: Any, *, reported_at: datetime | None, tz: tzinfo, form: str | None = None
) -> tuple[datetime | None, bool]:
    """A deadline in UTC, and whether it is a moment that named no offset.

    Hours and days run through; working days leave out weekends and holidays, and end at the clock time of
    the report. Nothing for an empty value, and for a span without the moment it runs from.

    Raises
    ------
    InvalidInput
        It is neither a moment nor such a span.
    """
    plain = "".join(unicodedata.normalize("NFKC", text_of(value)).split()) if isinstance(value, str) else ""
    span = _SPAN.fullmatch(plain)
    if span is None:
        return instant(value, tz=tz, form=form)
    if reported_at is None:
        return None, False
    number, unit = float(span[1]), span[2]
    if unit == "小时":
        return reported_at + timedelta(hours=number), False
    if unit != "工作日":
        return reported_at + timedelta(days=number), False
    if not number.is_integer() or number > _MOST_WORKDAYS:
        raise InvalidInput(say("working days are a whole number up to {most}", most=_MOST_WORKDAYS))
    return _after_workdays(reported_at, int(number), tz=tz), False


def _after_workdays(start: datetime, count: int, *, tz: tzinfo) -> datetime:
    """So many working days later, by the public holidays of China, at the clock time of the start."""
    calendar, local = WorkCalendar(tz=tz), start.astimezone(tz)
    day = local.date()
    while count > 0:
        day += timedelta(days=1)
        count -= calendar.is_work_day(day)
    return datetime.combine(day, local.time(), tzinfo=tz).astimezone(start.tzinfo)
