"""Cases: list, card, reporting and settling; and the categories they fall under."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from flask import Response
from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import NOBODY, may, require
from gisgrid.access.phones import mask_numbers
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.answers import GridPlace
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.locate import Spot
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.claim_pool import PoolRow, claim_pool
from gisgrid.cases.core.idempotency import state_after_step
from gisgrid.cases.core.owners import ownerless
from gisgrid.cases.core.repeats import RepeatedPlace, repeated_places
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.routes import HelperRow
from gisgrid.cases.core.rules import CaseAction, WorkPolicy
from gisgrid.cases.dispatch import dispatch_many
from gisgrid.cases.intake import service
from gisgrid.cases.intake.hotline import HOTLINES
from gisgrid.cases.intake.receipts import community_of, is_visible
from gisgrid.cases.lists.answers import CaseCard, CasePoint, CaseRow
from gisgrid.cases.lists.points import case_points, cases_around, count_unplaced
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.steps import helpers_for, take
from gisgrid.days import local_text_or_none
from gisgrid.figures.answers import ServingRow
from gisgrid.figures.cards import members_of
from gisgrid.figures.doorsteps import FARTHEST_M, buildings_near
from gisgrid.figures.hotspots import CategoryChoice
from gisgrid.figures.hotspots import categories as category_rows
from gisgrid.records.lists.case_origins import community_of_record, require_origin
from web.answer_models import UNCHANGED, RowPage, Rows
from web.answers import audited_view, fresh_answer, json_answer, writing_view
from web.areas.locate import datum_of
from web.blueprints import Api
from web.cases.photos_api import pictures_of
from web.cases.report_api import asking
from web.context import current_actor, now, read_session, services, view_of, visitors_view, write_session
from web.idempotency import check_author, repeatable
from web.request_models import (
    CaseListQuery,
    CaseStep,
    Identified,
    PlaceQuery,
    SentDispatch,
    SentNothing,
    SentReport,
    SentResult,
    SentStep,
    Written,
)
from web.security.gate import Open
from web.security.machines import refuse_machines

cases_api = Api("cases", __name__, part=ApiPart.CASES)


class CasePointRows(TypedDict):
    """Cases of a map, how many there are in all, and how many more without a position."""

    rows: list[CasePoint]
    total: int
    unplaced: int


class NearBuilding(TypedDict):
    """The building nearest to a place."""

    id: str
    address: str
    distance_m: float | None


class ShownCase(CaseCard):
    """A case with its log and the steps that can be taken."""

    near_building: Annotated[
        NearBuilding | None, Field(description="the nearest building, of a case by its position alone")
    ]


class CaseStateRow(TypedDict):
    """A case with its state."""

    id: str
    number: str
    state: str


class CaseLeft(CaseStateRow):
    """A case after a step; only this much where the account sees it no more."""

    actions: list[str]


class ReportedCase(GridPlace):
    """A case that has been taken down; by its receipt it can be followed without login."""

    id: str
    number: str
    receipt: str
    members: list[ServingRow]
    deadline: str | None
    near_border_m: float | None
    on_border: bool


@cases_api.get("/categories", right=Open.PUBLIC, responses={"200": Rows[CategoryChoice], **UNCHANGED})
def categories(query: PlaceQuery) -> Response:
    """Categories in their order."""
    view = view_of(query.view_request)
    return fresh_answer(view, Action.OWN_GRID_VIEW, lambda: {"rows": category_rows(view)})


@cases_api.get("/cases", right=Action.CASES_VIEW, responses={"200": RowPage[CaseRow]})
def listing(query: CaseListQuery) -> Response:
    """A page of the cases within the account's scope."""
    with audited_view(query.view_request) as view:
        rows, total = list_cases(view, _searched(view, query), now=now())
    return json_answer({"rows": rows, "total": total})


def _searched(view: View, query: CaseListQuery) -> CaseSearch:
    return CaseSearch(
        state=query.state,
        mine=query.mine,
        near=query.near,
        text=query.q,
        grid=query.grid,
        period=query.period(view) if query.first or query.last else None,
        category=query.category,
        severity=query.severity,
        source=query.source,
        late=query.late,
        order=query.order,
        page=query.page,
    )


