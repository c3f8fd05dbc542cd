"""What is going to be made of a file, told before it is made; and how the making is watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from gisgrid.backgrounds.mercator import Bounds, covering, first_zoom
from gisgrid.backgrounds.tilefile import TileFile
from gisgrid.errors import InvalidInput, Sentence, say

MOST_TILES: Final = 250_000
"""About 4 GB, or 300 square kilometres at 15 cm."""
MOST_PIXELS: Final = 4_000_000_000
"""So many are read in about ten minutes, whatever comes of them."""
BYTES_OF_A_TILE: Final = 18_000
"""Of photographs from the air, as JPEG: for estimates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePlan:
    """Bounds in EPSG:4326, zooms, and about how many tiles and bytes that makes."""

    bounds: Bounds
    min_zoom: int
    max_zoom: int
    tiles: int
    size: int

    def sentence(self) -> Sentence:
        """The plan for people."""
        return say(
            "about {tiles} tiles of the zooms {first} to {last}, {mb} MB",
            tiles=self.tiles,
            first=self.min_zoom,
            last=self.max_zoom,
            mb=-(-self.size // 2**20),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TileWatch:
    """``progress`` is told the share done; ``refuse_stopped`` raises once nobody wants the image any more."""

    progress: Callable[[float], None] = lambda _share: None
    refuse_stopped: Callable[[], None] = lambda: None

    def told(self, share: float) -> None:
        """The work goes on, unless nobody wants it."""
        self.refuse_stopped()
        self.progress(share)

    def part(self, begin: float, end: float) -> TileWatch:
        """The watch over a part of the work."""
        return TileWatch(
            progress=lambda share: self.progress(begin + (end - begin) * share),
            refuse_stopped=self.refuse_stopped,
        )


class TileSource(Protocol):
    """A file that can be made into tiles."""

    @property
    def plan(self) -> TilePlan:
        """What will be made of it."""

    def fill(self, out: TileFile, watch: TileWatch) -> None:
        """Write its tiles of the nearest zoom, and of others it has.

        Raises
        ------
        InvalidInput
            It can't be read to its end, or holds something that is no image.
        NoSpace
            The disk is full.
        """


def planned(bounds: Bounds, max_zoom: int) -> TilePlan:
    """The plan of an image that covers bounds in degrees, made from one zoom down."""
    first = first_zoom(bounds, max_zoom)
    tiles = sum(covering(bounds, zoom).count for zoom in range(first, max_zoom + 1))
    return TilePlan(
        bounds=bounds, min_zoom=first, max_zoom=max_zoom, tiles=tiles, size=tiles * BYTES_OF_A_TILE
    )


def refuse_huge(plan: TilePlan, *, name: str) -> None:
    """Refuse what would make too many tiles, with what would help.

    Raises
    ------
    InvalidInput
        There would be more than `MOST_TILES`.
    """
    if plan.tiles > MOST_TILES:
        said = say(
            "it would make about {tiles} tiles ({mb} MB), more than {most}: cut it to the community,"
            " or give a lower highest zoom than {zoom}",
            tiles=plan.tiles,
            mb=-(-plan.size // 2**20),
            most=MOST_TILES,
            zoom=plan.max_zoom,
        )
        raise InvalidInput(said, file=name, field="max_zoom")
