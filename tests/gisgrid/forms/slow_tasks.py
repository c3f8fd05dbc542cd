"""Tasks once more, written plainly: a clerk who goes through a calendar day by day and keeps slips of paper.

Nothing of the program is used here but the rows that go in. It is slow, and it is the oracle.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

DAY = timedelta(days=1)


@dataclass
class Clerk:
    """What is known of one subject: ``held[day]``: the rule holds; ``ended[day]``: why it does no longer."""

    rule: dict[str, Any]
    subject: str
    cells: dict[date, str | None]
    records: list[dict[str, Any]]
    today: date
    held: set[date] = field(default_factory=set)
    ended: dict[date, str | None] = field(default_factory=dict)

    def slip(self, of: str, opens: date, due: date, **more: Any) -> dict[str, Any]:
        key = f"{self.rule['code']}|{self.subject}|{of}"
        return {"key": key, "opens": opens, "due": due, **more}

    def counts(self, record: dict[str, Any]) -> bool:
        mark = self.rule.get("counts")
        is_of_form = record["form"] == self.rule["form"] or self.rule.get("any_form")
        return bool(is_of_form and (mark is None or mark in record["marks"]))

    def on(self, day: date) -> list[dict[str, Any]]:
        return [record for record in self.records if record["day"] == day]

    def visit_on(self, day: date) -> dict[str, Any] | None:
        counted = [record for record in self.on(day) if self.counts(record)]
        return counted[0] if counted else None


def calendar_days(first: date, last: date) -> list[date]:
    return [first + DAY * number for number in range((last - first).days + 1)]


def slow_tasks(rule, subject, records, today, *, first, last) -> list[dict[str, Any]]:
    """The rows of all tasks, as the vectors write them; ``first`` to ``last`` is the calendar."""
    wrong = {record.get("corrects") for record in records}
    standing = [record for record in records if record["id"] not in wrong]
    standing = sorted(standing, key=lambda record: (record["day"], record["id"]))
    clerk = Clerk(rule, subject["id"], {}, [r for r in standing if r["day"] <= today], today)
    days = calendar_days(first, last)
    cell = None
    for day in days:
        for since, name in subject["cells"]:
            cell = name if since == day else cell
        clerk.cells[day] = cell
    mark_held_days(clerk, subject["spans"], days)
    way = "month" if "month" in rule else "every" if "every" in rule else "after"
    rows = {"month": by_month, "every": by_rhythm, "after": by_mark}[way](clerk, days)
    return sorted(rows, key=lambda row: (row["due"], row["key"]))


def mark_held_days(clerk: Clerk, spans, days: list[date]) -> None:
    """Colour the days on which it holds, and write the reason on the first day after a coloured stretch."""
    before = clerk.rule.get("until") or days[-1] + DAY
    wanted = {
        day for day in days if any(start <= day and (end is None or day < end) for start, end, _why in spans)
    }
    inside = {day for day in wanted if clerk.rule["from"] <= day < before}
    # A stretch that begins after today isn't known yet.
    for day in days:
        if day in inside and (day <= clerk.today or day - DAY in clerk.held):
            clerk.held.add(day)
        elif day - DAY in clerk.held:
            reasons = [why for start, end, why in spans if end == day and start < end]
            clerk.ended[day] = "rule" if day in wanted else reasons[-1]


def reason_after(clerk: Clerk, day: date) -> str | None:
    while day not in clerk.ended:
        day += DAY
    return clerk.ended[day]


def by_month(clerk: Clerk, days: list[date]) -> list[dict[str, Any]]:
    rows = []
    for month in sorted({(day.year, day.month) for day in days if day <= clerk.today}):
        sheet = [date(*month, number + 1) for number in range(calendar.monthrange(*month)[1])]
        held = [day for day in sheet if day in clerk.held]
        if not held:
            continue
        visited = [day for day in sheet if day <= held[-1] and clerk.visit_on(day)]
        row = clerk.slip(f"{month[0]}-{month[1]:02}", held[0], held[-1])
        if visited:
            visit = clerk.visit_on(visited[0])
            rows.append(row | {"state": "done", "cell": visit["cell"], "record": visit["id"]})
        elif len(held) < 7:
            continue
        elif clerk.today <= held[-1]:
            rows.append(row | {"state": "open", "cell": clerk.cells[clerk.today]})
        elif held[-1] == sheet[-1]:
            rows.append(row | {"state": "missed", "cell": clerk.cells[held[-1]]})
        else:
            why = reason_after(clerk, held[-1])
            rows.append(row | {"state": "cancelled", "cell": clerk.cells[held[-1]], "why": why})
    return rows


def later(every: dict[str, int], day: date) -> date:
    if "days" in every:
        return day + DAY * every["days"]
    year, month = day.year, day.month
    for _step in range(every["months"]):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def by_rhythm(clerk: Clerk, days: list[date]) -> list[dict[str, Any]]:
    rule, done, last, begun, slip = clerk.rule, {}, None, None, None

    def write(due: date) -> dict[str, Any]:
        return clerk.slip(due.isoformat(), max(due - DAY * rule["open"], begun), due)

    for day in [day for day in days if day <= clerk.today]:
        visit = clerk.visit_on(day)
        if day in clerk.held and slip is None:
            begun = day
            slip = write(day + DAY * rule["first"] if last is None else max(day, later(rule["every"], last)))
        if day not in clerk.held and slip is not None:
            if slip["opens"] < day:
                more = {"state": "cancelled", "cell": clerk.cells[day - DAY], "why": clerk.ended[day]}
                done[slip["due"]] = slip | more
            slip = None
        if visit:
            last = day
        if visit and slip is not None:
            state = "done" if day <= slip["due"] else "late"
            done[slip["due"]] = slip | {"state": state, "cell": visit["cell"], "record": visit["id"]}
            slip = write(later(rule["every"], day))
    if slip is not None and slip["opens"] < min([*(d for d in clerk.ended if d > clerk.today), date.max]):
        state = "overdue" if clerk.today > slip["due"] else "open"
        state = "planned" if clerk.today < slip["opens"] else state
        done[slip["due"]] = slip | {"state": state, "cell": clerk.cells[clerk.today]}
    return list(done.values())


def by_mark(clerk: Clerk, days: list[date]) -> list[dict[str, Any]]:
    rule, after, rows, waiting = clerk.rule, clerk.rule["after"], [], None
    for day in [day for day in days if day <= clerk.today]:
        if waiting and day not in clerk.held:
            more = {"state": "cancelled", "cell": clerk.cells[day - DAY], "why": clerk.ended[day]}
            rows.append(waiting | more)
            waiting = None
        for record in clerk.on(day):
            if waiting and clerk.counts(record):
                state = "done" if day <= waiting["due"] else "late"
                rows.append(waiting | {"state": state, "cell": record["cell"], "record": record["id"]})
                waiting = None
            asks = after["mark"] in record["marks"] and after.get("form", record["form"]) == record["form"]
            if asks and waiting:
                waiting["again"] = [*waiting["again"], record["id"]]
            elif asks and day in clerk.held:
                due = day + DAY * after["days"]
                opens = max(day, due - DAY * rule["open"])
                waiting = clerk.slip(record["id"], opens, due) | {"again": []}
        if waiting and day == waiting["due"] + DAY * rule["keep"] and day < clerk.today:
            rows.append(waiting | {"state": "missed", "cell": clerk.cells[day]})
            waiting = None
    if waiting:
        state = "overdue" if clerk.today > waiting["due"] else "open"
        state = "planned" if clerk.today < waiting["opens"] else state
        rows.append(waiting | {"state": state, "cell": clerk.cells[clerk.today]})
    return rows
