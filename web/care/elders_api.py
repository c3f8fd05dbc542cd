"""Elders to visit, over HTTP."""

from __future__ import annotations

from flask import Response
from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.care.worklist import (
    LONGEST_UNSEEN,
    ElderCounts,
    ElderFilter,
    ElderWorkRow,
    list_elders,
)
from gisgrid.figures.elder_visits import ElderState
from web.answers import audited_view, json_answer
from web.blueprints import Api
from web.care.reasons import SentListReason
from web.context import now
from web.request_models import PlaceQuery

elders_api = Api("elders", __name__, part=ApiPart.PEOPLE)


class EldersQuery(PlaceQuery):
    """Which elders are listed, and which page of them."""

    without_visitor: bool = False
    unseen: int | None = Field(
        default=None, ge=1, le=LONGEST_UNSEEN, description="Not met for so many days, or never."
    )
    state: ElderState | None = None
    grid: str | None = Field(default=None, max_length=60)
    page: int = Field(default=1, ge=1, le=10_000)

    @property
    def filter(self) -> ElderFilter:
        """In the core's form."""
        return ElderFilter(
            without_visitor=self.without_visitor, unseen_days=self.unseen, state=self.state, grid=self.grid
        )


class ElderPage(TypedDict):
    """A page of the elders: of how many that were wanted; `counts` are of the whole scope.

    `is_shown` is false to heads who gave no reason: names are masked, ages and needs are null.
    """

    rows: list[ElderWorkRow]
    total: int
    page: int
    counts: ElderCounts
    is_shown: bool


@elders_api.get("/elders", right=Action.PERSONS_LIST, responses={"200": ElderPage})
def listing(query: EldersQuery) -> Response:
    """Elders to visit in one's own grids, the longest overdue first; heads have all, names masked."""
    return _answer(query, None)


@elders_api.post("/elders", right=Action.PERSONS_LIST, reads=True, responses={"200": ElderPage})
def opened(query: EldersQuery, body: SentListReason) -> Response:
    """The same with a reason, which shows heads whole names and is kept."""
    return _answer(query, body.reason)


def _answer(query: EldersQuery, reason: str | None) -> Response:
    with audited_view(query.view_request) as view:
        answer = list_elders(view, query.filter, page=query.page, reason=reason, now=now())
    return json_answer(
        {
            "rows": answer.rows,
            "total": answer.total,
            "page": query.page,
            "counts": answer.counts,
            "is_shown": answer.is_shown,
        }
    )
