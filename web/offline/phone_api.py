"""What a phone asks the server: whether it may hold what it holds, and what of it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from flask import Response, request
from flask_wtf.csrf import generate_csrf
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.pins import pin_version
from gisgrid.access.sessions import account_of_session
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.view import View, ViewRequest
from gisgrid.days import local_text, local_text_or_none
from gisgrid.errors import NotAllowed, NotFound, say
from gisgrid.offline.devices import (
    DELETE_AFTER,
    Contact,
    DeviceRow,
    LostGrant,
    list_devices,
    lost_grants,
    note_contact,
    note_handing_out,
    note_purge,
    stop_device,
)
from gisgrid.offline.grants import Grant, grants_of, holds_until
from gisgrid.offline.models import Device
from gisgrid.offline.parts import Bundle
from web.answer_models import UNCHANGED, Rows
from web.answers import audited_view, json_answer, writing_view
from web.assets import version
from web.blueprints import Api
from web.context import current_actor, now, read_session, services, view_of
from web.frame import PageData, page_data
from web.request_models import Identified, PlaceQuery, SentReason
from web.security.gate import Open
from web.security.sessions import remembered

phone_api = Api("offline", __name__, part=ApiPart.PEOPLE, url_prefix="/api/v1/offline")

LEAST_PROGRAM: Final = 1
"""Programs of phones that speak an older language than this may send what waits, and load nothing."""
LOCK_MINUTES: Final = 15
_KEEP_DAYS: Final = 30
_KINDS: Final = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
)


class PartTag(TypedDict):
    """A part by its name, with the tag of what it holds now."""

    name: str
    tag: str


class HeldGrant(TypedDict):
    """A grid, or a steward's building, that the phone may hold."""

    id: str
    code: str
    name: str
    until: Annotated[str | None, Field(description="when that is known to end")]


class BundleSize(TypedDict):
    """How much a phone loads: bytes on the way, households and persons."""

    bytes: int
    households: int
    persons: int


class Holding(TypedDict):
    """What a phone may hold."""

    until: str
    grants: list[HeldGrant]
    lost: list[LostGrant]
    parts: list[PartTag]
    size: BundleSize


class HelloAnswer(TypedDict):
    """How things stand between a phone and the server.

    `session`: `open`, `pin` (the PIN opens it again) or `ended`. Without `holding` the phone deletes what it
    holds, unless the session asks for the PIN.
    """

    session: str
    state: Annotated[str, Field(description="`open`, `stopped`, or `none` where no phone is worked with")]
    now: str
    program: str
    least_program: int
    lock_minutes: int
    hours: int
    delete_days: int
    keep_days: int
    pin_version: str | None
    csrf: str
    page: PageData | None
    account: str | None
    holding: Holding | None


class HeldPart(TypedDict):
    """A part of what a phone holds, with its tag and until when it may be opened."""

    v: int
    part: str
    tag: str
    made: str
    until: str
    data: object


class PartsAnswer(TypedDict):
    """The parts that differ from what the phone has, and the names of those that are no more."""

    parts: list[HeldPart]
    gone: list[str]
    until: str


Phone = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="the number that the phone drew itself")]


class PhoneQuery(PlaceQuery):
    """Which phone asks."""

    phone: Phone


class SentTags(BaseModel):
    """What a phone has: tags by the names of parts."""

    phone: Phone
    have: dict[str, str] = Field(default_factory=dict, max_length=5000)


class SentPurge(BaseModel):
    """What a phone has deleted: everything, or only what it may hold no more."""

    phone: Phone
    all: bool = False


class PartPath(BaseModel):
    """A part by its name."""

    name: str = Field(max_length=60)


class NothingAnswer(TypedDict):
    """Nothing more is to be said."""


@phone_api.get("/hello", right=Open.PUBLIC, responses={"200": HelloAnswer})
def hello(query: PhoneQuery) -> Response:
    """Whether the phone may go on holding what it holds, and the tags of what it may hold now."""
    actor = current_actor()
    is_off = not services().settings.offline or not may(actor, Action.OFFLINE_USE)
    if is_off or not visible_communities(read_session(), actor, now=now()):
        return json_answer(_greeting(_session_state(), "none"))
    view = view_of(_place(query))
    grants, until = _grants(view)
    bundle = Bundle(view, now())
    tags, size = bundle.tags, bundle.size
    counts = bundle.doors
    with writing_view(_place(query)) as writing:
        device = note_contact(writing, _contact(query.phone), until=until, now=now())
        lost = lost_grants(writing, device, grants)
        is_stopped = device.stopped_at is not None
    if is_stopped:
        return json_answer(_greeting("open", "stopped"))
    holding: Holding = {
        "until": until.isoformat(),
        "grants": [_granted(view, grant) for grant in grants],
        "lost": lost,
        "parts": [{"name": name, "tag": tag} for name, tag in tags.items()],
        "size": {"bytes": size, "households": counts.households, "persons": counts.persons},
    }
    return json_answer(_greeting("open", "open", view=view, holding=holding))


@phone_api.post("/parts", right=Action.OFFLINE_USE, reads=True, responses={"200": PartsAnswer})
def parts(query: PlaceQuery, body: SentTags) -> Response:
    """Every part that differs from what the phone has. Leaves one audit entry for all of them."""
    view = view_of(_place(query))
    grants, until = _grants(view)
    bundle = Bundle(view, now())
    wanted = [name for name, tag in bundle.tags.items() if body.have.get(name) != tag]
    answer: PartsAnswer = {
        "parts": [_held(bundle, name, until) for name in wanted],
        "gone": [name for name in body.have if name not in bundle.tags],
        "until": until.isoformat(),
    }
    _hand_out(query, body.phone, grants, until, parts=len(wanted), persons=_persons_in(bundle, wanted))
    return json_answer(answer)


