"""The monthly appraisal of grid members: scores with their parts, outside marks, appeals and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import NotRequired

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.figures.tables import FigureTable
from gisgrid.indicators.appraisals.queries import AppealRow, Appraised, appraisals, choice_in
from gisgrid.indicators.appraisals.rules import Appraisal, month_of
from gisgrid.indicators.appraisals.service import answer, appeal, choose, give_mark
from gisgrid.indicators.words import NAMES
from web.answer_models import TABLE
from web.answers import audited_view, csv_answer, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.i18n import current_language
from web.request_models import Identified, PlaceQuery

appraisals_api = Api("appraisals", __name__, part=ApiPart.CASES)

_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class MonthQuery(PlaceQuery):
    """Which month; by default the last one that is over."""

    month: str | None = Field(default=None, pattern=_MONTH, description="as 2026-11")


class SentMark(BaseModel):
    """A mark from outside for a grid member's month."""

    worker: str = Field(max_length=36)
    month: str = Field(pattern=_MONTH)
    mark: int = Field(description="0 to 100")


class SentAppeal(BaseModel):
    """What is wrong with one's own score of a month that is over."""

    month: str = Field(pattern=_MONTH)
    reason: str = Field(max_length=4000)


class SentAnswer(BaseModel):
    """The answer to an appeal, and points that come on top of the score."""

    answer: str = Field(max_length=4000)
    adjusted: int = Field(default=0, description="-100 to 100")


class SentShare(BaseModel):
    """Whether there is an appraisal from a month on, and how much marks from outside weigh."""

    month: str = Field(pattern=_MONTH)
    share: int = Field(description="per cent, 0 to 100")
    is_on: bool = Field(default=True, description="whether the community appraises")


class AppraisalPart(TypedDict):
    """A part of a score, with the numbers it is made of."""

    code: str
    name: str
    weight: int
    inverse: bool
    numerator: int
    denominator: int
    told: str


class AppraisalRow(TypedDict):
    """The appraisal of a grid member, as far as the account may know it; else the own mark alone."""

    worker: str
    name: str
    own_mark: int | None
    score: NotRequired[float | None]
    grade: NotRequired[str | None]
    internal: NotRequired[float | None]
    external: NotRequired[float | None]
    external_share: NotRequired[int]
    adjusted: NotRequired[int]
    parts: NotRequired[list[AppraisalPart]]
    appeals: NotRequired[list[AppealRow]]


class AppraisalRows(TypedDict):
    """One row per grid member, none where the community does not appraise in the month."""

    rows: list[AppraisalRow]
    month: str
    is_on: bool


class KeptMark(TypedDict):
    """What was kept."""

    id: str


@appraisals_api.get("/appraisals", right=Action.APPRAISALS_VIEW, responses={"200": AppraisalRows})
def listing(query: MonthQuery) -> Response:
    """Scores of a month: all for heads, the own one for a member, own marks for an evaluator."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        month = chosen_month(view, query.month)
        is_on = choice_in(view, month).is_on
        rows = [row_of(member) for member in appraisals(view, month, now=now())]
    return json_answer({"rows": rows, "month": f"{month:%Y-%m}", "is_on": is_on})


@appraisals_api.get("/appraisals.csv", right=Action.APPRAISALS_VIEW, responses=TABLE)
def listing_csv(query: MonthQuery) -> Response:
    """The same as CSV, without what was said in appeals."""

    def make(view: View) -> FigureTable:
        month = chosen_month(view, query.month)
        return FigureTable(
            rows=[flat_row(member, f"{month:%Y-%m}") for member in appraisals(view, month, now=now())]
        )

    return csv_answer("appraisals", replace(query.view_request, as_of=None, revision=None), make)


@appraisals_api.post("/appraisals/marks", right=Action.APPRAISALS_MARK, responses={"200": KeptMark})
def mark(body: SentMark, query: PlaceQuery) -> Response:
    """Keep a mark from outside; a later one takes its place."""
    with writing_view(query.view_request) as view:
        kept = give_mark(view, body.worker, month_of(body.month), body.mark, now=now()).id
    return json_answer({"id": kept})


@appraisals_api.post("/appraisals/appeals", right=Action.APPRAISALS_APPEAL, responses={"200": KeptMark})
def object_to(body: SentAppeal, query: PlaceQuery) -> Response:
    """Object to the own score of a month that is over."""
    with writing_view(query.view_request) as view:
        kept = appeal(view, month_of(body.month), body.reason, now=now()).id
    return json_answer({"id": kept})


@appraisals_api.post(
    "/appraisals/appeals/<id>/answer", right=Action.APPRAISALS_DECIDE, responses={"200": KeptMark}
)
def answer_to(path: Identified, body: SentAnswer, query: PlaceQuery) -> Response:
    """Answer an appeal, once."""
    with writing_view(query.view_request) as view:
        kept = answer(view, path.id, body.answer, adjusted=body.adjusted, now=now()).id
    return json_answer({"id": kept})


@appraisals_api.post("/appraisals/share", right=Action.APPRAISALS_DECIDE, responses={"200": KeptMark})
def weigh(body: SentShare, query: PlaceQuery) -> Response:
    """Whether to appraise, and how much outside marks weigh, from a month on; past months stay."""
    with writing_view(query.view_request) as view:
        kept = choose(view, month_of(body.month), body.share, is_on=body.is_on, now=now()).id
    return json_answer({"id": kept})


def chosen_month(view: View, text: str | None) -> date:
    """The month asked for, else the last one that is over."""
    if text:
        return month_of(text)
    return (day_of(now(), view.tz).replace(day=1) - timedelta(days=1)).replace(day=1)


def row_of(member: Appraised) -> AppraisalRow:
    """A row with all its parts; of a row without scores only the own mark."""
    row: AppraisalRow = {"worker": member.worker_id, "name": member.name, "own_mark": member.own_mark}
    if member.appraisal is None:
        return row
    score = member.appraisal
    return {
        **row,
        "score": score.score,
        "grade": score.grade,
        "internal": score.internal,
        "external": score.external,
        "external_share": score.share,
        "adjusted": score.adjusted,
        "parts": parts_of(score),
        "appeals": member.appeals,
    }


def parts_of(score: Appraisal) -> list[AppraisalPart]:
    """The parts of the score from the logs, with the numbers they are made of, in the reader's language."""
    place = 0 if current_language() == "zh" else 1
    return [
        {
            "code": part.code,
            "name": NAMES[part.code][place],
            "weight": part.weight,
            "inverse": part.inverse,
            "numerator": part.ratio.numerator,
            "denominator": part.ratio.denominator,
            "told": str(part.ratio),
        }
        for part in score.parts
    ]


def flat_row(member: Appraised, month: str) -> dict[str, object]:
    """A row for a table."""
    row = row_of(member)
    shares = {part["code"]: part["told"] for part in row.get("parts", [])}
    plain = {name: value for name, value in row.items() if name not in {"worker", "parts", "appeals"}}
    return {"month": month, **plain, **shares}
