"""How much was noted: records, whom they are about and who was met, by form, area and month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, cast

import pandas as pd
from pydantic import Field

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.analysis.disclosure import Related
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import Period, period
from gisgrid.errors import InvalidInput, NotFound, say
from gisgrid.figures.counts import counts_by_group
from gisgrid.figures.groups import Groups
from gisgrid.figures.hotspots import why_untold
from gisgrid.figures.record_counts import COUNTS, record_counts
from gisgrid.figures.record_forms import CountedForm, counted_form, counted_forms
from gisgrid.figures.suppression import Guard, guarded, named
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.labels.figures import UNITS
from gisgrid.records.core.rules import SubjectKind

LEVELS: Final = (Level.GRID, Level.MICRO_GRID, Level.COMPOUND, Level.SUB_AREA, Level.COMMUNITY)
MOST_SPANS: Final = 36
"""So many months or quarters are told at once."""
_DERIVED: Final = {"records": ("subjects",), "unmet": ("subjects", "met")}
_OF_MET: Final = ("met", "unmet")
_QUARTER: Final = 3


class SpanStep(StrEnum):
    """By what days are parted."""

    MONTH = "month"
    QUARTER = "quarter"

    @property
    def months(self) -> int:
        """How many months one has."""
        return _QUARTER if self == SpanStep.QUARTER else 1


class RecordCounts(FigureRow):
    """Records of a form that hold, their subjects, those of them met at least once, and the others.

    `met` and `unmet` are null too where the form doesn't ask whether somebody was met.
    """

    form: str
    title: Annotated[Mapping[str, str], Field(description="of the form, by language")]
    records: int | None
    subjects: int | None
    met: int | None
    unmet: int | None


class RecordFigureRow(RecordCounts):
    """The counts of an area."""

    code: str
    name: str


class RecordSpanRow(RecordCounts):
    """The counts of a month or a quarter, as far as it lies within the days: its first and its last day."""

    first: str
    last: str


def record_figures(
    view: View, level: Level, days: Period, *, form: str | None = None
) -> FigureTable[RecordFigureRow]:
    """What was noted on some days by area, of one form or of each, by where the subjects lie.

    Accounts without exact counts are told of persons by whole quarters that are over and without small
    numbers; members have their own grids exactly. Who noted it is told to nobody.

    Raises
    ------
    NotAllowed
        The role has no figures.
    NotFound
        The community has no such form, or it was never published.
    InvalidInput
        The form is about cases, workers or organisations, or there are no records by this level.
    """
    require(view.actor, Action.FIGURES_VIEW)
    if level not in LEVELS:
        raise InvalidInput(
            say("records are told by grid, micro_grid, compound, sub_area or community"), field="level"
        )
    forms = counted_forms(view) if form is None else [counted_form(view, form)]
    frames = [_headed(counted, _shown(view, counted, level, days)) for counted in forms]
    rows = [row for frame in frames for row in to_rows(frame.drop(columns="parent"))]
    return FigureTable(rows=cast("list[RecordFigureRow]", rows), meta=_meta(view, level, days, rows))


def record_spans(
    view: View, step: SpanStep, days: Period, *, form: str, area: str | None = None
) -> FigureTable[RecordSpanRow]:
    """What was noted with a form in each month or quarter of some days, in the community or in a grid of it.

    A subject counts once in each of them. Accounts without exact counts are told of persons by whole quarters
    that are over.

    Raises
    ------
    NotAllowed
        The role has no figures.
    NotFound
        The community has no such form or grid, or the form was never published.
    InvalidInput
        The form is about cases, workers or organisations, or there are too many of them.
    """
    require(view.actor, Action.FIGURES_VIEW)
    counted, level = counted_form(view, form), Level.GRID if area else Level.COMMUNITY
    spans = list(_spans(view, step, days))
    frames = [_of_span(view, counted, span, area) for span in spans]
    rows = [row for frame in frames for row in to_rows(frame)]
    return FigureTable(rows=cast("list[RecordSpanRow]", rows), meta=_meta(view, level, days, rows))


def last_quarter(view: View) -> Period:
    """The quarter before the one in which the day of the view lies."""
    day = view.when.day
    begin = date(day.year, day.month - (day.month - 1) % _QUARTER, 1)
    last = begin - timedelta(days=1)
    return period(date(last.year, last.month - _QUARTER + 1, 1), last, today=day, tz=view.tz)


def _shown(view: View, form: CountedForm, level: Level, days: Period) -> pd.DataFrame:
    """``code, name, parent``, the counts as the actor may see them, ``suppressed`` and ``reason``."""
    guard = _guard(form)

    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        counts = record_counts(view, form.code, days, groups, without=without)
        homes = counts_by_group(view, groups, without=without)["households"]
        return counts.assign(households=homes)

    is_withheld = form.is_personal and not view.actor.sees_exact_counts
    frame = guarded(view, level, count, guard, untold=why_untold(view, days) if is_withheld else None)
    if not form.asks_met:
        frame = frame.assign(met=None, unmet=None)
    shown = [name for name in COUNTS if form.asks_met or name not in _OF_MET]
    names = [[name for name in row if name in shown] for row in frame["suppressed"]]
    reasons = [reason if row else None for row, reason in zip(names, frame["reason"], strict=True)]
    frame = named(frame.drop(columns="households"), names)
    return frame.assign(reason=pd.Series(reasons, index=frame.index, dtype=object))


def _guard(form: CountedForm) -> Guard:
    """What is hidden of a form's counts; of households nobody may learn either which few were left out."""
    if not form.is_personal:
        return Guard(columns=())
    of_homes = form.kind == SubjectKind.HOUSEHOLD
    columns = (*(("households",) if of_homes else ()), "subjects", "met")
    parts = {"met": "subjects"} | ({"subjects": "households"} if of_homes else {})
    return Guard(columns=columns, related=Related(parts=parts, derived=_DERIVED))


def _headed(form: CountedForm, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the form in front of each."""
    titles = pd.Series([form.title] * len(frame), index=frame.index, dtype=object)
    return pd.concat([pd.DataFrame({"form": form.code, "title": titles}, index=frame.index), frame], axis=1)


def _of_span(view: View, form: CountedForm, span: Period, area: str | None) -> pd.DataFrame:
    frame = _shown(view, form, Level.GRID if area else Level.COMMUNITY, span)
    row = frame.loc[frame["code"] == (area or view.community.code)]
    if area is not None and row.empty:
        raise NotFound("no such grid")
    days = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    return _headed(form, row.drop(columns=["code", "name", "parent"]).assign(**days))


def _spans(view: View, step: SpanStep, days: Period) -> Iterator[Period]:
    """The months or quarters of some days, cut where these begin and end."""
    first = days.first
    for _ in range(MOST_SPANS):
        last = min(_end_of(first, step), days.last)
        yield period(first, last, today=view.when.day, tz=view.tz)
        first = last + timedelta(days=1)
        if first > days.last:
            return
    raise InvalidInput(
        say("at most {most} months or quarters are told at once", most=MOST_SPANS), field="from"
    )


def _end_of(day: date, step: SpanStep) -> date:
    """The last day of the month or quarter of a day."""
    month = day.month - 1 - (day.month - 1) % step.months + step.months
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _meta(view: View, level: Level, days: Period, rows: list[dict[str, Any]]) -> Any:
    exact = sum(row["records"] for row in rows) if view.actor.sees_exact_counts else None
    return legend(view, unit=UNITS["records"], level=level, period=days, records=exact)
