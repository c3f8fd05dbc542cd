"""Tiles as pixels: red, green, blue and how far each covers the ground; and as JPEG, PNG or WebP."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from gisgrid.backgrounds.mercator import TILE_PX
from gisgrid.backgrounds.tilefile import kind_of
from gisgrid.errors import Sentence, say

Pixels = npt.NDArray[np.uint8]
"""Rows, columns, and red, green, blue, alpha."""

MOST_TILE_PX: Final = 1024
MOST_TILE_BYTES: Final = 4 * 2**20
_QUALITY: Final = 84
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_BROKEN: Final = (
    *(OSError, SyntaxError, ValueError, EOFError),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


def encoded(pixels: Pixels) -> bytes | None:
    """A tile's pixels as JPEG, as WebP where some of it is not covered, nothing where all of it isn't."""
    alpha = pixels[..., 3]
    if not alpha.any():
        return None
    out = io.BytesIO()
    if alpha.min() == 255:
        Image.fromarray(np.ascontiguousarray(pixels[..., :3])).save(out, "JPEG", quality=_QUALITY)
    else:
        Image.fromarray(np.ascontiguousarray(pixels)).save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()


def decoded(tile: bytes) -> Image.Image:
    """A tile as an image of the size tiles are made in, with alpha."""
    with Image.open(io.BytesIO(tile), formats=_FORMATS) as image_file:
        image = image_file.convert("RGBA")
    return image if image.size == (TILE_PX, TILE_PX) else image.resize((TILE_PX, TILE_PX))


def tile_fault(tile: object) -> Sentence | None:
    """What is wrong with a tile that somebody else made, by its head; nothing where it can be shown."""
    if not isinstance(tile, bytes) or not tile:
        return say("is empty or no image")
    if len(tile) > MOST_TILE_BYTES:
        return say("is larger than {most} MB", most=MOST_TILE_BYTES // 2**20)
    if kind_of(tile) is None:
        return say("is no JPEG, PNG or WebP")
    try:
        with Image.open(io.BytesIO(tile), formats=_FORMATS) as image_file:
            width, height = image_file.size
    except _BROKEN:
        return say("is an image that can't be read")
    if width != height or not 0 < width <= MOST_TILE_PX:
        return say("has {width} × {height} pixels", width=width, height=height)
    return None


def is_readable(tile: bytes) -> bool:
    """Whether a tile can be read to its end."""
    try:
        decoded(tile)
    except _BROKEN:
        return False
    return True
