"""What a file of tiles answers, whoever made it; and what is said of one that holds no images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from data.backgrounds.plan import MOST_TILES
from gisgrid.backgrounds.mercator import Range
from gisgrid.errors import InvalidInput, say

VECTOR: Final = say("it holds vector tiles: only tiles that are images can be laid under a map")
EMPTY: Final = say("it holds no tiles")


@dataclass(frozen=True, slots=True)
class Zoom:
    """The tiles of one zoom: the rectangle they lie in, how many and how many bytes they are."""

    tiles: Range
    count: int
    size: int


class TileArchive(Protocol):
    """A file of tiles; rows are counted from the north."""

    def zooms(self) -> Sequence[Zoom]:
        """What it holds, from far to near; never empty."""

    def tile(self, zoom: int, x: int, y: int) -> object:
        """One tile as it stands there, or nothing."""

    def tiles(self) -> Iterator[tuple[int, int, int, object]]:
        """Every tile: zoom, column, row and content."""

    def close(self) -> None:
        """Let go of the file."""


def refuse_many(tiles: int, name: str) -> None:
    """Refuse an archive of more tiles than are taken.

    Raises
    ------
    InvalidInput
        There are more than `MOST_TILES`.
    """
    if tiles > MOST_TILES:
        said = say(
            "it holds {tiles} tiles, more than {most}: cut it to the community", tiles=tiles, most=MOST_TILES
        )
        raise InvalidInput(said, file=name)
