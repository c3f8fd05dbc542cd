"""Tiles of farther zooms from those of nearer ones, four into one."""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.backgrounds.pixels import decoded, encoded
from data.backgrounds.plan import TileWatch
from gisgrid.backgrounds.mercator import TILE_PX
from gisgrid.backgrounds.tilefile import TileFile


def add_overviews(out: TileFile, first: int, watch: TileWatch) -> None:
    """Fill every zoom down to ``first``; tiles that are there stay.

    Raises
    ------
    NoSpace
        The disk is full.
    """
    near = out.zooms()[-1]
    for zoom in range(near - 1, first - 1, -1):
        here = set(out.places(zoom))
        wanted = sorted({(x // 2, y // 2) for x, y in out.places(zoom + 1)} - here)
        for number, (x, y) in enumerate(wanted):
            if number % 16 == 0:
                watch.told(1 - 0.25 ** (near - zoom - 1) * (1 - 0.75 * number / len(wanted)))
            tile = encoded(np.asarray(_joined(out, zoom, x, y)))
            if tile is not None:
                out.put(zoom, x, y, tile)


def _joined(out: TileFile, zoom: int, x: int, y: int) -> Image.Image:
    """The four tiles below one, at half their size."""
    whole = Image.new("RGBA", (2 * TILE_PX, 2 * TILE_PX))
    for right in (0, 1):
        for down in (0, 1):
            tile = out.get(zoom + 1, 2 * x + right, 2 * y + down)
            if tile is not None:
                whole.paste(decoded(tile), (right * TILE_PX, down * TILE_PX))
    return whole.reduce(2)
