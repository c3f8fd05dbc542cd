"""GeoPackage, Shapefile and Parquet through their libraries, whose complaints become our sentences."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

# By name, since geopandas loads it late: it must come before any SpatiaLite, or an older GEOS wins.
import pyogrio

from data.importers.readers.archives import ending_of, name_of, opened_archive, stem_of, unpack, whole_name
from data.importers.readers.dbf import text_fields
from data.importers.readers.encodings import encoding_of_fields
from data.importers.readers.limits import check_bytes, check_size, check_unpacked, check_vertices
from data.importers.readers.quiet import quiet_libraries
from data.importers.readers.table import FileTable
from gisgrid.crs import Crs
from gisgrid.errors import InvalidInput, Sentence, say
from gisgrid.geometry.lattice import as_array

_LONGEST_HEADER: Final = 32
_SIDECARS: Final = (".shp", ".dbf", ".shx", ".prj", ".cpg")


def read_geopackage(path: Path, layer: str | None) -> FileTable:
    """One layer of a GeoPackage: the named one, else the only one with geometries, else the only one."""
    check_bytes(path)
    with quiet_libraries(path.name):
        layers = pyogrio.list_layers(path)
    spatial = [str(name) for name, kind in layers if kind is not None]
    names = spatial or [str(name) for name, _ in layers]
    return _read(path, layer=chosen_layer(names, layer, source=path.name), source=path.name)


def chosen_layer(names: list[str], layer: str | None, *, source: str) -> str:
    """The layer named, else the only one there is.

    Raises
    ------
    InvalidInput
        It isn't there, or there is not exactly one and none is named.
    """
    if not names:
        raise InvalidInput(say("there is no layer in the file"), file=source)
    listed = ", ".join(names)
    if layer is not None and layer not in names:
        raise InvalidInput(
            say("no layer {layer!r}; there are: {names}", layer=layer, names=listed), file=source
        )
    if layer is None and len(names) != 1:
        raise InvalidInput(say("one layer is needed, name it; there are: {names}", names=listed), file=source)
    return layer or names[0]


def read_shapefile(path: Path, layer: str | None) -> FileTable:
    """A Shapefile; its texts in the encoding their bytes show, else what its .cpg says, else GB18030."""
    del layer
    parts = [(part, _needed(path, part)) for part in (".shp", ".dbf", ".shx")]
    for part, file in parts:
        check_bytes(file)
        _check_whole(file, part, source=path.name)
    encoding, notes = _encoding(path)
    return replace(_read(path, source=path.name, encoding=encoding), notes=notes)


def _part(path: Path, ending: str) -> Path | None:
    options = (path.with_suffix(ending), path.with_suffix(ending.upper()))
    return next((part for part in options if part.is_file()), None)


def _needed(path: Path, ending: str) -> Path:
    file = _part(path, ending)
    if file is None:
        raise InvalidInput(say("the Shapefile lacks its {part} file", part=ending), file=path.name)
    return file


def _check_whole(path: Path, part: str, *, source: str) -> None:
    """Refuse a part that is shorter than its header says: its last records would read as empty ones."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_LONGEST_HEADER)
    if len(header) < _LONGEST_HEADER:
        needed = size + 1
    elif part == ".dbf":
        records, start, length = struct.unpack_from("<IHH", header, 4)
        needed = start + records * length
    else:
        needed = 2 * int(struct.unpack_from(">I", header, 24)[0])
    if size < needed:
        raise InvalidInput(say("the {part} file of the Shapefile is cut off", part=part), file=source)


def _encoding(path: Path) -> tuple[str | None, tuple[Sentence, ...]]:
    """What to decode a Shapefile's texts by, and whether its .cpg says something else."""
    cpg, table = _part(path, ".cpg"), _part(path, ".dbf")
    said = cpg.read_bytes()[:80].decode("ascii", errors="replace").strip() if cpg else None
    encoding, is_wrong = encoding_of_fields(text_fields(table) if table else [], said)
    if not is_wrong:
        return encoding, ()
    note = say(
        "the .cpg file says {said}, but the texts are {found}: read as that", said=said, found=encoding
    )
    return encoding, (note,)


def read_zip(path: Path, layer: str | None) -> FileTable:
    """A zipped Shapefile, in any folder of the archive; of several the one named by ``layer``.

    Other files of the archive do not matter; names packed as GBK are read as that.
    """
    with opened_archive(path) as archive, tempfile.TemporaryDirectory() as folder:
        names = {info.filename: name_of(info) for info in archive.infolist() if not info.is_dir()}
        shapes = [name for name in names.values() if ending_of(name) == ".shp" and "__MACOSX" not in name]
        by_name = {stem_of(name): name for name in shapes}
        chosen = by_name[chosen_layer(sorted(by_name), layer, source=path.name)]
        parts = {
            ending_of(names[info.filename]): info
            for info in archive.infolist()
            if info.filename in names and whole_name(names[info.filename]) == whole_name(chosen)
        }
        for ending in _SIDECARS:
            if ending in parts:
                unpack(archive, parts[ending], Path(folder) / f"layer{ending}")
        table = _renamed(Path(folder) / "layer.shp", source=path.name, read=read_shapefile)
    return replace(table, source=path.name)


def _renamed(path: Path, *, source: str, read: Callable[[Path, str | None], FileTable]) -> FileTable:
    """What reading a file of ours gives, with faults that name the file it came in."""
    try:
        return read(path, None)
    except InvalidInput as error:
        raise type(error)([replace(fault, file=source) for fault in error.faults]) from None


def _read(path: Path, *, source: str, layer: str | None = None, encoding: str | None = None) -> FileTable:
    with quiet_libraries(source):
        info = pyogrio.read_info(path, layer=layer, encoding=encoding, force_feature_count=True)
    check_size(int(info["features"]), len(info["fields"]), source=source)
    with quiet_libraries(source):
        frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding)
    for name, kind in zip(info["fields"], info["dtypes"], strict=True):
        if str(kind).startswith("int") and name in frame and pd.api.types.is_float_dtype(frame[name]):
            # Whole numbers with gaps come as floats; as they stand in the file they are whole.
            frame[name] = frame[name].astype("Int64")
    return _table(frame, source=source)


def _table(frame: pd.DataFrame, *, source: str) -> FileTable:
    if not isinstance(frame, gpd.GeoDataFrame):
        return FileTable(frame=frame, has_geometry=False, crs=None, source=source)
    check_vertices(as_array(frame.geometry.to_numpy()), source=source)
    crs: Crs | None = frame.crs
    return FileTable(frame=frame, has_geometry=True, crs=crs, source=source)


def read_parquet(path: Path, layer: str | None) -> FileTable:
    """A Parquet or GeoParquet file."""
    del layer
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to load, and few files are Parquet

    check_bytes(path)
    with quiet_libraries(path.name):
        metadata = pq.read_metadata(path)
    check_size(metadata.num_rows, metadata.num_columns, source=path.name)
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    check_unpacked(unpacked, source=path.name)
    with quiet_libraries(path.name):
        is_spatial = b"geo" in (metadata.metadata or {})
        frame = gpd.read_parquet(path) if is_spatial else pd.read_parquet(path)
    return _table(frame.reset_index(drop=True), source=path.name)
