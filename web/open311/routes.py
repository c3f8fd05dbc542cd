"""GeoReport v2: discovery, services, requests, and new requests, in JSON and XML.

A request stands on its ``api_key`` (a token of the interface) or an Authorization header alone; without one
it is everybody's, and what it sends comes by the residents' channel. ``jurisdiction_id`` is taken, not used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import Response, request

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.intake import service
from gisgrid.cases.public.open311 import find_requests, list_services, service_of
from gisgrid.errors import InvalidInput, NotFound, say
from gisgrid.places.address_base import find_building
from web.answers import audited
from web.blueprints import Pages
from web.context import current_actor, now, read_session, services, view_of, write_session
from web.i18n import gettext as _
from web.idempotency import repeatable
from web.open311.requests import contact, one_request, requests_query, sent, sent_place
from web.open311.view import definition_answer, discovery_answer, request_answer, service_answer
from web.open311_forms import answer
from web.security.gate import Open

open311 = Pages("open311", __name__, parts=frozenset({ApiPart.CASES}), url_prefix="/open311/v2")
SOURCE: Final = "open311"
_FORM: Final = "<any(json, xml):form>"


@open311.get(f"/discovery.{_FORM}", right=Open.PUBLIC)
def discovery(form: str) -> Response:
    """Where the facade is, and in which forms it answers."""
    del form
    return answer("discovery", discovery_answer(request.host_url))


@open311.get(f"/services.{_FORM}", right=Open.PUBLIC)
def service_list(form: str) -> Response:
    """What can be asked for; the first is not confidential."""
    del form
    rows = list_services(read_session(), current_actor())
    return answer("services", [service_answer(row) for row in rows])


@open311.get(f"/services/<code>.{_FORM}", right=Open.PUBLIC)
def definition(code: str, form: str) -> Response:
    """One service; none needs more than the standard's own fields."""
    del form
    return answer("service_definition", definition_answer(service_of(read_session(), current_actor(), code)))


@open311.get(f"/requests.{_FORM}", right=Open.PUBLIC)
def request_list(form: str) -> Response:
    """Requests by number, service, time and status; how many there are in all stands in ``X-Total-Count``."""
    del form
    asked = requests_query(now=now())
    with _looks() as views:
        rows, total = find_requests(views, asked, now=now())
    response = answer("service_requests", [request_answer(row) for row in rows])
    response.headers["X-Total-Count"] = str(total)
    return response


@open311.get(f"/requests/<number>.{_FORM}", right=Open.PUBLIC)
def one(number: str, form: str) -> Response:
    """One request by its number."""
    del form
    with _looks() as views:
        rows, _total = find_requests(views, one_request(number), now=now())
    if not rows:
        raise NotFound("there is no such request here")
    return answer("service_requests", [request_answer(rows[0])])


@open311.post(f"/requests.{_FORM}", right=Open.PUBLIC)
def create(form: str) -> Response:
    """A new request; its number, and in the notice the code by which it can be followed.

    The same ``Idempotency-Key`` again gives the same request, as with a case.
    """
    del form
    site, actor = services(), current_actor()
    require(actor, Action.CASES_REPORT)
    command = _command()
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
    created = {
        "service_request_id": case.number,
        "service_notice": _("受理码 {code},可凭它在本站查询进度。").format(code=case.receipt),
        "account_id": None,
    }
    return answer("service_requests", [created], 201)


def _command() -> service.ReportCase:
    code = sent("service_code", 60)
    if not code:
        raise InvalidInput("service_code is needed", field="service_code")
    asked = service_of(read_session(), current_actor(), code)
    lon, lat, building = _place()
    return service.ReportCase(
        lon=lon,
        lat=lat,
        building=building,
        category=asked.code,
        description=sent("description") or asked.name,
        address=sent("address_string", 200) or None,
        contact=contact(),
        source=SOURCE,
    )


def _place() -> tuple[float, float, str | None]:
    """Position of a new request, and its building where that is what was named."""
    place = sent_place()
    if place is not None:
        return (*place, None)
    texts = [text for name in ("address_id", "address_string") if (text := sent(name, 200))]
    if not texts:
        raise InvalidInput("lat and long, address_string or address_id are needed", field="lat")
    communities = [row.id for row in visible_communities(read_session(), current_actor(), now=now())]
    for text in texts:
        building = find_building(read_session(), communities, text)
        if building is not None:
            return building.point.x, building.point.y, building.id
    raise InvalidInput(say("no building here has this address: send lat and long"), field="address_string")


@contextmanager
def _looks() -> Iterator[list[View]]:
    """A view at each community in sight; what was read within a scope is audited at the end."""
    session, actor = read_session(), current_actor()
    codes = [community.code for community in visible_communities(session, actor, now=now())]
    with audited(session):
        yield [view_of(ViewRequest(community=code)) for code in codes]
