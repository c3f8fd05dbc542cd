"""When the next visit by a rule is due that has held for a subject since a day."""

from __future__ import annotations

from datetime import date, timedelta

from gisgrid.forms.tasks.model import Monthly, Rhythm
from gisgrid.forms.tasks.months import FEWEST_DAYS, end_of_month, months_later
from gisgrid.forms.tasks.rhythms import next_due


def due_after(schedule: Monthly | Rhythm, *, since: date, last: date | None) -> date:
    """The last day of the next visit after the last one, if there was any.

    A visit before ``since`` counts on, but nothing is due before that day. A rule by the month asks for one
    visit in each month of the calendar that it holds for a week or longer; a month that went by without one
    stays due until somebody is there again.
    """
    if isinstance(schedule, Rhythm):
        if last is None:
            return since + timedelta(days=schedule.first)
        return max(next_due(schedule, last), since)
    first = end_of_month(since)
    if (first - since).days + 1 < FEWEST_DAYS:
        first = end_of_month(months_later(since.replace(day=1), 1))
    return first if last is None else max(first, end_of_month(months_later(last.replace(day=1), 1)))
