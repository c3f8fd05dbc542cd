"""The monthly appraisal of grid members: scores with their parts, outside marks, appeals and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import Look
from gisgrid.days import day_of
from gisgrid.figures.tables import FigureTable
from gisgrid.indicators.appraisals.queries import Appraised, appraisals
from gisgrid.indicators.appraisals.rules import Appraisal, month_of
from gisgrid.indicators.appraisals.service import answer, appeal, give_mark, set_share
from gisgrid.indicators.words import NAMES
from web.answer_models import TABLE
from web.answers import audited_look, csv_answer, json_answer, writing_look
from web.blueprints import Api
from web.context import now
from web.i18n import current_language
from web.request_models import AskedPlace, Identified

appraisals_api = Api("appraisals", __name__, part=ApiPart.CASES)

_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class AskedMonth(AskedPlace):
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
    """How much marks from outside weigh from a month on."""

    month: str = Field(pattern=_MONTH)
    share: int = Field(description="per cent, 0 to 100")


class AppraisalRows(BaseModel):
    """One row per grid member: score, grade and all its parts, as far as the account may know them."""

    rows: list[dict[str, Any]]
    month: str


class KeptMark(BaseModel):
    """What was kept."""

    id: str


@appraisals_api.get("/appraisals", right=Action.APPRAISALS_VIEW, responses={"200": AppraisalRows})
def listing(query: AskedMonth) -> Response:
    """Scores of a month: all for heads, the own one for a member, own marks for an evaluator."""
    with audited_look(replace(query.asked, as_of=None, revision=None)) as look:
        month = asked_month(look, query.month)
        rows = [row_of(one) for one in appraisals(look, month, now=now())]
    return json_answer({"rows": rows, "month": f"{month:%Y-%m}"})


@appraisals_api.get("/appraisals.csv", right=Action.APPRAISALS_VIEW, responses=TABLE)
def listing_csv(query: AskedMonth) -> Response:
    """The same as CSV, without what was said in appeals."""

    def make(look: Look) -> FigureTable:
        month = asked_month(look, query.month)
        return FigureTable(
            rows=[flat_row(one, f"{month:%Y-%m}") for one in appraisals(look, month, now=now())]
        )

    return csv_answer("appraisals", replace(query.asked, as_of=None, revision=None), make)


@appraisals_api.post("/appraisals/marks", right=Action.APPRAISALS_MARK, responses={"200": KeptMark})
def mark(body: SentMark, query: AskedPlace) -> Response:
    """Keep a mark from outside; a later one takes its place."""
    with writing_look(query.asked) as look:
        kept = give_mark(look, body.worker, month_of(body.month), body.mark, now=now()).id
    return json_answer({"id": kept})


@appraisals_api.post("/appraisals/appeals", right=Action.APPRAISALS_APPEAL, responses={"200": KeptMark})
def object_to(body: SentAppeal, query: AskedPlace) -> Response:
    """Object to the own score of a month that is over."""
    with writing_look(query.asked) as look:
        kept = appeal(look, month_of(body.month), body.reason, now=now()).id
    return json_answer({"id": kept})


@appraisals_api.post(
    "/appraisals/appeals/<id>/answer", right=Action.APPRAISALS_DECIDE, responses={"200": KeptMark}
)
def answer_to(path: Identified, body: SentAnswer, query: AskedPlace) -> Response:
    """Answer an appeal, once."""
    with writing_look(query.asked) as look:
        kept = answer(look, path.id, body.answer, adjusted=body.adjusted, now=now()).id
    return json_answer({"id": kept})


@appraisals_api.post("/appraisals/share", right=Action.APPRAISALS_DECIDE, responses={"200": KeptMark})
def weigh(body: SentShare, query: AskedPlace) -> Response:
    """How much marks from outside weigh from a month on; months that are over keep what they had."""
    with writing_look(query.asked) as look:
        kept = set_share(look, month_of(body.month), body.share, now=now()).id
    return json_answer({"id": kept})


def asked_month(look: Look, text: str | None) -> date:
    """The month asked for, else the last one that is over."""
    if text:
        return month_of(text)
    return (day_of(now(), look.tz).replace(day=1) - timedelta(days=1)).replace(day=1)


def row_of(one: Appraised) -> dict[str, Any]:
    """A row with all its parts; of a row without scores only the own mark."""
    found: dict[str, Any] = {"worker": one.worker_id, "name": one.name, "own_mark": one.own_mark}
    if one.appraisal is None:
        return found
    score = one.appraisal
    return {
        **found,
        "score": score.score,
        "grade": score.grade,
        "internal": score.internal,
        "external": score.external,
        "external_share": score.share,
        "adjusted": score.adjusted,
        "parts": parts_of(score),
        "appeals": one.appeals,
    }


def parts_of(score: Appraisal) -> list[dict[str, Any]]:
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


def flat_row(one: Appraised, month: str) -> dict[str, Any]:
    """A row for a table."""
    row = row_of(one)
    shares = {part["code"]: part["told"] for part in row.pop("parts", [])}
    row.pop("appeals", None)
    row.pop("worker")
    return {"month": month, **row, **shares}
