"""How complete and fresh the records are, by area and one by one; noting that a household was verified."""

from __future__ import annotations

from flask import Response, request
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.audit import record
from gisgrid.access.tokens import ApiPart
from gisgrid.figures.completeness import CompletenessRow, completeness
from gisgrid.figures.gaps import GapRow, record_gaps
from gisgrid.people.verification import verify_household
from web.answer_models import TABLE, UNCHANGED, Figures
from web.answers import audited_view, csv_answer, json_answer, table_answer, writing_view
from web.blueprints import Api
from web.context import now, view_of
from web.idempotency import check_author
from web.request_models import GapsQuery, Identified, LevelQuery, PlaceQuery

completeness_api = Api("completeness", __name__, part=ApiPart.MAPS)


class VerifiedHousehold(TypedDict):
    """A household with the instant it was verified at."""

    id: str
    verified_at: str


@completeness_api.get(
    "/completeness", right=Action.FIGURES_VIEW, responses={"200": Figures[CompletenessRow], **UNCHANGED}
)
def shares(query: LevelQuery) -> Response:
    """Addresses with a position, households verified in 90 and 180 days, cases with a position, by area.

    As of a day it counts what was verified by then; positions are not dated and count as they are today.
    """
    view = view_of(query.view_request)
    return table_answer(view, Action.FIGURES_VIEW, lambda: completeness(view, query.level))


@completeness_api.get("/completeness.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def shares_csv(query: LevelQuery) -> Response:
    """The same as CSV."""
    return csv_answer("completeness", query.view_request, lambda view: completeness(view, query.level))


@completeness_api.get("/completeness/gaps", right=Action.PERSONS_LIST, responses={"200": Figures[GapRow]})
def gaps(query: GapsQuery) -> Response:
    """What is missing one by one, with the next step: `position`, `place`, `verify`, `case_position`."""
    with audited_view(query.view_request) as view:
        table = record_gaps(view, grid=query.grid, step=query.step)
        record(view.session, view.actor, "households:list", "household", now=now(), count=len(table.rows))
    return json_answer({"rows": table.rows, "meta": table.meta})


@completeness_api.post(
    "/households/<id>/verified", right=Action.REQUESTS_WORK, responses={"200": VerifiedHousehold}
)
def verified(path: Identified, query: PlaceQuery) -> Response:
    """Note that somebody was at the door and what is registered is right.

    Nothing has to be sent along; what waited on a device brings `written_by`, the account that noted it.
    """
    sent = request.get_json(silent=True)
    check_author(sent.get("written_by") if isinstance(sent, dict) else None)
    at = now()
    with writing_view(query.view_request) as view:
        verify_household(view, path.id, now=at)
        moment = at.astimezone(view.tz).isoformat(timespec="seconds")
    return json_answer({"id": path.id, "verified_at": moment})
