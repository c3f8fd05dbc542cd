"""Making a background image of a file: looked at, told what it comes to, cut into tiles, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.backgrounds.archives import ArchiveSource
from data.backgrounds.endings import ARCHIVES, ENDINGS
from data.backgrounds.overviews import add_overviews
from data.backgrounds.plan import TilePlan, TileSource, TileWatch, refuse_huge
from data.backgrounds.rasters import RasterSource
from gisgrid.access.actors import Actor
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.mercator import MOST_ZOOM
from gisgrid.backgrounds.service import (
    TAKEN,
    ImageLabel,
    TileSet,
    add_image,
    check_label,
    sweep_images,
)
from gisgrid.backgrounds.tilefile import TileFile
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.storage.engine import Database
from gisgrid.storage.patience import patiently

_FILLED: Final = 0.8
"""Share of the work that is done when the nearest tiles are made."""

Who = Callable[[Session], Actor]
"""Who adds the image, with the rights that hold when it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInput:
    """A file, its name as people call it, what is said of it; ``crs``, ``max_zoom`` may be left out."""

    file: Path
    name: str
    label: ImageLabel
    crs: str | None = None
    max_zoom: int | None = None


def open_source(given: ImageInput) -> TileSource:
    """The file, looked at.

    Raises
    ------
    InvalidInput
        It is of no kind that can be read, is broken, says not where it lies, or would become too much.
    """
    ending = given.file.suffix.lower()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        said = say("files of this kind can't be read; known endings: {known}", known=known)
        raise InvalidInput(said, file=given.name)
    if given.max_zoom is not None and not 0 <= given.max_zoom <= MOST_ZOOM:
        said = say("a zoom is a number from 0 to {most}", most=MOST_ZOOM)
        raise InvalidInput(said, file=given.name, field="max_zoom")
    if not given.file.stat().st_size:
        raise InvalidInput("the file is empty", file=given.name)
    kind = ArchiveSource if ending in ARCHIVES else RasterSource
    source = kind(given.file, given.name, crs=given.crs, max_zoom=given.max_zoom)
    refuse_huge(source.plan, name=given.name)
    return source


def check_image(database: Database, who: Who, given: ImageInput, *, now: datetime) -> TileSource:
    """The file, looked at, with everything refused that can be before anything is made of it.

    Raises
    ------
    NotAllowed
        The account doesn't look after background images.
    InvalidInput
        Every fault at once: of the file, of what is said of it, of where it lies.
    """
    faults: list[Fault] = []
    source = None
    try:
        source = open_source(given)
    except InvalidInput as error:
        faults += error.faults
    with database.read() as session:
        try:
            bounds = source.plan.bounds if source else None
            check_label(session, who(session), given.label, bounds, now=now)
        except InvalidInput as error:
            faults += [_of_file(fault, given.name) for fault in error.faults]
    if faults or source is None:
        raise InvalidInput(faults)
    return source


def _of_file(fault: Fault, name: str) -> Fault:
    is_of_file = fault.field == "file"
    return Fault(message=fault.message, file=name, field=None if is_of_file else fault.field)


def make_image(  # noqa: PLR0913 - who, what, where, when, and how it is watched
    database: Database,
    who: Who,
    given: ImageInput,
    folder: ImageFolder,
    *,
    image_id: str,
    now: datetime,
    watch: TileWatch | None = None,
    tell: Callable[[TilePlan], None] = lambda _plan: None,
) -> TileSet:
    """Cut a file into tiles and keep them as a background image, all of it or nothing.

    ``tell`` is told before, what it will come to.

    Raises
    ------
    NotAllowed
        The account doesn't look after background images.
    InvalidInput
        Every fault at once.
    NoSpace
        The disk has no room for it.
    DatabaseBusy
        Others wrote for a minute without a pause.
    """
    watching = watch or TileWatch()
    with database.read() as session:
        sweep_images(session, folder, now=now)
    source = check_image(database, who, given, now=now)
    tell(source.plan)
    folder.refuse_narrow(source.plan.size)
    with folder.making(image_id) as part:
        tiles = _cut(source, part, given, watching)
        watching.refuse_stopped()

        def keep() -> None:
            with database.write() as session:
                actor = who(session)
                add_image(
                    session, actor, given.label, tiles, image_id=image_id, file_name=given.name, now=now
                )

        try:
            patiently(keep)
        except InvalidInput as error:
            raise InvalidInput([_of_file(fault, given.name) for fault in error.faults]) from None
        except IntegrityError:  # somebody else gave this name at the same moment
            raise InvalidInput([Fault(message=TAKEN, file=given.name, field="name")]) from None
        folder.settle(image_id)
    watching.progress(1.0)
    return tiles


def _cut(source: TileSource, part: Path, given: ImageInput, watch: TileWatch) -> TileSet:
    plan, out = source.plan, TileFile(part)
    try:
        source.fill(out, watch.part(0.0, _FILLED))
        add_overviews(out, plan.min_zoom, watch.part(_FILLED, 1.0))
        zooms, count = out.zooms(), out.count()
        west, south, east, north = plan.bounds
        out.finish(
            {
                "name": given.label.name,
                "attribution": given.label.attribution,
                "type": "overlay",
                "format": "jpg",
                "bounds": f"{west:.7f},{south:.7f},{east:.7f},{north:.7f}",
                "minzoom": str(zooms[0]),
                "maxzoom": str(zooms[-1]),
            }
        )
    finally:
        out.close()
    return TileSet(
        bounds=plan.bounds,
        min_zoom=zooms[0],
        max_zoom=zooms[-1],
        tiles=count,
        size=part.stat().st_size,
    )
