"""A community where the test files show the ground, and images of it that are added."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from data.backgrounds.make import ImageInput, make_image
from gisgrid.access.actors import Actor
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.service import ImageLabel, TileSet
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.data.backgrounds.images import transform_of, write_tiff


def middle() -> tuple[float, float]:
    """Lon and lat of the middle of the test community."""
    return world.LON + 2 * world.STEP, world.LAT + 2 * world.STEP


def write_ground(path: Path, pixels: Any, **more: Any) -> Path:
    """A GeoTIFF of the community."""
    height, width = pixels.shape[:2]
    crs = more.pop("crs", "EPSG:4527")
    place = transform_of(crs, width, height, side_m=more.pop("side_m", 1.0), about=middle())
    return write_tiff(path, pixels, crs=crs, transform=place, **more)


@dataclass
class Ground:
    """A database with a community, and a folder of images beside it."""

    database: Database
    folder: ImageFolder
    now: datetime
    made: world.World = field(init=False)

    def __post_init__(self) -> None:
        with self.database.write() as session:
            self.made = world.found(session)

    def add(
        self, file: Path, name: str = "航拍", *, actor: Actor | None = None, **more: Any
    ) -> tuple[str, TileSet]:
        """An image of a file; its id and what it came to."""
        label = {key: more.pop(key) for key in ("attribution", "community", "is_public") if key in more}
        watched = {name: more.pop(name) for name in ("watch", "tell") if name in more}
        given = ImageInput(file=file, name=file.name, label=ImageLabel(name=name, **label), **more)
        image_id = new_id()

        def who(_session: Session) -> Actor:
            return actor or self.made.actor

        tiles = make_image(self.database, who, given, self.folder, image_id=image_id, now=self.now, **watched)
        return image_id, tiles

    def files(self) -> set[str]:
        """What lies in the folder."""
        found = self.folder.folder
        return {one.name for one in found.iterdir()} if found.is_dir() else set()
