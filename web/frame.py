"""What every page carries: who is logged in, which community, as of when, and the map's shell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final

import shapely
from flask import render_template, request, session
from flask_wtf.csrf import generate_csrf
from pydantic import Field
from typing_extensions import TypedDict
from werkzeug.exceptions import BadRequest

from gisgrid.access.accounts import organisation_of
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may
from gisgrid.access.models import Role
from gisgrid.areas.answers import CodedName
from gisgrid.areas.communities import Community, visible_communities
from gisgrid.areas.models import Level
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View, ViewRequest
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.queries import BackgroundView, images_of_map, row_of
from gisgrid.errors import NotFound
from gisgrid.figures.whereabouts import home_of
from gisgrid.labels.access import ROLES
from gisgrid.labels.figures import UNITS
from gisgrid.labels.places import FACILITY_SERVES, FACILITY_SIGNS, FACILITY_TYPES, MAP_LAYERS
from gisgrid.notices.inbox import count_unread
from gisgrid.places.queries import built_extent
from gisgrid.records.outward.approval_queries import count_decidable
from layers.base import Bounds, DataLayer, make_map
from layers.facilities import Facilities, FacilityKind
from layers.shell import MapShell, render_shell
from layers.style import Legend
from web.assets import static_root
from web.context import current_actor, now, read_session, services, view_of
from web.i18n import gettext as _
from web.i18n import label
from web.security.guard import csp_nonce
from web.words.categories import english_names
from web.words.levels import level_names

CHINA: Final[Bounds] = (73.5, 18.1, 134.8, 53.6)
"""Where a map opens while the community has no cells yet."""

IN_THE_STREET: Final = frozenset({Role.MEMBER, Role.GRID_LEADER, Role.STEWARD})
"""Roles whose pages open on their own grids."""


def granted(actor: Actor) -> list[str]:
    """The rights of an actor, by which pages decide what they offer; the server asks again each time."""
    return [action.value for action in Action if may(actor, action)]


class WaitingTables(CodedName):
    """A community in which tables of other offices wait for the account's approval, and how many."""

    count: int


class AboutMe(TypedDict):
    """Who is asking, and what the account may do; `unread` is null for those who get no notices.

    `waiting` is what waits for the account's approval, by community.
    """

    name: str
    shown: Annotated[str, Field(description="the name as others see it")]
    role: str
    role_name: str
    communities: list[CodedName]
    grids: list[str]
    grid_names: list[str]
    may: list[str]
    unread: int | None
    waiting: list[WaitingTables]


def about_me() -> AboutMe | None:
    """Name, role and place of who is logged in; nothing for a visitor."""
    actor = current_actor()
    if actor.role is None:
        return None
    communities = visible_communities(read_session(), actor, now=now())
    grids = own_grids(actor)
    return {
        "name": actor.name,
        "shown": organisation_of(read_session(), actor) or actor.name,
        "role": actor.role.value,
        "role_name": label(ROLES, actor.role),
        "communities": [{"code": community.code, "name": community.name} for community in communities],
        "grids": [grid.code for grid in grids],
        "grid_names": [grid.name for grid in grids],
        "may": granted(actor),
        "unread": count_unread(read_session(), actor) if may(actor, Action.NOTICES_VIEW) else None,
        "waiting": _waiting_tables(actor, communities),
    }


def _waiting_tables(actor: Actor, communities: Sequence[Community]) -> list[WaitingTables]:
    counts = count_decidable(read_session(), actor, [community.id for community in communities])
    return [
        {"code": community.code, "name": community.name, "count": counts[community.id]}
        for community in communities
        if community.id in counts
    ]


def own_grids(actor: Actor) -> list[TreeArea]:
    """The grids an actor's duties and scope name, over all communities."""
    grids: list[TreeArea] = []
    for community in visible_communities(read_session(), actor, now=now()) if actor.areas else []:
        tree = view_of(ViewRequest(community=community.code)).division.tree
        grids += [grid for grid in tree.at_level(Level.GRID) if grid.id in actor.areas]
    return grids


def grid_choices(view: View | None) -> list[tuple[str, str]]:
    """Code and name of the grids of a community, for those who see its map."""
    if view is None or not may(view.actor, Action.AREAS_VIEW):
        return []
    grids = view.division.tree.at_level(Level.GRID)
    return sorted(((grid.code, grid.name) for grid in grids), key=lambda choice: (len(choice[0]), choice[0]))


def open_page() -> View | None:
    """Open the view that the address names; nothing while there is no community.

    Raises
    ------
    NotFound
        The community named in the address is not within what the actor may see.
    """
    actor = current_actor()
    communities = visible_communities(read_session(), actor, now=now())
    code = request.args.get("community")
    if code is None and not communities:
        return None
    view = view_of(ViewRequest(community=code or _last_chosen(actor, communities), as_of=_day_of_address()))
    if code is not None:
        session["community"] = view.community.code
    return view


def page_request() -> ViewRequest:
    """The community that a page is about: of the address, else of the session."""
    opened = open_page()
    if opened is None:
        raise NotFound("there is no community here yet")
    return ViewRequest(community=opened.community.code)


