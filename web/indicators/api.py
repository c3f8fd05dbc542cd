"""Indicators of cases: tables with CSV, the cases behind a number, two ways at once, and the definitions."""

from __future__ import annotations

from dataclasses import replace

from flask import Response
from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View
from gisgrid.figures.tables import FigureTable
from gisgrid.indicators.drilldown import PAGE, CountedCase, counted_cases
from gisgrid.indicators.formulas import COUNTS, INDICATORS
from gisgrid.indicators.groups import Borders, By
from gisgrid.indicators.queries import IndicatorRequest, PivotView, indicators, pivot
from gisgrid.indicators.scores import SCORES
from gisgrid.indicators.words import NAMES
from web.answer_models import TABLE, UNCHANGED, FigureRows
from web.answers import audited_view, csv_answer, fresh_answer, json_answer, table_answer
from web.blueprints import Api
from web.context import is_program, now, view_of
from web.i18n import current_language
from web.request_models import CasesQuery
from web.words.categories import category_word

indicators_api = Api("indicators", __name__, part=ApiPart.CASES)

_COUNT = "one of the counts of `indicators/definitions`"


class IndicatorsQuery(CasesQuery):
    """Indicators of cases by what, over which days, of which cases."""

    by: By = By.GRID
    borders: Borders = Field(default=Borders.NOW, description="Grids of now, or of the report.")
    grid: str | None = Field(default=None, max_length=60, description="Only cases of this grid.")
    department: str | None = Field(default=None, max_length=40, description="Only cases of this line.")

    def core(self, view: View) -> IndicatorRequest:
        """In the core's form."""
        within = {By.GRID: self.grid, By.DEPARTMENT: self.department}
        return IndicatorRequest(
            period=self.period(view),
            by=self.by,
            borders=self.borders,
            categories=tuple(self.category),
            within={by: code for by, code in within.items() if code is not None},
        )


class PivotQuery(IndicatorsQuery):
    """One count by lines and grids."""

    by: By = By.DEPARTMENT
    count: str = Field(default="reported", max_length=40, description=_COUNT)


class DrilldownQuery(IndicatorsQuery):
    """The cases that one number of a row counts; without ``code`` those of all rows."""

    count: str = Field(max_length=40, description=_COUNT)
    code: str | None = Field(default=None, max_length=60)
    page: int = Field(default=1, ge=1, le=10_000)


class CountedCases(TypedDict):
    """A page of the cases a number counts; `total` is that number."""

    rows: list[CountedCase]
    total: int
    page: int
    pages: int


class CodedWord(TypedDict):
    """What a code is called in the reader's language."""

    code: str
    name: str


class Definition(CodedWord):
    """An indicator: what is divided by what, in words, and where the formula comes from."""

    numerator: str
    denominator: str
    definition: str
    source: str
    good: bool


class WeightedPart(TypedDict):
    """A part of a score: an indicator (or `volume`), and its weight in per cent."""

    of: str
    name: str
    weight: int
    inverse: bool


class ScoreDefinition(CodedWord):
    """A score with its parts: indicators (or `volume`) and weights in per cent."""

    parts: list[WeightedPart]


class Definitions(TypedDict):
    """All indicators, scores and counts, in the reader's language."""

    indicators: list[Definition]
    scores: list[ScoreDefinition]
    counts: dict[str, str]


def _minute() -> str:
    """What falls due by the clock changes an answer without anything being written."""
    return now().isoformat(timespec="minutes")


@indicators_api.get("/indicators", right=Action.FIGURES_VIEW, responses={"200": FigureRows, **UNCHANGED})
def table(query: IndicatorsQuery) -> Response:
    """Counts, indicators, scores and grades, one row per grid, category, department or month."""
    view = view_of(query.view_request)

    def make() -> FigureTable:
        return indicators(view, query.core(view), now=now())

    return table_answer(view, Action.FIGURES_VIEW, make, also=_minute())


def _in_words(table: FigureTable, *, by: By) -> FigureTable:
    """Categories as people who read a file call them; programs get the names that never change."""
    if by != By.CATEGORY or is_program():
        return table
    return replace(table, rows=[{**row, "name": category_word(row["name"] or "")} for row in table.rows])


@indicators_api.get("/indicators.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def table_csv(query: IndicatorsQuery) -> Response:
    """The same as CSV."""

    def make(view: View) -> FigureTable:
        return _in_words(indicators(view, query.core(view), now=now()), by=query.by)

    return csv_answer("indicators", query.view_request, make)


@indicators_api.get("/indicators/cases", right=Action.FIGURES_VIEW, responses={"200": CountedCases})
def drilldown(query: DrilldownQuery) -> Response:
    """The cases behind a number, at most 50 at once; as many in all as the number says."""
    with audited_view(query.view_request) as view:
        rows, total = counted_cases(
            view, query.core(view), query.count, code=query.code, now=now(), page=query.page
        )
    pages = max(1, -(-total // PAGE))
    return json_answer({"rows": rows, "total": total, "page": query.page, "pages": pages})


@indicators_api.get("/indicators/pivot", right=Action.FIGURES_VIEW, responses={"200": PivotView, **UNCHANGED})
def two_ways(query: PivotQuery) -> Response:
    """One count by departments or categories (条) and grids (块)."""
    view = view_of(query.view_request)

    def make() -> PivotView:
        return pivot(view, query.core(view), count=query.count, now=now())

    return fresh_answer(view, Action.FIGURES_VIEW, make, also=_minute())


@indicators_api.get("/indicators/pivot.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def two_ways_csv(query: PivotQuery) -> Response:
    """The same as CSV."""

    def make(view: View) -> FigureTable:
        pivoted = pivot(view, query.core(view), count=query.count, now=now())
        names = [column["name"] or "—" for column in pivoted["columns"]]
        rows = [
            {"code": row["code"], "name": row["name"], **dict(zip(names, row["cells"], strict=True))}
            for row in pivoted["rows"]
        ]
        return _in_words(FigureTable(rows=rows, meta=pivoted["meta"]), by=query.by)

    return csv_answer("indicators-pivot", query.view_request, make, columns=("code", "name"))


@indicators_api.get("/indicators/definitions", right=Action.FIGURES_VIEW, responses={"200": Definitions})
def definitions() -> Response:
    """What every indicator, score and count is."""
    return json_answer(all_definitions())


def all_definitions() -> Definitions:
    """The table of formulas in the reader's language."""
    place = 0 if current_language() == "zh" else 1
    return {
        "indicators": [
            {
                "code": indicator.code,
                "name": NAMES[indicator.code][place],
                "numerator": indicator.numerator,
                "denominator": indicator.denominator,
                "definition": (indicator.definition, indicator.definition_en)[place],
                "source": indicator.source,
                "good": indicator.is_good,
            }
            for indicator in INDICATORS
        ],
        "scores": [
            {
                "code": score.code,
                "name": NAMES[score.code][place],
                "parts": [
                    {
                        "of": part.of,
                        "name": NAMES[part.of][place],
                        "weight": part.weight,
                        "inverse": part.inverse,
                    }
                    for part in score.parts
                ],
            }
            for score in SCORES
        ],
        "counts": {name: NAMES[name][place] for name in COUNTS},
    }
