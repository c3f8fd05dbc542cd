"""Hand-over sheets of a plan: what each member gives and takes."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from gisgrid.overview.tables import Table
from gisgrid.redraw.handover import as_lines, handover
from web.api.answers import audited_look, csv_answer, json_answer
from web.api.asking import RESPONSES, SECURITY, AskedPlace, Identified
from web.context import now, services

handover_api = APIBlueprint(
    "api_handover", __name__, url_prefix="/api/v1", abp_security=SECURITY, abp_responses=RESPONSES
)


@handover_api.get("/plans/<id>/handover")
def sheets(path: Identified, query: AskedPlace) -> Response:
    """What each member gives and takes: households by building, elders, open cases; members see their own."""
    with audited_look(query.asked) as look:
        answer = handover(look, path.id, caches=services().cache, now=now())
    return json_answer(answer)


@handover_api.get("/plans/<id>/handover.csv")
def sheets_csv(path: Identified, query: AskedPlace) -> Response:
    """The same as CSV, a line per household and open case."""
    cache, at = services().cache, now()
    return csv_answer(
        "handover",
        query.asked,
        lambda look: Table(rows=as_lines(handover(look, path.id, caches=cache, now=at))),
    )