def _last_chosen(actor: Actor, communities: Sequence[Community]) -> str:
    """The community chosen last in this session, where it is still in sight; else one's own, or the first."""
    codes = [community.code for community in communities]
    chosen = session.get("community")
    if chosen in codes:
        return str(chosen)
    home = home_of(read_session(), actor, now=now())
    return home.community if home and home.community in codes else codes[0]


def _day_of_address() -> date | None:
    text = request.args.get("as_of")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest from None


def bounds_of(view: View | None) -> Bounds:
    """The box of a community in EPSG:4326, else that of its buildings, else China."""
    if view is None:
        return CHINA
    outline = view.division.outlines.get(view.community.id)
    return outline.bounds if outline is not None else built_extent(view) or CHINA


def own_bounds(view: View | None) -> Bounds:
    """The box of the areas an actor serves, for a map that opens there; without any, the community's."""
    outlines = view.division.outlines if view else {}
    own = [outlines[area] for area in sorted(current_actor().areas) if area in outlines]
    if not own:
        return bounds_of(view)
    west, south, east, north = shapely.total_bounds(own).tolist()
    return (west, south, east, north)


def street_bounds(view: View | None) -> Bounds:
    """Where a map opens for who works here: in the street on the own grids, at a desk on the community."""
    return own_bounds(view) if current_actor().role in IN_THE_STREET else bounds_of(view)


def shell_for(view: View | None, layers: Iterable[DataLayer], *, bounds: Bounds | None = None) -> MapShell:
    """The map over the community, or over narrower bounds, with these layers and the public facilities."""
    everywhere = [_facilities()] if view and may(view.actor, Action.AREAS_VIEW) else []
    shown = make_map(bounds or bounds_of(view), [*layers, *everywhere])
    return render_shell(shown, csp_nonce(), static=f"{static_root()}/static")


def _facilities() -> Facilities:
    """The layer of public facilities; a map shows it when somebody switches it on."""
    kinds = [
        FacilityKind(
            code=code,
            sign=label(FACILITY_SIGNS, code),
            name=label(FACILITY_TYPES, code),
            serves=label(FACILITY_SERVES, code),
        )
        for code in FACILITY_TYPES
    ]
    legend = Legend(title=label(MAP_LAYERS, "facilities"), unit=label(UNITS, "places"))
    return Facilities(legend, url="/api/v1/facilities", kinds=kinds)


def show(template: str, view: View | None, /, *, shell: MapShell | None = None, **more: Any) -> str:
    """Render a page with the frame's context; ``page_data`` in ``more`` is added to what scripts read."""
    zone = services().settings.tz
    today = now().astimezone(zone).date()
    if view is not None:
        # What wrote entries has given the view's connection back; asking through it would take one for good.
        view = replace(view, session=read_session())
    as_of = view.when.day if view else today
    me = about_me()
    extra: dict[str, object] = {"grids": me["grids"] if me else [], **more.pop("page_data", {})}
    if shell is not None and view is not None:
        extra["backgrounds"] = offered_images(view)
    return render_template(
        template,
        me=me,
        community=view.community if view else None,
        as_of=as_of.isoformat(),
        today=today.isoformat(),
        printing=request.args.get("print") == "1",
        printed_at=now().astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        shell=shell,
        level_names=level_names(view),
        left_out=left_out(current_actor()),
        page_data={**page_data(view, as_of, today=today), **extra},
        **more,
    )


def offered_images(view: View) -> list[BackgroundView]:
    """The background images that a map can show to who looks at it."""
    folder = ImageFolder(services().settings.backgrounds)
    return [row_of(image) for image in images_of_map(view) if folder.has(image.id)]


def left_out(actor: Actor) -> str | None:
    """What every figure about cases says to an account that gets them without the confidential ones."""
    return None if actor.sees_exact_counts else _("案件不含保密类别。")


class ShownCommunity(CodedName):
    """The community of a page, with where its map opens."""

    bounds: list[float]


class PageData(TypedDict):
    """What the scripts of a page read."""

    csrf: str
    account: str
    role: str | None
    may: list[str]
    community: ShownCommunity | None
    as_of: str
    today: str
    levels: dict[str, str]
    categories: dict[str, str]
    left_out: str | None


def page_data(view: View | None, as_of: date, *, today: date) -> PageData:
    """What the scripts of a page read: the token of forms, account, role, rights, community."""
    actor = current_actor()
    return {
        "csrf": generate_csrf(),
        "account": actor.name if actor.role else "",
        "role": actor.role.value if actor.role else None,
        "may": granted(actor),
        "community": _community(view.community, bounds_of(view)) if view else None,
        "as_of": as_of.isoformat(),
        "today": today.isoformat(),
        "levels": level_names(view),
        "categories": english_names(),
        "left_out": left_out(actor),
    }


def _community(community: Community, bounds: Bounds) -> ShownCommunity:
    return {"code": community.code, "name": community.name, "bounds": list(bounds)}
