"""Background images for maps: which there are, their tiles, and adding, publishing and removing them."""

from __future__ import annotations

from typing import Final

from flask import Response, request
from flask_openapi3.models.file import FileStorage
from pydantic import BaseModel, ConfigDict, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.mercator import MOST_ZOOM
from gisgrid.backgrounds.queries import BackgroundView, find_image, images_of_map, row_of
from gisgrid.backgrounds.service import bring_back_image, publish_image, remove_image
from gisgrid.backgrounds.tilefile import kind_of, read_tile
from web.answer_models import UNCHANGED, Responses, Rows
from web.answers import json_answer
from web.backgrounds.uploads import BackgroundWork, begin_making, state_of, take_image
from web.blueprints import Api
from web.context import current_actor, now, read_session, services, view_of, write_session
from web.request_models import Identified, PlaceQuery
from web.security.gate import Open

backgrounds_api = Api("backgrounds", __name__, part=ApiPart.MAPS)

_TILE: Final[Responses] = {
    "200": {
        "description": "A square of 256 pixels or more, counted from north-west as XYZ",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    },
    "204": {"description": "The image shows nothing there"},
}


class SentBackground(BaseModel):
    """An image and what is said of it."""

    file: FileStorage = Field(description="GeoTIFF, PNG or JPEG, MBTiles or PMTiles of images")
    world_file: FileStorage | None = Field(default=None, description="Where a PNG or JPEG lies")
    name: str = Field(max_length=60)
    attribution: str = Field(default="", max_length=200)
    community: str | None = Field(default=None, max_length=60, description="Default: all that it covers")
    crs: str | None = Field(default=None, max_length=60, description="EPSG code, GCJ-02 or BD-09")
    max_zoom: int | None = Field(default=None, ge=0, le=MOST_ZOOM)
    is_public: bool = False


class ChangedBackground(BaseModel):
    """Who sees an image from now on."""

    model_config = ConfigDict(extra="forbid")

    is_public: bool


class TilePlace(Identified):
    """One tile, counted from north-west."""

    z: int = Field(ge=0, le=30)
    x: int = Field(ge=0, lt=2**30)
    y: int = Field(ge=0, lt=2**30)


def folder() -> ImageFolder:
    """Where the tiles of this installation lie."""
    return ImageFolder(services().settings.backgrounds)


@backgrounds_api.get("/backgrounds", right=Open.PUBLIC, responses={"200": Rows[BackgroundView]})
def listing(query: PlaceQuery) -> Response:
    """The images that a map of the community can show to who asks; without an account the public ones."""
    rows = images_of_map(view_of(query.view_request))
    return json_answer({"rows": [row_of(image) for image in rows if folder().has(image.id)]})


@backgrounds_api.get(
    "/backgrounds/<id>/<int:z>/<int:x>/<int:y>", right=Open.PUBLIC, responses={**_TILE, **UNCHANGED}
)
def tile(path: TilePlace) -> Response:
    """A tile of an image."""
    image = find_image(read_session(), current_actor(), path.id, now=now())
    tag = f"{image.id}-{path.z}-{path.x}-{path.y}"
    if tag in request.if_none_match and not request.if_none_match.star_tag:
        response = Response(status=304)
    else:
        content = read_tile(folder().path_of(image.id), path.z, path.x, path.y)
        kind = kind_of(content) if content else None
        response = Response(content, content_type=kind) if kind else Response(status=204)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"  # who is let in is asked each time
    return response


@backgrounds_api.post(
    "/backgrounds", right=Action.BACKGROUNDS_MANAGE, takes_file=True, responses={"202": BackgroundWork}
)
def add(form: SentBackground) -> Response:
    """Send an image; it is cut into tiles in the background."""
    upload = take_image(
        form.file,
        [form.world_file] if form.world_file else [],
        said={
            "name": form.name,
            "attribution": form.attribution,
            "is_public": "1" if form.is_public else "",
            "max_zoom": "" if form.max_zoom is None else str(form.max_zoom),
        },
        community=form.community,
        crs=form.crs,
    )
    return json_answer(state_of(begin_making(upload)), 202)


@backgrounds_api.get(
    "/backgrounds/<id>/work", right=Action.BACKGROUNDS_MANAGE, responses={"200": BackgroundWork}
)
def work(path: Identified) -> Response:
    """How far the making of an image is that this account has sent."""
    return json_answer(state_of(path.id))


@backgrounds_api.patch(
    "/backgrounds/<id>", right=Action.BACKGROUNDS_MANAGE, responses={"200": BackgroundView}
)
def change(path: Identified, body: ChangedBackground) -> Response:
    """Show an image to everybody, or to staff alone."""
    with write_session() as session:
        image = publish_image(session, current_actor(), path.id, is_public=body.is_public, now=now())
        return json_answer(row_of(image))


@backgrounds_api.delete(
    "/backgrounds/<id>", right=Action.BACKGROUNDS_MANAGE, responses={"200": BackgroundView}
)
def remove(path: Identified) -> Response:
    """Show an image no more; for seven days it can be brought back."""
    with write_session() as session:
        return json_answer(row_of(remove_image(session, current_actor(), path.id, now=now())))


@backgrounds_api.post(
    "/backgrounds/<id>/restore", right=Action.BACKGROUNDS_MANAGE, responses={"200": BackgroundView}
)
def restore(path: Identified) -> Response:
    """Show an image again that was removed."""
    with write_session() as session:
        return json_answer(row_of(bring_back_image(session, current_actor(), path.id, folder(), now=now())))
