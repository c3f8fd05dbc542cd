"""How complete and fresh the records are, by area and one by one; noting that a household was verified."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from pydantic import BaseModel

from gisgrid.access.actions import Action
from gisgrid.access.audit import record
from gisgrid.access.tokens import ApiPart
from gisgrid.figures.completeness import completeness
from gisgrid.figures.gaps import record_gaps
from gisgrid.people.verification import verify_household
from web.answer_models import TABLE, UNCHANGED
from web.answers import audited_look, csv_answer, json_answer, table_answer, writing_look
from web.blueprints import Api
from web.context import look_at, now
from web.idempotency import check_author
from web.request_models import AskedGaps, AskedLevel, AskedPlace, Identified

completeness_api = Api("completeness", __name__, part=ApiPart.MAPS)


class CompletenessRow(BaseModel):
    """Counts of an area and their shares in per cent, rounded down; a share of nothing is null."""

    code: str
    name: str
    parent: str | None
    households: int
    with_position: int
    verified_90: int
    verified_180: int
    never_verified: int
    cases: int
    cases_with_position: int
    position_share: float | None
    share_90: float | None
    share_180: float | None
    case_share: float | None
    suppressed: list[str]


class CompletenessRows(BaseModel):
    """Areas of a level; `meta.outside`: the same counts of what lies in no area, where one may know it."""

    rows: list[CompletenessRow]
    meta: dict[str, Any]


class GapRow(BaseModel):
    """Something incomplete or no longer fresh, and the next step."""

    step: str
    kind: str
    id: str
    title: str
    grid: str | None
    grid_name: str | None
    lon: float | None
    lat: float | None
    verified_at: str | None


class GapRows(BaseModel):
    """The list, at most `meta.most` of each step; `meta.totals` tells how many there are."""

    rows: list[GapRow]
    meta: dict[str, Any]


class VerifiedHousehold(BaseModel):
    """A household with the instant it was verified at."""

    id: str
    verified_at: str


@completeness_api.get(
    "/completeness", right=Action.FIGURES_VIEW, responses={"200": CompletenessRows, **UNCHANGED}
)
def shares(query: AskedLevel) -> Response:
    """Addresses with a position, households verified in 90 and 180 days, cases with a position, by area.

    As of a day it counts what was verified by then; positions are not dated and count as they are today.
    """
    look = look_at(query.asked)
    return table_answer(look, Action.FIGURES_VIEW, lambda: completeness(look, query.level))


@completeness_api.get("/completeness.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def shares_csv(query: AskedLevel) -> Response:
    """The same as CSV."""
    return csv_answer("completeness", query.asked, lambda look: completeness(look, query.level))


@completeness_api.get("/completeness/gaps", right=Action.PERSONS_LIST, responses={"200": GapRows})
def gaps(query: AskedGaps) -> Response:
    """What is missing one by one, with the next step: `position`, `place`, `verify`, `case_position`."""
    with audited_look(query.asked) as look:
        table = record_gaps(look, grid=query.grid, step=query.step)
        record(look.session, look.actor, "households:list", "household", now=now(), count=len(table.rows))
    return json_answer({"rows": table.rows, "meta": table.meta})


@completeness_api.post(
    "/households/<id>/verified", right=Action.REQUESTS_WORK, responses={"200": VerifiedHousehold}
)
def verified(path: Identified, query: AskedPlace) -> Response:
    """Note that somebody was at the door and what is registered is right.

    Nothing has to be sent along; what waited on a device brings `written_by`, the account that noted it.
    """
    sent = request.get_json(silent=True)
    check_author(sent.get("written_by") if isinstance(sent, dict) else None)
    at = now()
    with writing_look(query.asked) as look:
        verify_household(look, path.id, now=at)
        moment = at.astimezone(look.tz).isoformat(timespec="seconds")
    return json_answer({"id": path.id, "verified_at": moment})
