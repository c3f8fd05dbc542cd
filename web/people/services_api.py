"""Who serves the needs of a person."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.care.need_services import NewNeedService, end_service, set_service
from gisgrid.care.servers import NewServer
from gisgrid.care.service_rows import PersonServices, person_services
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.people.edit_requests import NeedPath, SentEditReason, SentNeedService
from web.request_models import Identified, PlaceQuery, SentReason

services_api = Api("need_services", __name__, part=ApiPart.PEOPLE)
_EDIT = Action.PERSONS_EDIT


@services_api.get("/persons/<id>/services", right=_EDIT, responses={"200": PersonServices})
def of_person(path: Identified, query: PlaceQuery) -> Response:
    """Who serves a person's needs now, who did, and who could; to heads without any of it."""
    with audited_view(query.view_request) as view:
        services = person_services(view, path.id, now=now())
    return json_answer(services)


@services_api.post("/persons/<id>/services", right=_EDIT, reads=True, responses={"200": PersonServices})
def of_person_opened(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads who serves and is kept."""
    with audited_view(query.view_request) as view:
        services = person_services(view, path.id, reason=body.reason, now=now())
    return json_answer(services)


@services_api.post("/persons/<id>/needs/<kind>/service", right=_EDIT, responses={"200": PersonServices})
def serve(path: NeedPath, query: PlaceQuery, body: SentNeedService) -> Response:
    """Note who serves a need from a day on; who did until then ends there, the same again changes nothing."""
    at = now()
    server = NewServer(**body.model_dump(exclude={"server", "since", "reason"}), kind=body.server)
    new = NewNeedService(server=server, since=body.since)
    with writing_view(query.view_request) as view:
        set_service(view, path.id, path.kind, new, reason=body.reason, now=at)
        services = person_services(view, path.id, reason=body.reason, now=at)
    return json_answer(services)


@services_api.post("/persons/<id>/needs/<kind>/service/end", right=_EDIT, responses={"200": PersonServices})
def serve_no_more(path: NeedPath, query: PlaceQuery, body: SentEditReason) -> Response:
    """Note that nobody serves a need from today on."""
    at = now()
    with writing_view(query.view_request) as view:
        end_service(view, path.id, path.kind, reason=body.reason, now=at)
        services = person_services(view, path.id, reason=body.reason, now=at)
    return json_answer(services)
