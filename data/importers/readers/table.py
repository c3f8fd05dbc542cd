"""What reading a file gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from data.importers.readers.lines import Lines
from gisgrid.crs import Crs
from gisgrid.errors import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTable:
    """Rows and columns of one file, in their order, with what the file says of its CRS.

    ``frame`` is a GeoDataFrame where ``has_geometry``; ``crs`` is None where the file doesn't say.
    ``marked`` tells that a text file began with a byte order mark or was not UTF-8; ``notes`` say what was
    found out or left out while reading. ``lines`` says what rows are called in the file.
    """

    frame: pd.DataFrame
    has_geometry: bool
    crs: Crs | None
    source: str
    marked: bool = False
    notes: tuple[Sentence, ...] = ()
    lines: Lines = field(default_factory=Lines)
