"""Counts of records by form, area and month, over HTTP."""

from __future__ import annotations

from flask import Response
from pydantic import Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import Period
from gisgrid.figures.record_figures import (
    RecordFigureRow,
    RecordSpanRow,
    SpanStep,
    last_quarter,
    record_figures,
    record_spans,
)
from gisgrid.figures.tables import FigureTable
from web.answer_models import TABLE, UNCHANGED, Figures
from web.answers import csv_answer, table_answer
from web.blueprints import Api
from web.context import view_of
from web.request_models import PeriodQuery

record_figures_api = Api("record_figures", __name__, part=ApiPart.PEOPLE)
_VIEW = Action.FIGURES_VIEW


class RecordDaysQuery(PeriodQuery):
    """Days, both included; without any the last quarter that is over."""

    def days(self, view: View) -> Period:
        """In the core's form."""
        return self.period(view) if self.first or self.last else last_quarter(view)


class RecordFiguresQuery(RecordDaysQuery):
    """Records of which form (none: of each), by areas of which level."""

    form: str | None = Field(default=None, max_length=60)
    level: Level = Level.GRID


class RecordSpansQuery(RecordDaysQuery):
    """Records of a form by month or by quarter, in the community or in a grid of it."""

    form: str = Field(max_length=60)
    grid: str | None = Field(default=None, max_length=60)
    by: SpanStep = SpanStep.MONTH


@record_figures_api.get(
    "/records/figures", right=_VIEW, responses={"200": Figures[RecordFigureRow], **UNCHANGED}
)
def figures(query: RecordFiguresQuery) -> Response:
    """What was noted by form and area: records, whom they are about, how many of these were met.

    Of persons, accounts without exact counts are told whole quarters that are over.
    """
    view = view_of(query.view_request)
    return table_answer(view, _VIEW, lambda: _figures(view, query))


@record_figures_api.get("/records/figures.csv", right=_VIEW, responses=TABLE)
def figures_csv(query: RecordFiguresQuery) -> Response:
    """The same as CSV."""
    return csv_answer("records", query.view_request, lambda view: _figures(view, query))


@record_figures_api.get(
    "/records/figures/spans", right=_VIEW, responses={"200": Figures[RecordSpanRow], **UNCHANGED}
)
def spans(query: RecordSpansQuery) -> Response:
    """What was noted with a form by month or quarter, in the community or in a grid of it."""
    view = view_of(query.view_request)
    return table_answer(view, _VIEW, lambda: _spans(view, query))


@record_figures_api.get("/records/figures/spans.csv", right=_VIEW, responses=TABLE)
def spans_csv(query: RecordSpansQuery) -> Response:
    """The same as CSV."""
    return csv_answer("records-by-month", query.view_request, lambda view: _spans(view, query))


def _figures(view: View, query: RecordFiguresQuery) -> FigureTable[RecordFigureRow]:
    return record_figures(view, query.level, query.days(view), form=query.form)


def _spans(view: View, query: RecordSpansQuery) -> FigureTable[RecordSpanRow]:
    return record_spans(view, query.by, query.days(view), form=query.form, area=query.grid)
