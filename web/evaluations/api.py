"""Samples of closed cases that a third party checks on site, their score sheets and the comparison."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, tzinfo
from typing import Any, Literal, cast

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View
from gisgrid.indicators.evaluation.rules import LONGEST_NOTE, MOST
from gisgrid.indicators.evaluation.service import SiteFinding, check, draw
from gisgrid.indicators.evaluation.sheet import ListedSample, SampleSheet, samples, sheet
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.i18n import gettext as _
from web.request_models import Identified, PlaceQuery

evaluations_api = Api("evaluations", __name__, part=ApiPart.CASES)


class SentDays(BaseModel):
    """Of which days, both included and over, how many closed cases."""

    first_day: date
    last_day: date
    size: int = Field(description=f"1 to {MOST}")


class SentFinding(BaseModel):
    """What was found on site; sent again, it corrects what was sent before."""

    result: Literal["solved", "partly", "not"]
    score: int = Field(description="1 to 5")
    note: str = Field(
        default="", max_length=4000, description=f"up to {LONGEST_NOTE} characters, no numbers of people"
    )


class RowOfSample(Identified):
    """A place in a sample, from 1."""

    place: int


class SampleRow(TypedDict):
    """A sample: its days, how many cases were asked for, there, drawn and checked, and the seed."""

    id: str
    first_day: str
    last_day: str
    size: int
    population: int
    drawn: int
    checked: int
    seed: int
    drawn_at: str
    by: str | None


class SheetRow(TypedDict):
    """One case of a sample without what leads to a person; of one that is shown no more only its place."""

    place: int
    is_shown: bool
    category: str | None
    category_name: str | None
    severity: str | None
    grid: str | None
    grid_name: str | None
    reported_on: str | None
    closed_on: str | None
    in_time: bool | None
    building: str | None
    lon: float | None
    lat: float | None
    result: str | None
    score: int | None
    note: str | None
    checked_on: str | None
    case_id: str | None


class ScoreSheet(TypedDict):
    """A sample with its method; rows for who checks and for heads, the comparison for heads and above."""

    sample: SampleRow
    method: str
    rows: list[SheetRow]
    comparison: dict[str, Any] | None
    definitions: dict[str, str]


class DrawnSample(TypedDict):
    """The sample that was drawn, from how many cases."""

    id: str
    population: int
    size: int
    seed: int


class KeptFinding(TypedDict):
    """The place in the sample that was written."""

    place: int


@evaluations_api.get("/evaluations", right=Action.EVALUATIONS_VIEW, responses={"200": Rows[SampleRow]})
def listing(query: PlaceQuery) -> Response:
    """All samples of a community."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        rows = [sample_answer(sample, view.tz) for sample in samples(view, now=now())]
    return json_answer({"rows": rows})


@evaluations_api.post("/evaluations", right=Action.EVALUATIONS_DRAW, responses={"200": DrawnSample})
def draw_sample(body: SentDays, query: PlaceQuery) -> Response:
    """Draw a sample, once: of the same days nobody draws a second one."""
    with writing_view(query.view_request) as view:
        sample = draw(view, body.first_day, body.last_day, body.size, now=now())
        drawn = {"id": sample.id, "population": sample.population, "size": sample.size, "seed": sample.seed}
    return json_answer(drawn)


@evaluations_api.get("/evaluations/<id>", right=Action.EVALUATIONS_VIEW, responses={"200": ScoreSheet})
def show_sheet(path: Identified, query: PlaceQuery) -> Response:
    """A sample with what the account may see of it."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        shown = sheet_answer(view, sheet(view, path.id, now=now()))
    return json_answer(shown)


@evaluations_api.post(
    "/evaluations/<id>/rows/<int:place>", right=Action.EVALUATIONS_CHECK, responses={"200": KeptFinding}
)
def write_finding(path: RowOfSample, body: SentFinding, query: PlaceQuery) -> Response:
    """Keep what was found at a case, or correct it."""
    with writing_view(query.view_request) as view:
        finding = SiteFinding(result=body.result, score=body.score, note=body.note)
        place = check(view, path.id, path.place, finding, now=now()).place
    return json_answer({"place": place})


def sample_answer(sample: ListedSample, tz: tzinfo) -> SampleRow:
    """A sample as JSON tells it."""
    days = {"first_day": sample.first_day.isoformat(), "last_day": sample.last_day.isoformat()}
    drawn = {"drawn_at": sample.drawn_at.astimezone(tz).isoformat(timespec="minutes")}
    return cast("SampleRow", asdict(sample) | days | drawn)


def sheet_answer(view: View, sample_sheet: SampleSheet) -> ScoreSheet:
    """A sheet as JSON tells it, with the method and the definitions in the reader's language."""
    return {
        "sample": sample_answer(sample_sheet.sample, view.tz),
        "method": _method_of(sample_sheet.sample),
        "rows": [_shown_row(asdict(row)) for row in sample_sheet.rows],
        "comparison": asdict(sample_sheet.comparison) if sample_sheet.comparison else None,
        "definitions": _definitions() if sample_sheet.comparison else {},
    }


def _shown_row(row: dict[str, Any]) -> SheetRow:
    shown = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    return cast("SheetRow", shown)


def _method_of(sample: ListedSample) -> str:
    """How a sample was drawn, so that anybody can draw it again."""
    said = _(
        "简单随机抽样:把 {first} 至 {last} 结案的 {population} 件(不公开的类别和已隐去文字的除外)"
        "按内部编号排序,用服务器生成的种子 {seed} 以 Python 的 random.Random(种子).sample 抽取 {drawn} 件。"
    ).format(
        first=sample.first_day,
        last=sample.last_day,
        population=sample.population,
        seed=sample.seed,
        drawn=sample.drawn,
    )
    if sample.population < sample.size:
        few = _("要求 {size} 件,期内只有 {population} 件,已全部抽取。")
        said += few.format(size=sample.size, population=sample.population)
    return said


def _definitions() -> dict[str, str]:
    """What each number of the comparison is made of."""
    return {
        "in_time_share": _("按时结案的 ÷ 样本中有时限且已结案的"),
        "rating_mean": _("居民对效果评分(1–5)的平均,只算评过的"),
        "solved_share": _("第三方认定已解决的 ÷ 已核查的;部分解决不算"),
        "score_mean": _("第三方评分(1–5)的平均,只算已核查的"),
        "difference": _("第三方评分减居民评分的平均,只算两边都有的"),
    }