@cases_api.get("/cases/points", right=Action.CASES_VIEW, responses={"200": CasePointRows})
def points(query: CaseListQuery) -> Response:
    """The cases of a search that have a position, for a map: the newest 2000, and how many there are."""
    with audited_view(query.view_request) as view:
        asked = _searched(view, query)
        rows, total = case_points(view, asked, now=now())
        unplaced = count_unplaced(view, asked, now=now())
    return json_answer({"rows": rows, "total": total, "unplaced": unplaced})


@cases_api.get("/cases/<id>/around", right=Action.CASES_VIEW, responses={"200": Rows[CasePoint]})
def around(path: Identified, query: PlaceQuery) -> Response:
    """What happened at the place of a case: in its building or within 30 m, as far as the account sees it."""
    with audited_view(_view_request(query, path.id)) as view:
        rows = cases_around(view, path.id, now=now())
    return json_answer({"rows": rows})


@cases_api.get("/cases/<id>", right=Action.CASES_VIEW, responses={"200": ShownCase})
def card(path: Identified, query: PlaceQuery) -> Response:
    """One case with its log."""
    with audited_view(_view_request(query, path.id)) as view:
        case_row = case_card(view, path.id, now=now(), policy=case_policy())
    return json_answer(_shown(case_row))


def _shown(card: CaseCard) -> ShownCase:
    return {**card, "near_building": _near_building(card)}


def _near_building(card: CaseCard) -> NearBuilding | None:
    """The building that stands nearest to a case which nobody gave an address, for those who go there."""
    if (
        card["address"]
        or card["lon"] is None
        or card["lat"] is None
        or not may(current_actor(), Action.CASES_HANDLE)
    ):
        return None
    for near in buildings_near(asking(), card["lon"], card["lat"], accuracy_m=FARTHEST_M):
        return {"id": near["id"], "address": near["address"], "distance_m": near["distance_m"]}
    return None


def _view_request(query: PlaceQuery, case_id: str) -> ViewRequest:
    """A case is in one community: an account that sees several need not name it."""
    code = query.community or community_of(read_session(), current_actor(), case_id, now=now())
    return ViewRequest(community=code, as_of=query.as_of)


@cases_api.post("/cases", right=Action.CASES_REPORT, responses={"201": ReportedCase})
def report(body: SentReport) -> Response:
    """Report a case; the same `Idempotency-Key` again gives the same case. No login needed."""
    site, actor = services(), current_actor()
    require(actor, Action.CASES_REPORT)
    refuse_machines(website=body.website, opened=body.opened)
    check_author(body.written_by)
    command = _command(body)
    if body.record is not None:
        _require_origin(body.record)
    with write_session() as session:
        outcome = service.report(
            session,
            actor,
            command,
            caches=site.cache,
            now=now(),
            tz=site.settings.tz,
            repeat=repeatable(),
        )
        case = outcome.case
        answer: ReportedCase = {
            "id": case.id,
            "number": case.number,
            "receipt": case.receipt,
            "grid": outcome.spot.grid.code if outcome.spot.grid else None,
            "grid_name": outcome.spot.grid.name if outcome.spot.grid else None,
            "members": _members(session, outcome.spot),
            "deadline": local_text_or_none(case.due_at, site.settings.tz),
            "near_border_m": outcome.spot.near_border_m,
            "on_border": outcome.spot.is_on_border,
        }
    return json_answer(answer, 201)


def _require_origin(record_id: str) -> None:
    """That the account opens the record that a case is said to arise from."""
    code = community_of_record(read_session(), current_actor(), record_id, now=now())
    require_origin(view_of(ViewRequest(community=code)), record_id, now=now())


def _command(body: SentReport) -> service.ReportCase:
    sent = body.model_dump(exclude={"datum", "photos", "website", "opened", "written_by", "hotline_class"})
    if body.source in HOTLINES:  # what people say on the phone
        sent["description"] = mask_numbers(body.description)
    photos, datum = pictures_of(body.photos), datum_of(body.datum, field="datum")
    return service.ReportCase(**sent, hotline=body.hotline_class, photos=photos, datum=datum)


