"""What areas of a frame are called, and the colours that tell neighbours apart."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from layers.frames import text_of
from layers.sketch import AreaText, Fill
from layers.style import Legend, Ramp, colours_for

_SLACK_DEG: Final = 0.0003
"""About 30 m, so that areas across a street count as neighbours."""


def area_texts(
    frame: gpd.GeoDataFrame, value_text: Callable[[pd.Series[Any]], str], *, on_map: bool = True
) -> list[AreaText]:
    """The name of each area with a figure or word: on the map in two lines, under the mouse in one."""
    texts = []
    for _number, row in frame.iterrows():
        lines = tuple(line for line in (text_of(row, "name", "code"), value_text(row)) if line)
        texts.append(AreaText(tip=" · ".join(lines), lines=lines if on_map else ()))
    return texts


def withheld_word(frame: gpd.GeoDataFrame, legend: Legend) -> str:
    """The sign an export gives for what it leaves out, or our own word."""
    reasons = (text_of(row, "reason") for _number, row in frame.iterrows())
    return next((reason for reason in reasons if reason), legend.word("withheld"))


def share_fills(ramp: Ramp) -> dict[Any, Fill]:
    """The classes of shares in per cent, whose bounds are fixed."""
    names = [f"{low:g}% – <{high:g}%" for low, high in zip(ramp.breaks, ramp.breaks[1:], strict=False)] + [
        f"≥ {ramp.breaks[-1]:g}%"
    ]
    colours = colours_for(ramp.colours, len(ramp.breaks))
    return {
        index: Fill(colour=colour, label=name, is_class=True)
        for index, (colour, name) in enumerate(zip(colours, names, strict=True))
    }


def neighbour_colours(
    frame: gpd.GeoDataFrame, owners: Sequence[Hashable], palette: Sequence[str]
) -> dict[Hashable, str]:
    """A colour for each owner of areas that no neighbour's has, of those the one used least.

    With more owners than colours these repeat far apart. Owners take their turn as they stand in the frame,
    and None owns nothing.
    """
    parts = frame.geometry.explode(ignore_index=False)
    boxes = shapely.box(*parts.bounds.to_numpy().T)
    owner_of = [owners[int(number)] for number in parts.index]
    tree = shapely.STRtree(boxes)
    colours: dict[Hashable, str] = {}
    for owner in dict.fromkeys(name for name in owners if name is not None):
        mine = shapely.buffer(boxes[[name == owner for name in owner_of]], _SLACK_DEG, cap_style="square")
        near = {colours.get(owner_of[number]) for number in tree.query(mine)[1]}
        free = [colour for colour in palette if colour not in near] or list(palette)
        colours[owner] = min(free, key=list(colours.values()).count)
    return colours
