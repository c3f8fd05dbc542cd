"""A file that somebody sent as a picture to keep: judged by its content, drawn anew, without metadata."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageFile, ImageOps

from gisgrid.errors import InvalidInput, say

MOST_MB: Final = 3
"""Largest file of one photo; pages make photos smaller before they send them."""
MEGAPIXELS: Final[Mapping[str, int]] = {"JPEG": 60, "PNG": 24, "WEBP": 24}
"""Most million pixels by format: a JPEG is opened in a smaller size, the others in their whole one."""
LONGEST_PX: Final = 1600
SMALL_PX: Final = 320

_QUALITY: Final = 82
_WHITE: Final = (255, 255, 255)
_FIELD: Final = "photos"
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError)
_BROKEN_INSIDE: Final = (struct.error, zlib.error, MemoryError)
_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo as it is kept: JPEG bytes, those of a small one, its size, and the digest of what was sent."""

    digest: str
    width: int
    height: int
    jpeg: bytes
    small: bytes


def read_picture(sent: bytes) -> Picture:
    """A clean picture from the bytes of a JPEG, PNG or WebP file.

    Nothing of the file itself is kept: it is turned upright as the camera says, made to at most 1600 pixels
    and drawn anew, so that place, time, device and owner in its metadata are gone.

    Raises
    ------
    InvalidInput
        The file is too large, of another kind, has too many pixels, or is broken.
    """
    if len(sent) > MOST_MB * 1024 * 1024:
        raise InvalidInput(say("a photo has at most {most} MB", most=MOST_MB), field=_FIELD)
    upright = _upright(sent)
    jpeg = _jpeg(upright)
    width, height = upright.size
    upright.thumbnail((SMALL_PX, SMALL_PX))
    return Picture(
        digest=hashlib.sha256(sent).hexdigest(),
        width=width,
        height=height,
        jpeg=jpeg,
        small=_jpeg(upright),
    )


def _upright(sent: bytes) -> Image.Image:
    """The picture alone, in RGB, on white where it was clear, the right way up, not longer than is kept."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets half a picture pass, for the whole process
    try:
        with Image.open(BytesIO(sent), formats=tuple(MEGAPIXELS)) as opened:
            _check_size(opened)
            is_clear = opened.has_transparency_data
            coloured = opened if opened.format == "JPEG" else opened.convert("RGBA" if is_clear else "RGB")
            coloured.thumbnail((LONGEST_PX, LONGEST_PX))  # of a JPEG no more is read than that needs
            turned = ImageOps.exif_transpose(coloured)
            clean = Image.new("RGB", turned.size, _WHITE)
            clean.paste(turned.convert("RGB"), mask=turned.getchannel("A") if is_clear else None)
            return clean
    except _BOMBS:
        raise _too_many_pixels("JPEG") from None
    except (*_BROKEN, *_BROKEN_INSIDE):
        raise InvalidInput("this is no photo that can be read: JPEG, PNG or WebP", field=_FIELD) from None


def _check_size(opened: Image.Image) -> None:
    kind = opened.format or "PNG"
    if opened.width * opened.height > MEGAPIXELS[kind] * 1_000_000:
        raise _too_many_pixels(kind)


def _too_many_pixels(kind: str) -> InvalidInput:
    return InvalidInput(say("a photo has at most {most} million pixels", most=MEGAPIXELS[kind]), field=_FIELD)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
