"""Adding, changing and removing background images: their rows, who may, and the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.nearness import distance_m
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.mercator import Bounds
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.crs import FAR_M
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say

KEPT: Final = timedelta(days=7)
"""For so long the tiles of an image that was removed are kept, and it can be brought back."""
TAKEN: Final = say("another background image has this name: choose another one")
_LONGEST_NAME: Final = 60
_LONGEST_ATTRIBUTION: Final = 200
_KIND: Final = "background_image"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLabel:
    """What people say of an image: its name, whom it is from, for which community (its code), who sees it."""

    name: str
    attribution: str = ""
    community: str | None = None
    is_public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TileSet:
    """What a file of tiles came to: bounds in EPSG:4326, zooms, how many, how many bytes."""

    bounds: Bounds
    min_zoom: int
    max_zoom: int
    tiles: int
    size: int


def check_label(
    session: Session, actor: Actor, label: ImageLabel, bounds: Bounds | None, *, now: datetime
) -> str | None:
    """Refuse what can't be added, before anything is made of it; the id of the community that was named.

    Raises
    ------
    NotAllowed
        The actor doesn't look after background images.
    InvalidInput
        Every fault at once: no name or one that is taken, no such community, an image that lies elsewhere.
    """
    require(actor, Action.BACKGROUNDS_MANAGE)
    faults = [*_text_faults(label), *_taken_faults(session, label)]
    community = _community_id(session, actor, label.community, now)
    if label.community and community is None:
        faults.append(Fault(message="no such community", field="community"))
    elif bounds is not None:
        faults += _far_faults(session, bounds, community, now)
    if faults:
        raise InvalidInput(faults)
    return community


def add_image(
    session: Session,
    actor: Actor,
    label: ImageLabel,
    tiles: TileSet,
    *,
    image_id: str,
    file_name: str,
    now: datetime,
) -> BackgroundImage:
    """Keep the row of an image whose tiles are made.

    Raises
    ------
    NotAllowed
        The actor doesn't look after background images.
    InvalidInput
        Every fault at once, as of `check_label`.
    """
    community = check_label(session, actor, label, tiles.bounds, now=now)
    west, south, east, north = tiles.bounds
    image = BackgroundImage(
        id=image_id,
        name=label.name.strip(),
        attribution=label.attribution.strip(),
        community_id=community,
        is_public=label.is_public,
        file_name=file_name[-200:],
        west=west,
        south=south,
        east=east,
        north=north,
        min_zoom=tiles.min_zoom,
        max_zoom=tiles.max_zoom,
        tiles=tiles.tiles,
        size=tiles.size,
        added_at=now,
        added_by=actor.account_id,
    )
    session.add(image)
    record(session, actor, "backgrounds:add", _KIND, now=now, object_id=image_id)
    session.flush()
    return image


def publish_image(
    session: Session, actor: Actor, image_id: str, *, is_public: bool, now: datetime
) -> BackgroundImage:
    """Show an image to everybody, or to staff alone.

    Raises
    ------
    NotAllowed
        The actor doesn't look after background images.
    NotFound
        There is no such image.
    """
    image = _image(session, actor, image_id)
    if image.is_public != is_public:
        change = {"is_public": (image.is_public, is_public)}
        image.is_public = is_public
        record(session, actor, "backgrounds:publish", _KIND, now=now, object_id=image.id, change=change)
        session.flush()
    return image


def remove_image(session: Session, actor: Actor, image_id: str, *, now: datetime) -> BackgroundImage:
    """Show an image no more; its tiles are kept for a while, so that it can be brought back.

    Raises
    ------
    NotAllowed
        The actor doesn't look after background images.
    NotFound
        There is no such image.
    """
    image = _image(session, actor, image_id)
    image.removed_at, image.removed_by = now, actor.account_id
    record(session, actor, "backgrounds:remove", _KIND, now=now, object_id=image.id)
    session.flush()
    return image


def bring_back_image(
    session: Session, actor: Actor, image_id: str, folder: ImageFolder, *, now: datetime
) -> BackgroundImage:
    """Show an image again that was removed.

    Raises
    ------
    NotAllowed
        The actor doesn't look after background images.
    NotFound
        There is no such image.
    Conflict
        Its tiles are gone, or its name was given to another one.
    """
    require(actor, Action.BACKGROUNDS_MANAGE)
    image = session.get(BackgroundImage, image_id)
    if image is None:
        raise NotFound("there is no such background image")
    if image.removed_at is None:
        return image
    if not folder.has(image.id):
        raise Conflict("the tiles of this background image are gone: add it again")
    if _taken_faults(session, ImageLabel(name=image.name)):
        raise Conflict("another background image has this name now: remove that one first")
    image.removed_at = image.removed_by = None
    record(session, actor, "backgrounds:restore", _KIND, now=now, object_id=image.id)
    session.flush()
    return image


def sweep_images(session: Session, folder: ImageFolder, *, now: datetime) -> None:
    """Finish or delete what was left half made, and delete tiles of images that were removed long ago."""
    rows: Sequence[BackgroundImage] = session.scalars(select(BackgroundImage)).all()
    folder.sweep({row.id for row in rows})
    for row in rows:
        if row.removed_at is not None and now - row.removed_at > KEPT:
            folder.drop(row.id)


def _image(session: Session, actor: Actor, image_id: str) -> BackgroundImage:
    require(actor, Action.BACKGROUNDS_MANAGE)
    image = session.get(BackgroundImage, image_id)
    if image is None or image.removed_at is not None:
        raise NotFound("there is no such background image")
    return image


def _community_id(session: Session, actor: Actor, code: str | None, now: datetime) -> str | None:
    places = visible_communities(session, actor, now=now) if code else []
    return next((place.id for place in places if place.code == code), None)


def _text_faults(label: ImageLabel) -> list[Fault]:
    faults = []
    if not 0 < len(label.name.strip()) <= _LONGEST_NAME:
        said = say("a text has 1 to {most} characters", most=_LONGEST_NAME)
        faults.append(Fault(message=said, field="name"))
    if len(label.attribution.strip()) > _LONGEST_ATTRIBUTION:
        said = say("a text has at most {most} characters", most=_LONGEST_ATTRIBUTION)
        faults.append(Fault(message=said, field="attribution"))
    return faults


def _taken_faults(session: Session, label: ImageLabel) -> list[Fault]:
    named = select(BackgroundImage.id).where(
        BackgroundImage.name == label.name.strip(), BackgroundImage.removed_at.is_(None)
    )
    if session.scalar(named.limit(1)) is None:
        return []
    return [Fault(message=TAKEN, field="name")]


def _far_faults(session: Session, bounds: Bounds, community: str | None, now: datetime) -> list[Fault]:
    away = distance_m(session, bounds, at=now, community=community)
    if away is None or away <= FAR_M:
        return []
    said = "it lies {km} km away from the community: are its position and its CRS right?"
    return [Fault(message=say(said, km=round(away / 1000)), field="file")]
