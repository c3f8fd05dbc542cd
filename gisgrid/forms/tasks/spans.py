"""Spans of days on which a rule holds for a subject, and the cell it lies in on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from gisgrid.forms.tasks.model import CellPlacement, HeldSpan, SpanEnd, TaskRule

DAY: Final = timedelta(days=1)


def held_spans(rule: TaskRule, spans: Iterable[HeldSpan], today: date) -> list[HeldSpan]:
    """The spans that have begun, in order and within the days of the rule; those that touch are one."""
    clipped = [_within(rule, span) for span in _joined(spans)]
    return [span for span in clipped if span.start <= today and (span.end is None or span.start < span.end)]


def last_day(span: HeldSpan) -> date:
    """The last day of a span; without an end the last one of the calendar."""
    return span.end - DAY if span.end else date.max


def has_ended(span: HeldSpan, today: date) -> bool:
    """Whether a span is over."""
    return span.end is not None and span.end <= today


def span_on(spans: Iterable[HeldSpan], day: date) -> HeldSpan | None:
    """The span that holds on a day."""
    return next((span for span in spans if span.start <= day <= last_day(span)), None)


def cell_on(cells: Sequence[CellPlacement], day: date) -> str | None:
    """The cell a subject lies in on a day."""
    known = [placement for placement in cells if placement.since <= day]
    return max(known, key=lambda placement: placement.since).cell if known else None


def _joined(spans: Iterable[HeldSpan]) -> list[HeldSpan]:
    """Spans in order; what touches or overlaps is one, which ends as the longer of the two does."""
    joined: list[HeldSpan] = []
    filled = (span for span in spans if span.end is None or span.start < span.end)
    for span in sorted(filled, key=lambda span: (span.start, last_day(span))):
        before = joined[-1] if joined else None
        if before is None or (before.end is not None and before.end < span.start):
            joined.append(span)
        elif last_day(span) > last_day(before):
            joined[-1] = replace(span, start=before.start)
    return joined


def _within(rule: TaskRule, span: HeldSpan) -> HeldSpan:
    """A span cut to the days on which the rule is valid."""
    start = max(span.start, rule.valid_from)
    if rule.valid_to is not None and (span.end is None or rule.valid_to < span.end):
        return HeldSpan(start=start, end=rule.valid_to, why=SpanEnd.RULE)
    return span if start == span.start else replace(span, start=start)
