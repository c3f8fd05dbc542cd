"""How much of a file is taken: every bound of reading in one place, each with its sentence.

The bounds are far above what one community hands over and keep one bad file from filling the memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.clean import MAX_VERTICES
from gisgrid.geometry.lattice import GeometryArray

MEGABYTE: Final = 2**20
MOST_BYTES: Final = 256 * MEGABYTE
MOST_JSON_BYTES: Final = 48 * MEGABYTE
"""What is left of JSON in rows takes about six times its size: 100,000 buildings are 47 MB."""
MOST_UNPACKED: Final = 512 * MEGABYTE
MOST_WORKBOOK: Final = 160 * MEGABYTE
"""XML of a workbook unpacked: about 100,000 rows of 20 columns are 100 MB."""
MOST_RATIO: Final = 150
"""How many times larger a part of an archive may become; sheets and geometries stay under 50."""
RATIO_FROM: Final = 8 * MEGABYTE
MOST_MEMBERS: Final = 5_000
MOST_ROWS: Final = 1_000_000
MOST_COLUMNS: Final = 500
MOST_CELLS: Final = 12_000_000
MOST_VERTICES: Final = 3_000_000
MOST_VERTICES_OF_ONE: Final = MAX_VERTICES
MOST_NESTING: Final = 64
LONGEST_HEADER: Final = MEGABYTE


def check_bytes(path: Path, *, most: int = MOST_BYTES) -> None:
    """Refuse a file that is too large to be read.

    Raises
    ------
    InvalidInput
        It has more bytes than ``most``.
    """
    size = path.stat().st_size
    if size > most:
        message = say(
            "the file has {size} MB; at most {most} MB are read: split it",
            size=-(-size // MEGABYTE),
            most=most // MEGABYTE,
        )
        raise InvalidInput(message, file=path.name)


def check_size(rows: int, columns: int, *, source: str) -> None:
    """Refuse a table with too many rows, columns or values.

    Raises
    ------
    InvalidInput
        Any of the three is beyond its bound.
    """
    check_columns(columns, source=source)
    if rows > MOST_ROWS:
        message = say("more than {most} rows: split the file", most=MOST_ROWS)
        raise InvalidInput(message, file=source)
    if rows * columns > MOST_CELLS:
        message = say("more than {most} values (rows times columns): split the file", most=MOST_CELLS)
        raise InvalidInput(message, file=source)


def check_columns(columns: int, *, source: str) -> None:
    """Refuse a table with too many columns.

    Raises
    ------
    InvalidInput
        More than ``MOST_COLUMNS``.
    """
    if columns > MOST_COLUMNS:
        message = say("{count} columns; at most {most} are read", count=columns, most=MOST_COLUMNS)
        raise InvalidInput(message, file=source)


def check_vertices(shapes: GeometryArray, *, source: str) -> None:
    """Refuse geometries with too many vertices, in one of them or together.

    Raises
    ------
    InvalidInput
        The row of the first such geometry, or their sum.
    """
    counts = shapely.get_num_coordinates(shapes)
    over = np.flatnonzero(counts > MOST_VERTICES_OF_ONE)
    if len(over):
        raise too_many_vertices(int(counts[over[0]]), row=int(over[0]) + 1, source=source)
    check_vertex_sum(int(counts.sum()), source=source)


def too_many_vertices(count: int, *, row: int, source: str) -> InvalidInput:
    """What is said of a geometry with more than ``MOST_VERTICES_OF_ONE``."""
    message = say(
        "the geometry has {count} vertices; at most {most} are taken", count=count, most=MOST_VERTICES_OF_ONE
    )
    return InvalidInput(message, file=source, row=row, field="geometry")


def check_vertex_sum(count: int, *, source: str) -> None:
    """Refuse a file whose geometries have too many vertices together.

    Raises
    ------
    InvalidInput
        More than ``MOST_VERTICES``.
    """
    if count > MOST_VERTICES:
        message = say("{count} vertices in all; at most {most} are read", count=count, most=MOST_VERTICES)
        raise InvalidInput(message, file=source)


def check_archive(members: Iterable[zipfile.ZipInfo], *, source: str, most: int = MOST_UNPACKED) -> None:
    """Refuse an archive by its directory, before anything of it is unpacked.

    What the directory says is also what is unpacked at most: reading stops at the size named there.

    Raises
    ------
    InvalidInput
        Too many members, too large unpacked, packed suspiciously well, or locked by a password.
    """
    infos = list(members)
    if len(infos) > MOST_MEMBERS:
        message = say(
            "{count} files in the archive; at most {most} are read", count=len(infos), most=MOST_MEMBERS
        )
        raise InvalidInput(message, file=source)
    if any(info.flag_bits & 1 for info in infos):
        raise InvalidInput(say("the archive is locked by a password"), file=source)
    check_unpacked(sum(info.file_size for info in infos), source=source, most=most)
    for info in infos:
        if info.file_size > RATIO_FROM and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            message = say(
                "a part grows more than {most} times when it is unpacked: the archive is not opened",
                most=MOST_RATIO,
            )
            raise InvalidInput(message, file=source)


def check_unpacked(size: int, *, source: str, most: int = MOST_UNPACKED) -> None:
    """Refuse what would be too large once it is unpacked.

    Raises
    ------
    InvalidInput
        More bytes than ``most``.
    """
    if size > most:
        message = say(
            "{size} MB unpacked; at most {most} MB are read",
            size=-(-size // MEGABYTE),
            most=most // MEGABYTE,
        )
        raise InvalidInput(message, file=source)
