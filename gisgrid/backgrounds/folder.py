"""The folder of background images: one file each, under the id of its row.

A file that is being made has another name, and a lock beside it that ends with its process. It gets its own
name after its row was kept, so a file without a row is never left by somebody who was killed.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gisgrid.errors import NoSpace, say
from gisgrid.storage.room import settle

_ROOM_LEFT: Final = 64 * 1024 * 1024
"""So much of the disk stays free for everybody else."""


class ImageFolder:
    """Where the tiles of background images lie, readable by nobody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, image_id: str) -> Path:
        """The file of an image."""
        return self.folder / f"{image_id}.mbtiles"

    def has(self, image_id: str) -> bool:
        """Whether the file of an image is here; a backup holds its row alone."""
        return self.path_of(image_id).is_file()

    @contextmanager
    def making(self, image_id: str) -> Iterator[Path]:
        """The path under which an image's file is made; what is left there at the end goes."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part, lock = self._part(image_id), self._lock(image_id)
        with lock.open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            try:
                yield part
            finally:
                part.unlink(missing_ok=True)
                lock.unlink(missing_ok=True)

    def settle(self, image_id: str) -> None:
        """Give a finished file its name, once its row is kept."""
        part = self._part(image_id)
        part.chmod(0o600)
        settle(part)
        part.replace(self.path_of(image_id))
        settle(self.folder)

    def drop(self, image_id: str) -> None:
        """Delete the file of an image."""
        self.path_of(image_id).unlink(missing_ok=True)

    def sweep(self, kept: Collection[str]) -> None:
        """Finish or delete what a process left that was killed; ``kept`` are ids that have a row."""
        for part in self.folder.glob(".*.part"):
            image_id = part.name[1 : -len(".part")]
            if self._is_being_made(image_id):
                continue
            if image_id in kept:
                self.settle(image_id)
            part.unlink(missing_ok=True)
            self._lock(image_id).unlink(missing_ok=True)

    def refuse_narrow(self, needed: int) -> None:
        """Refuse what the disk has no room for.

        Raises
        ------
        NoSpace
            Less than that and some room for others is free.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if free < needed + _ROOM_LEFT:
            said = "the disk has {free} MB left, and the background image needs about {needed} MB"
            raise NoSpace(say(said, free=free // 2**20, needed=-(-needed // 2**20)))

    def _is_being_made(self, image_id: str) -> bool:
        try:
            with self._lock(image_id).open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _part(self, image_id: str) -> Path:
        return self.folder / f".{image_id}.part"

    def _lock(self, image_id: str) -> Path:
        return self.folder / f".{image_id}.lock"