def _members(session: Any, spot: Spot) -> list[ServingRow]:
    """Who serves the grid of a spot: public, so a visitor's look is enough."""
    if spot.grid is None:
        return []
    communities = visible_communities(session, NOBODY, now=now())
    code = next(community.code for community in communities if community.id == spot.grid.community_id)
    return members_of(visitors_view(session, code), spot.grid)


@cases_api.get("/cases/pool", right=Action.CASES_HANDLE, responses={"200": Rows[PoolRow]})
def pool(query: PlaceQuery) -> Response:
    """Cases of the account's branch that nobody has yet and that can be claimed."""
    with audited_view(query.view_request) as view:
        rows = claim_pool(view, now=now())
    return json_answer({"rows": rows})


@cases_api.get("/cases/repeated", right=Action.CASES_VIEW, responses={"200": Rows[RepeatedPlace]})
def repeated(query: PlaceQuery) -> Response:
    """Places with several cases within a quarter of a year, as far as the account sees cases."""
    view = view_of(query.view_request)
    return json_answer({"rows": repeated_places(view, now=now())})


@cases_api.get("/cases/ownerless", right=Action.REVIEW_VIEW, responses={"200": Rows[str]})
def without_owner(query: PlaceQuery) -> Response:
    """Open cases that nobody is answerable for: there have to be none."""
    view = view_of(query.view_request)
    require(view.actor, Action.REVIEW_VIEW)
    return json_answer({"rows": ownerless(view, now=now())})


@cases_api.get("/cases/<id>/people", right=Action.CASES_HANDLE, responses={"200": Rows[HelperRow]})
def people(path: Identified, query: PlaceQuery) -> Response:
    """Who may be given a case or asked to help with it, the likeliest first."""
    view = view_of(_view_request(query, path.id))
    return json_answer({"rows": helpers_for(view, path.id, now=now())})


@cases_api.post("/cases/dispatch", right=Action.CASES_HANDLE, responses={"200": Rows[CaseStateRow]})
def dispatch(query: PlaceQuery, body: SentDispatch) -> Response:
    """Dispatch many cases at once, all or none; what stands against it is told of each."""
    with writing_view(_view_request(query, body.ids[0])) as view:
        cases = dispatch_many(view, body.ids, body.handler, now=now())
        rows = [CaseStateRow(id=case.id, number=case.number, state=case.state) for case in cases]
    return json_answer({"rows": rows})


@cases_api.post("/cases/<id>/start", right=Action.CASES_HELP, responses={"200": ShownCase})
def start(path: Identified, query: PlaceQuery, body: SentNothing) -> Response:
    """Take a case in hand."""
    return _step(query, path.id, CaseAction.START, body)


@cases_api.post("/cases/<id>/close", right=Action.CASES_HANDLE, responses={"200": ShownCase})
def close(path: Identified, query: PlaceQuery, body: SentResult) -> Response:
    """Close a case with its result. Of feedback only what is said is noted; a case that waits asks for it."""
    return _step(query, path.id, CaseAction.CLOSE, body)


@cases_api.post("/cases/<id>/<action>", right=Action.CASES_VIEW, responses={"200": ShownCase | CaseLeft})
def step(path: CaseStep, query: PlaceQuery, body: SentStep) -> Response:
    """Take a step of the workflow; the card's `actions` say which ones the account may take now.

    The same `Idempotency-Key` with the same step again takes it once and tells how the case stands.
    """
    return _step(query, path.id, path.action, body)


def _step(query: PlaceQuery, case_id: str, action: CaseAction, sent: Written) -> Response:
    check_author(sent.written_by)
    given, policy, repeat = StepInput(**sent.model_dump(exclude={"written_by"})), case_policy(), repeatable()
    with writing_view(_view_request(query, case_id)) as view:
        case = take(view, case_id, action, given, now=now(), policy=policy, repeat=repeat)
        if not is_visible(view, case_id):  # who gives back a claimed case of another grid sees it no more
            state = state_after_step(view.session, repeat, case, action)
            left = CaseLeft(id=case.id, number=case.number, state=state, actions=[])
            return json_answer(left)
        case_row = case_card(view, case_id, now=now(), policy=policy)
    return json_answer(_shown(case_row))


def case_policy() -> WorkPolicy:
    """The settings of the workflow in this installation."""
    return WorkPolicy(reopen_within=timedelta(days=services().settings.reopen_days))