@phone_api.get("/parts/<path:name>", right=Action.OFFLINE_USE, responses={"200": HeldPart, **UNCHANGED})
def part(path: PartPath, query: PhoneQuery) -> Response:
    """One part; 304 where the phone has it as it is."""
    view = view_of(_place(query))
    grants, until = _grants(view)
    bundle = Bundle(view, now())
    if path.name not in bundle.tags:
        raise NotFound(say("no such part"))
    tag = bundle.tags[path.name]
    if request.if_none_match.contains_weak(tag) and not request.if_none_match.star_tag:
        response = Response(status=304)
    else:
        answer = _held(bundle, path.name, until)
        _hand_out(query, query.phone, grants, until, parts=1, persons=_persons_in(bundle, [path.name]))
        response = json_answer(answer)
    response.set_etag(tag, weak=True)
    return response


@phone_api.post("/purged", right=Action.OFFLINE_USE, responses={"200": NothingAnswer})
def purged(query: PlaceQuery, body: SentPurge) -> Response:
    """The phone has deleted everything, or what it may hold no more."""
    grants, until = _grants(view_of(_place(query)))
    with writing_view(_place(query)) as view:
        device = note_contact(view, _contact(body.phone), until=until, now=now())
        note_purge(view, device, grants, everything=body.all, now=now())
    return json_answer({})


@phone_api.get("/devices", right=Open.SIGNED_IN, responses={"200": Rows[DeviceRow]})
def devices(query: PlaceQuery) -> Response:
    """The phones that hold a territory: the own ones, and those in the account's grids or community."""
    with audited_view(query.view_request) as view:
        rows = list_devices(view, now=now())
    return json_answer({"rows": rows})


@phone_api.post("/devices/<id>/stop", right=Open.SIGNED_IN, responses={"200": NothingAnswer})
def stop(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """Let a phone hold nothing more; it deletes what it holds once it calls."""
    with writing_view(query.view_request) as view:
        stop_device(view, path.id, body.reason, now=now())
    return json_answer({})


def _greeting(
    session: str, state: str, *, view: View | None = None, holding: Holding | None = None
) -> HelloAnswer:
    settings, actor = services().settings, current_actor()
    today = now().astimezone(settings.tz).date()
    return {
        "session": session,
        "state": state,
        "now": now().isoformat(),
        "program": version(),
        "least_program": LEAST_PROGRAM,
        "lock_minutes": LOCK_MINUTES,
        "hours": settings.offline_hours,
        "delete_days": DELETE_AFTER.days,
        "keep_days": _KEEP_DAYS,
        "pin_version": pin_version(read_session(), actor.account_id) if actor.account_id else None,
        "csrf": generate_csrf(),
        "page": page_data(view, today, today=today) if view else None,
        "account": actor.account_id,
        "holding": holding,
    }


def _session_state() -> str:
    """Whether somebody is logged in, or the PIN opens what this phone remembers, or neither."""
    if current_actor().role is not None:
        return "open"
    kept = remembered()
    return "pin" if kept and account_of_session(read_session(), kept, now=now()) else "ended"


def _place(query: PlaceQuery) -> ViewRequest:
    """The community that is named, else the first of the account's."""
    if query.community is not None:
        return ViewRequest(community=query.community)
    own = visible_communities(read_session(), current_actor(), now=now())
    return ViewRequest(community=own[0].code if own else None)


def _grants(view: View) -> tuple[list[Grant], datetime]:
    hours = services().settings.offline_hours
    grants = grants_of(view, caches=services().cache, now=now(), hours=hours)
    return grants, holds_until(grants, now=now(), hours=hours)


def _granted(view: View, grant: Grant) -> HeldGrant:
    return {
        "id": grant.id,
        "code": grant.code,
        "name": grant.name,
        "until": local_text_or_none(grant.until, view.tz),
    }


def _contact(phone: str) -> Contact:
    agent = request.user_agent.string
    system = next((word for sign, word in _SYSTEMS if sign in agent), "")
    browser = next((word for sign, word in _KINDS if sign in agent), "")
    label = " · ".join(word for word in (system, browser) if word)
    return Contact(phone=phone, label=label or "—")


def _held(bundle: Bundle, name: str, until: datetime) -> HeldPart:
    return {
        "v": 1,
        "part": name,
        "tag": bundle.tags[name],
        "made": local_text(now(), bundle.view.tz),
        "until": until.isoformat(),
        "data": bundle.parts[name],
    }


def _persons_in(bundle: Bundle, names: Sequence[str]) -> int:
    rows = [bundle.parts[name]["doors"] for name in names if name.startswith("b/")]
    return sum(len(door.get("persons", ())) for doors in rows for door in doors)


def _hand_out(
    query: PlaceQuery, phone: str, grants: Sequence[Grant], until: datetime, *, parts: int, persons: int
) -> None:
    """Note what is handed out before it is: a stopped phone gets nothing.

    Raises
    ------
    NotAllowed
        The phone was stopped.
    """
    with writing_view(_place(query)) as view:
        device: Device = note_contact(view, _contact(phone), until=until, now=now())
        if device.stopped_at is not None:
            raise NotAllowed(say("this phone was stopped"))
        note_handing_out(view, device, grants, parts=parts, persons=persons, now=now())
