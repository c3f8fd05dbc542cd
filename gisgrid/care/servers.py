"""Who could serve a need here: people on duty, organisations, property companies, stations, volunteers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.models import Role
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.people.contracts.queries import organisations_here
from gisgrid.people.core.need_models import ServerKind
from gisgrid.places.models import Facility
from gisgrid.welfare.queries import people_on_duty

LONGEST_NAME: Final = 80
_PARTS: Final = {
    ServerKind.MEMBER: "worker",
    ServerKind.VOLUNTEER: "name",
    ServerKind.ORGANISATION: "organisation",
    ServerKind.PROPERTY: "organisation",
    ServerKind.STATION: "facility",
}
"""The one part that names a server of a kind."""


class ServerChoice(TypedDict):
    """Somebody who can be chosen, by id and name."""

    id: str
    name: str


class ServerChoices(TypedDict):
    """Who can be chosen, by kind; volunteers are named."""

    member: list[ServerChoice]
    organisation: list[ServerChoice]
    property: list[ServerChoice]
    station: list[ServerChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServer:
    """Who is to serve, as it was sent: a kind, and the id or the name that goes with it."""

    kind: str
    worker: str | None = None
    organisation: str | None = None
    facility: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Who serves: ids of a worker, an organisation's account or a facility, or a volunteer's name."""

    kind: str
    worker: str | None = None
    organisation: str | None = None
    facility: str | None = None
    name: str | None = None


def checked_server(view: View, sent: NewServer, *, now: datetime) -> Server:
    """Who is to serve, where there is somebody like that here.

    Raises
    ------
    InvalidInput
        No such kind, nobody named, or somebody who isn't here: all faults at once.
    """
    if sent.kind not in set(ServerKind):
        choices = ", ".join(ServerKind)
        raise InvalidInput(say("one of these is needed: {choices}", choices=choices), field="server")
    kind = ServerKind(sent.kind)
    if faults := list(_faults(view, kind, sent, now)):
        raise InvalidInput(faults)
    part = _PARTS[kind]
    value = (getattr(sent, part) or "").strip()
    return Server(**{"kind": kind.value, part: value})


def server_choices(view: View, *, now: datetime) -> ServerChoices:
    """Who can be chosen here now. Asks no right."""
    here = organisations_here(view, now=now)
    named = {
        role: [ServerChoice(id=row["account"], name=row["name"]) for row in here if row["role"] == role]
        for role in (Role.ORG, Role.PROPERTY)
    }
    return {
        "member": [ServerChoice(id=row["id"], name=row["name"]) for row in people_on_duty(view, at=now)],
        "organisation": named[Role.ORG],
        "property": named[Role.PROPERTY],
        "station": _stations(view),
    }


def _stations(view: View) -> list[ServerChoice]:
    statement = select(Facility.id, Facility.name).where(is_of(view, PlacedKind.FACILITY, Facility))
    rows = view.session.execute(statement.order_by(Facility.name, Facility.id))
    return [ServerChoice(id=row.id, name=row.name) for row in rows]


def _faults(view: View, kind: ServerKind, sent: NewServer, now: datetime) -> Iterator[Fault]:
    wanted = _PARTS[kind]
    for part in sorted({*_PARTS.values()} - {wanted}):
        if getattr(sent, part):
            yield Fault(message="this kind of server has no such part", field=part)
    value = (getattr(sent, wanted) or "").strip()
    if not value:
        yield Fault(message="who serves is missing", field=wanted)
    elif kind == ServerKind.VOLUNTEER:
        if len(value) > LONGEST_NAME:
            yield Fault(message="the name is too long", field=wanted)
    elif value not in {row["id"] for row in _choices(server_choices(view, now=now), kind)}:
        yield Fault(message="nobody in this community has this id", field=wanted)


def _choices(choices: ServerChoices, kind: ServerKind) -> list[ServerChoice]:
    by_kind = {
        ServerKind.MEMBER: choices["member"],
        ServerKind.ORGANISATION: choices["organisation"],
        ServerKind.PROPERTY: choices["property"],
    }
    return by_kind.get(kind, choices["station"])
