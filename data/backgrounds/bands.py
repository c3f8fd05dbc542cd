"""The bands of an image as red, green, blue and alpha of eight bits."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from data.backgrounds.pixels import Pixels
from gisgrid.errors import InvalidInput

_LOOKED_AT_PX: Final = 1024
"""So many pixels a side are enough to see how bright an image is."""
_GROWN: Final = 1.5
_DARKEST, _BRIGHTEST = 2.0, 98.0
"""Percentiles that become black and white where a band has more than eight bits."""

Values = npt.NDArray[Any]
Hits = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Which bands are colours and which one says what is covered.

    ``alpha`` is 0 where the file has no such band: it is worked out from its mask and its value for nothing.
    ``palette`` are the colours of a single band of numbers; ``black`` and ``white`` the values of a band
    that become these. ``is_whole``: nothing in the file says that some of it is not covered.
    """

    colours: tuple[int, ...]
    alpha: int
    palette: npt.NDArray[np.uint8] | None
    black: tuple[float, ...]
    white: tuple[float, ...]
    is_whole: bool

    def mixing(self, shrink: float) -> dict[str, Resampling | int]:
        """How pixels are mixed that become ``shrink`` times as large: numbers of a palette are not.

        GDAL looks at more than four pixels as soon as they grow at all; it pays where they grow by half.
        """
        if self.palette is not None:
            return {"resampling": Resampling.nearest}
        few = {"XSCALE": 1, "YSCALE": 1} if shrink < _GROWN else {}
        return {"resampling": Resampling.bilinear, **few}

    def whole_pixels(self, warped: WarpedVRT, window: Window) -> Pixels:
        """A window of which all is covered."""
        values: Values = warped.read(list(self.colours), window=window)
        return self._shown(values, np.full(values.shape[1:], 255, dtype=np.uint8))

    def pixels(self, warped: WarpedVRT, window: Window) -> Pixels:
        """A window of a warped image."""
        values: Values = warped.read([*self.colours, self.alpha or warped.count], window=window)
        alpha = values[-1] if values.dtype == np.uint8 else np.where(values[-1] > 0, 255, 0).astype(np.uint8)
        return self._shown(values[:-1], alpha)

    def _shown(self, values: Values, alpha: npt.NDArray[np.uint8]) -> Pixels:
        """Bands of colours and what is covered, as pixels."""
        if self.palette is not None:
            pixels: Pixels = self.palette[values[0]]
            pixels[..., 3] = np.minimum(pixels[..., 3], alpha)
            return pixels
        colours, is_number = self._eight_bits(values)
        red, green, blue = colours if len(colours) >= 3 else (colours[0],) * 3
        whole: Pixels = np.stack([red, green, blue, np.where(is_number, alpha, 0).astype(np.uint8)], axis=-1)
        return whole

    def _eight_bits(self, values: Values) -> tuple[Pixels, Hits]:
        """Colours as eight bits, and where they are numbers at all."""
        is_number = np.asarray(np.isfinite(values).all(axis=0), dtype=np.bool_)
        if values.dtype == np.uint8:
            return values, is_number
        black, white = (np.array(levels)[:, None, None] for levels in (self.black, self.white))
        light = (np.where(is_number, values, 0).astype(np.float64) - black) / (white - black)
        return np.clip(np.rint(light * 255), 0, 255).astype(np.uint8), is_number


def bands_of(file: DatasetReader, name: str) -> Bands:
    """The bands of an image.

    Raises
    ------
    InvalidInput
        They are no colours: complex numbers.
    """
    if any(np.issubdtype(np.dtype(kind), np.complexfloating) for kind in map(_plain, file.dtypes)):
        raise InvalidInput("its bands are no colours: they hold complex numbers", file=name)
    meaning = file.colorinterp
    alpha = next((number for number, band in enumerate(meaning, 1) if band == ColorInterp.alpha), 0)
    others = [number for number in range(1, file.count + 1) if number != alpha]
    is_palette = meaning[0] == ColorInterp.palette
    colours = tuple(_in_order(others, meaning) if len(others) >= 3 and not is_palette else others[:1])
    if not colours:
        raise InvalidInput("its bands are no colours: it says only what it covers", file=name)
    black, white = _range_of(file, colours)
    return Bands(
        colours=colours,
        alpha=alpha,
        palette=_palette(file) if is_palette else None,
        black=black,
        white=white,
        is_whole=all(MaskFlags.all_valid in file.mask_flag_enums[number - 1] for number in colours),
    )


def _plain(kind: str) -> str:
    """GDAL's own name of a kind of number that numpy has not."""
    return "complex64" if kind.startswith("complex") else kind


def _in_order(numbers: list[int], meaning: tuple[Any, ...]) -> list[int]:
    """Red, green and blue where the file says which they are, else its first three bands."""
    said = {band.name: number for number, band in enumerate(meaning, 1)}
    named = [said.get(colour) for colour in ("red", "green", "blue")]
    order = [number for number in named if number is not None]
    return order if len(order) == 3 else numbers[:3]


def _palette(file: DatasetReader) -> npt.NDArray[np.uint8]:
    table = np.zeros((256, 4), dtype=np.uint8)
    for number, colour in file.colormap(1).items():
        if 0 <= number < 256:
            table[number] = colour
    return table


def _range_of(file: DatasetReader, colours: tuple[int, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The values of each band that become black and white; nothing of a file is read that has eight bits."""
    if all(file.dtypes[number - 1] == "uint8" for number in colours):
        return (0.0,) * len(colours), (255.0,) * len(colours)
    share = max(file.width, file.height, _LOOKED_AT_PX) / _LOOKED_AT_PX
    shape = (len(colours), max(1, round(file.height / share)), max(1, round(file.width / share)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = file.read(list(colours), out_shape=shape, masked=True)
    ends = [_ends(band.compressed()) for band in seen]
    return tuple(low for low, _high in ends), tuple(high for _low, high in ends)


def _ends(values: Values) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = np.percentile(finite, [_DARKEST, _BRIGHTEST])
    return float(low), float(high if high > low else low + 1)
