"""Which background images there are, and who sees which.

| image | who sees it |
|---|---|
| any | administrators, the command line |
| of a community, not public | staff whose maps show that community |
| of all communities, not public | staff with a map |
| public | everybody, also who is not logged in |
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.view import View
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.errors import NotFound

_I = BackgroundImage


class BackgroundView(TypedDict):
    """An image that a map can show; `bounds` are west, south, east, north in EPSG:4326."""

    id: str
    name: str
    attribution: str
    is_public: bool
    bounds: tuple[float, float, float, float]
    min_zoom: int
    max_zoom: int


def list_images(session: Session, actor: Actor) -> Sequence[BackgroundImage]:
    """Every image for who looks after them, those that were removed last.

    Raises
    ------
    NotAllowed
        The actor doesn't look after them.
    """
    require(actor, Action.BACKGROUNDS_MANAGE)
    return session.scalars(select(_I).order_by(_I.removed_at.is_not(None), _I.added_at.desc(), _I.id)).all()


def images_of_map(view: View) -> Sequence[BackgroundImage]:
    """The images that a map of a community can show to who looks at it, by name."""
    here = _I.community_id.is_(None) | (_I.community_id == view.community.id)
    seen = true() if may(view.actor, Action.BACKGROUNDS_VIEW) else _I.is_public
    statement = select(_I).where(_I.removed_at.is_(None), here, seen, _touches(view))
    return view.session.scalars(statement.order_by(_I.name)).all()


def find_image(session: Session, actor: Actor, image_id: str, *, now: datetime) -> BackgroundImage:
    """An image within what the actor may see.

    Raises
    ------
    NotFound
        There is none; from outside one that isn't to be seen looks the same.
    """
    seen = _may_see(session, actor, now)
    image = session.scalar(select(_I).where(_I.id == image_id, _I.removed_at.is_(None), seen))
    if image is None:
        raise NotFound("there is no such background image")
    return image


def present_images(session: Session) -> Sequence[BackgroundImage]:
    """Every image that was not removed: what a backup holds the rows of and not the tiles."""
    return session.scalars(select(_I).where(_I.removed_at.is_(None)).order_by(_I.name)).all()


def row_of(image: BackgroundImage) -> BackgroundView:
    """An image as maps and programs get it."""
    return {
        "id": image.id,
        "name": image.name,
        "attribution": image.attribution,
        "is_public": image.is_public,
        "bounds": image.bounds,
        "min_zoom": image.min_zoom,
        "max_zoom": image.max_zoom,
    }


def _may_see(session: Session, actor: Actor, now: datetime) -> ColumnElement[bool]:
    if may(actor, Action.BACKGROUNDS_MANAGE):
        return true()
    if not may(actor, Action.BACKGROUNDS_VIEW):
        return _I.is_public.is_(True)
    own = [community.id for community in visible_communities(session, actor, now=now)]
    return _I.is_public | _I.community_id.is_(None) | _I.community_id.in_(own)


def _touches(view: View) -> ColumnElement[bool]:
    """An image of all communities is offered where it covers some of this one."""
    outline = view.division.outlines.get(view.community.id)
    if outline is None:
        return true()
    west, south, east, north = outline.bounds
    return (_I.west < east) & (_I.east > west) & (_I.south < north) & (_I.north > south)
