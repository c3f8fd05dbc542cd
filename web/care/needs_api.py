"""Needs that nobody serves and people without aid, over HTTP."""

from __future__ import annotations

from flask import Response
from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.care.need_figures import NeedFigureRow, need_figures
from gisgrid.care.need_lists import (
    NeedFilter,
    NeedList,
    UnaidedRow,
    UnservedRow,
    unaided_people,
    unserved_needs,
)
from web.answer_models import TABLE, UNCHANGED, Figures
from web.answers import audited_view, csv_answer, json_answer, table_answer
from web.blueprints import Api
from web.care.reasons import SentListReason
from web.context import now, view_of
from web.request_models import PlaceQuery

needs_api = Api("needs", __name__, part=ApiPart.PEOPLE)


class NeedsPageQuery(PlaceQuery):
    """Of which grid, and which page."""

    grid: str | None = Field(default=None, max_length=60)
    page: int = Field(default=1, ge=1, le=10_000)


class UnservedQuery(NeedsPageQuery):
    """Needs of which kind."""

    kind: str | None = Field(default=None, max_length=40)


class UnservedPage(TypedDict):
    """A page of the needs that nobody serves, of how many; `counts` are those of each kind in one's scope.

    `is_shown` is false to heads who gave no reason: they are told counts alone.
    """

    rows: list[UnservedRow]
    total: int
    page: int
    counts: dict[str, int]
    is_shown: bool


class UnaidedPage(TypedDict):
    """A page of the people without income and without aid; as above."""

    rows: list[UnaidedRow]
    total: int
    page: int
    counts: dict[str, int]
    is_shown: bool


@needs_api.get("/needs/unserved", right=Action.PERSONS_LIST, responses={"200": UnservedPage})
def unserved(query: UnservedQuery) -> Response:
    """Needs in one's own grids that nobody serves, the oldest first; heads learn how many."""
    return _unserved(query, None)


@needs_api.post("/needs/unserved", right=Action.PERSONS_LIST, reads=True, responses={"200": UnservedPage})
def unserved_opened(query: UnservedQuery, body: SentListReason) -> Response:
    """The same with a reason, which shows heads the list and is kept."""
    return _unserved(query, body.reason)


@needs_api.get("/needs/unaided", right=Action.PERSONS_LIST, responses={"200": UnaidedPage})
def unaided(query: NeedsPageQuery) -> Response:
    """People in one's own grids without income and without aid within a year; heads learn how many."""
    return _unaided(query, None)


@needs_api.post("/needs/unaided", right=Action.PERSONS_LIST, reads=True, responses={"200": UnaidedPage})
def unaided_opened(query: NeedsPageQuery, body: SentListReason) -> Response:
    """The same with a reason, which shows heads the list and is kept."""
    return _unaided(query, body.reason)


@needs_api.get(
    "/needs/figures", right=Action.FIGURES_VIEW, responses={"200": Figures[NeedFigureRow], **UNCHANGED}
)
def figures(query: PlaceQuery) -> Response:
    """People in need by grid, how many of them nobody serves, and who is without income and aid."""
    view = view_of(query.view_request)
    return table_answer(view, Action.FIGURES_VIEW, lambda: need_figures(view))


@needs_api.get("/needs/figures.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def figures_csv(query: PlaceQuery) -> Response:
    """The same as CSV."""
    return csv_answer("needs", query.view_request, need_figures)


def _unserved(query: UnservedQuery, reason: str | None) -> Response:
    wanted = NeedFilter(kind=query.kind, grid=query.grid)
    with audited_view(query.view_request) as view:
        answer = unserved_needs(view, wanted, page=query.page, reason=reason, now=now())
    return _page(answer, query.page)


def _unaided(query: NeedsPageQuery, reason: str | None) -> Response:
    with audited_view(query.view_request) as view:
        answer = unaided_people(view, NeedFilter(grid=query.grid), page=query.page, reason=reason, now=now())
    return _page(answer, query.page)


def _page(answer: NeedList[UnservedRow] | NeedList[UnaidedRow], page: int) -> Response:
    return json_answer(
        {
            "rows": answer.rows,
            "total": answer.total,
            "page": page,
            "counts": answer.counts,
            "is_shown": answer.is_shown,
        }
    )
