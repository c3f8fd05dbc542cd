"""Counts of records by form, grid and days, over HTTP."""

from __future__ import annotations

from flask import Response
from pydantic import Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.figures.record_figures import RecordFigureRow, record_figures
from web.answer_models import TABLE, UNCHANGED, Figures
from web.answers import csv_answer, table_answer
from web.blueprints import Api
from web.context import view_of
from web.request_models import PeriodQuery

record_figures_api = Api("record_figures", __name__, part=ApiPart.PEOPLE)


class RecordFiguresQuery(PeriodQuery):
    """A form by its code, and days."""

    form: str = Field(max_length=60)


@record_figures_api.get(
    "/records/figures", right=Action.FIGURES_VIEW, responses={"200": Figures[RecordFigureRow], **UNCHANGED}
)
def figures(query: RecordFiguresQuery) -> Response:
    """What was noted with a form by grid: records, whom they are about, how many of these were met.

    Accounts without exact counts ask for one whole quarter that is over.
    """
    view = view_of(query.view_request)
    return table_answer(
        view, Action.FIGURES_VIEW, lambda: record_figures(view, query.form, query.period(view))
    )


@record_figures_api.get("/records/figures.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def figures_csv(query: RecordFiguresQuery) -> Response:
    """The same as CSV."""
    return csv_answer(
        "records", query.view_request, lambda view: record_figures(view, query.form, query.period(view))
    )
