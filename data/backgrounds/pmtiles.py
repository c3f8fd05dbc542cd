"""PMTiles version 3: one file with a list of its tiles. What the list says is checked first."""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from data.backgrounds.tilearchive import EMPTY, VECTOR, Zoom, refuse_many
from gisgrid.backgrounds.mercator import Range
from gisgrid.errors import InvalidInput, say

_HEAD_BYTES: Final = 127
_LONGEST_LIST: Final = 16 * 2**20
"""Of a list, unpacked: more than a million tiles."""
_DEEPEST: Final = 4
_FARTHEST: Final = 30
_BROKEN: Final = (ValueError, KeyError, IndexError, EOFError, OverflowError, OSError, zlib.error, MemoryError)


class PMTiles:
    """A PMTiles file that is open for reading."""

    def __init__(self, path: Path, name: str) -> None:
        from pmtiles.tile import Compression, TileType, deserialize_header  # noqa: PLC0415 - rarely needed

        self._name = name
        if path.stat().st_size < _HEAD_BYTES:
            raise self._damaged()
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._head: dict[str, Any] = dict(deserialize_header(self._bytes[:_HEAD_BYTES]))
        except Exception as error:
            raise self._damaged() from error
        kind = self._head["tile_type"]
        if kind == TileType.MVT:
            raise InvalidInput(VECTOR, file=name)
        if kind not in {TileType.PNG, TileType.JPEG, TileType.WEBP}:
            said = say("its tiles are {kind}: JPEG, PNG and WebP can be shown", kind=kind.name)
            raise InvalidInput(said, file=name)
        if self._head["tile_compression"] not in {Compression.NONE, Compression.UNKNOWN}:
            raise InvalidInput("its tiles are packed once more: images are not", file=name)
        self._places = self._listed()

    def _damaged(self) -> InvalidInput:
        said = say("it can't be read to its end: it is cut short, damaged, or no {kind}", kind="PMTiles")
        return InvalidInput(said, file=self._name)

    def close(self) -> None:
        """Let go of the file."""
        self._bytes.close()

    def zooms(self) -> Sequence[Zoom]:
        """What it holds, from far to near."""
        tiles_of: dict[int, list[tuple[int, int, int]]] = {}
        for (zoom, x, y), (_offset, length) in self._places.items():
            tiles_of.setdefault(zoom, []).append((x, y, length))
        return [self._zoom(zoom, tiles_of[zoom]) for zoom in sorted(tiles_of)]

    def _zoom(self, zoom: int, tiles: list[tuple[int, int, int]]) -> Zoom:
        xs, ys, sizes = zip(*tiles, strict=True)
        return Zoom(Range(zoom, min(xs), min(ys), max(xs), max(ys)), len(tiles), sum(sizes))

    def tile(self, zoom: int, x: int, y: int) -> object:
        """One tile as it stands there, or nothing."""
        place = self._places.get((zoom, x, y))
        return self._at(*place) if place else None

    def tiles(self) -> Iterator[tuple[int, int, int, object]]:
        """Every tile: zoom, column, row and content."""
        for (zoom, x, y), place in self._places.items():
            yield zoom, x, y, self._at(*place)

    def _at(self, offset: int, length: int) -> bytes:
        begin = self._head["tile_data_offset"] + offset
        if begin + length > len(self._bytes):
            raise self._damaged()
        return self._bytes[begin : begin + length]

    def _listed(self) -> dict[tuple[int, int, int], tuple[int, int]]:
        """Where each tile stands."""
        places: dict[tuple[int, int, int], tuple[int, int]] = {}
        try:
            self._list(self._head["root_offset"], self._head["root_length"], places, depth=0)
        except _BROKEN:
            raise self._damaged() from None
        if not places:
            raise InvalidInput(EMPTY, file=self._name)
        return places

    def _list(
        self, offset: int, length: int, places: dict[tuple[int, int, int], tuple[int, int]], *, depth: int
    ) -> None:
        from pmtiles.tile import deserialize_directory, tileid_to_zxy  # noqa: PLC0415 - rarely needed

        if depth == _DEEPEST or offset + length > len(self._bytes):
            raise ValueError
        packed = self._bytes[offset : offset + length]
        self._refuse_swelling(packed)
        for entry in deserialize_directory(packed):
            if entry.run_length == 0:
                begin = self._head["leaf_directory_offset"] + entry.offset
                self._list(begin, entry.length, places, depth=depth + 1)
                continue
            refuse_many(len(places) + entry.run_length, self._name)
            for number in range(entry.run_length):
                zoom, x, y = tileid_to_zxy(entry.tile_id + number)
                if zoom > _FARTHEST:
                    raise ValueError
                places[zoom, x, y] = (entry.offset, entry.length)

    def _refuse_swelling(self, packed: bytes) -> None:
        """A list is unpacked whole by the library: not one that becomes gigabytes."""
        unpacking = zlib.decompressobj(wbits=31)
        unpacking.decompress(packed, _LONGEST_LIST)
        if not unpacking.eof:
            raise ValueError
