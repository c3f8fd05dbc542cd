"""Services and requests in the words and fields of GeoReport v2."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from typing_extensions import TypedDict

from gisgrid.cases.public.open311 import Agency, RequestService, ServiceRequest
from gisgrid.labels.workforce import DUTIES
from web.context import services
from web.i18n import gettext as _
from web.i18n import label
from web.words.actions import action_name

_SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
_CHANGESET: Final = "2026-11-27T00:00:00Z"
"""When what the facade says of itself changed last."""


class Endpoint(TypedDict):
    """Where requests are sent and read."""

    specification: str
    url: str
    changeset: str
    type: str
    formats: list[str]


class Discovery(TypedDict):
    """What the facade says of itself."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class ServiceEntry(TypedDict):
    """A service of the list."""

    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: str
    keywords: str
    group: str


class ServiceDefinition(TypedDict):
    """The fields of a service's own: there are none."""

    service_code: str
    attributes: list[str]


class RequestEntry(TypedDict):
    """A request with all fields of the standard."""

    service_request_id: str
    status: str
    status_notes: str | None
    service_name: str
    service_code: str
    description: str | None
    agency_responsible: str
    service_notice: None
    requested_datetime: str | None
    updated_datetime: str | None
    expected_datetime: str | None
    address: str | None
    address_id: None
    zipcode: None
    lat: float | None
    long: float | None
    media_url: None


def discovery_answer(host: str) -> Discovery:
    """Where the facade is. ``host`` is the site's address with a slash at its end."""
    endpoint: Endpoint = {
        "specification": _SPECIFICATION,
        "url": f"{host}open311/v2",
        "changeset": _CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    return {
        "changeset": _CHANGESET,
        "contact": _("请与社区联系"),
        "key_service": _("令牌由系统管理员发放;不带令牌也可以上报和查看已公开的案件。"),
        "endpoints": [endpoint],
    }


def service_answer(row: RequestService) -> ServiceEntry:
    """A service of the list."""
    return {
        "service_code": row.code,
        "service_name": row.name,
        "description": row.name_en or row.name,
        "metadata": False,
        "type": "realtime",
        "keywords": ",".join(dict.fromkeys(word for word in (row.group, row.name_en) if word)),
        "group": row.group,
    }


def definition_answer(row: RequestService) -> ServiceDefinition:
    """A service's own fields: there are none."""
    return {"service_code": row.code, "attributes": []}


def request_answer(row: ServiceRequest) -> RequestEntry:
    """A request with all fields of the standard, those that aren't known as nothing."""
    return {
        "service_request_id": row.number,
        "status": "closed" if row.is_closed else "open",
        "status_notes": _note(row),
        "service_name": row.service_name,
        "service_code": row.service,
        "description": row.description,
        "agency_responsible": _agency(row.agency),
        "service_notice": None,
        "requested_datetime": _instant(row.requested_at),
        "updated_datetime": _instant(row.updated_at),
        "expected_datetime": _instant(row.expected_at),
        "address": row.address,
        "address_id": None,
        "zipcode": None,
        "lat": row.lat,
        "long": row.lon,
        "media_url": None,
    }


def _note(row: ServiceRequest) -> str | None:
    """The last line of the log: what was said, else which step it was."""
    if row.note or row.note_step is None:
        return row.note
    return action_name(f"cases:{row.note_step}").removeprefix("cases:")


def _agency(agency: Agency) -> str:
    office = agency.area + (label(DUTIES, agency.duty) if agency.duty else "")
    return f"{office} {agency.person}" if agency.person else office


def _instant(instant: datetime | None) -> str | None:
    return instant.astimezone(services().settings.tz).isoformat(timespec="seconds") if instant else None
