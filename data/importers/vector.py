"""GeoPackage, Shapefile and Parquet through their libraries, whose complaints become our sentences."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

import geopandas as gpd
import pandas as pd

# By name, since geopandas loads it late: it must come before any SpatiaLite, or an older GEOS wins.
import pyogrio

from data.importers.quiet import quiet_libraries
from data.importers.table import Table
from gisgrid.crs import Crs
from gisgrid.errors import InvalidInput

_SIDECARS: Final = (".shp", ".dbf", ".shx", ".prj", ".cpg")
_MOST_UNPACKED: Final = 8 * 2**30
_LOST_SHARE: Final = 0.05
"""Share of undecodable places up to which a text still passes for UTF-8: fields cut a character in two."""


def read_geopackage(path: Path, layer: str | None) -> Table:
    """One layer of a GeoPackage: the named one, else the only one with geometries, else the only one."""
    with quiet_libraries(path.name):
        layers = pyogrio.list_layers(path)
    spatial = [str(name) for name, kind in layers if kind is not None]
    names = spatial or [str(name) for name, _ in layers]
    return _read(path, layer=_chosen(names, layer, source=path.name), source=path.name)


def _chosen(names: list[str], layer: str | None, *, source: str) -> str:
    if layer is not None and layer not in names:
        raise InvalidInput(f"no layer {layer!r}; there are: {', '.join(names)}", file=source)
    if layer is None and len(names) != 1:
        listed = ", ".join(names) or "none"
        raise InvalidInput(f"one layer is needed, name it; there are: {listed}", file=source)
    return layer or names[0]


def read_shapefile(path: Path, layer: str | None) -> Table:
    """A Shapefile; without .cpg its texts are UTF-8 if they read as that, else GB18030."""
    del layer
    for part in (".dbf", ".shx"):
        if not any(path.with_suffix(ending).is_file() for ending in (part, part.upper())):
            raise InvalidInput(f"the Shapefile lacks its {part} file", file=path.name)
    return _read(path, source=path.name, encoding=_encoding(path))


def read_zip(path: Path, layer: str | None) -> Table:
    """A zipped Shapefile, in any folder of the archive; of several the one named by ``layer``."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            members = [name for name in archive.namelist() if name.lower().endswith(".shp")]
            by_name = {PurePosixPath(name).stem: name for name in members if "__MACOSX" not in name}
            chosen = by_name[_chosen(sorted(by_name), layer, source=path.name)]
            target = _unpacked(archive, chosen, Path(folder), source=path.name)
            table = read_shapefile(target, None)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, RuntimeError, NotImplementedError):
        raise InvalidInput("the archive can't be opened; it may be cut off", file=path.name) from None
    return Table(frame=table.frame, has_geometry=table.has_geometry, crs=table.crs, source=path.name)


def _unpacked(archive: zipfile.ZipFile, member: str, folder: Path, *, source: str) -> Path:
    """The parts of one Shapefile under a plain name of ours: names in archives may be anything."""
    parts = {
        PurePosixPath(info.filename).suffix.lower(): info
        for info in archive.infolist()
        if str(PurePosixPath(info.filename).with_suffix("")) == str(PurePosixPath(member).with_suffix(""))
    }
    wanted = {ending: parts[ending] for ending in _SIDECARS if ending in parts}
    if sum(info.file_size for info in wanted.values()) > _MOST_UNPACKED:
        raise InvalidInput("the archive is too large unpacked", file=source)
    for ending, info in wanted.items():
        with archive.open(info) as packed, (folder / f"layer{ending}").open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    return folder / "layer.shp"


def _encoding(path: Path) -> str | None:
    """What to decode a Shapefile's texts by; None leaves it to its .cpg, or where all is ASCII."""
    if any(path.with_suffix(ending).is_file() for ending in (".cpg", ".CPG")):
        return None
    table = next(
        path.with_suffix(ending) for ending in (".dbf", ".DBF") if path.with_suffix(ending).is_file()
    )
    raw = table.read_bytes()
    # The first 32 bytes are dates and sizes; names of fields and all records follow.
    text = raw[32:]
    beyond_ascii = len(text) - len(text.decode("ascii", errors="ignore"))
    if not beyond_ascii:
        return None
    lost = text.decode("utf-8", errors="replace").count("\ufffd")
    return "UTF-8" if lost <= _LOST_SHARE * beyond_ascii else "GB18030"


def _read(path: Path, *, source: str, layer: str | None = None, encoding: str | None = None) -> Table:
    with quiet_libraries(source):
        info = pyogrio.read_info(path, layer=layer, encoding=encoding)
        frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding)
    for name, kind in zip(info["fields"], info["dtypes"], strict=True):
        if str(kind).startswith("int") and name in frame and pd.api.types.is_float_dtype(frame[name]):
            # Whole numbers with gaps come as floats; as they stand in the file they are whole.
            frame[name] = frame[name].astype("Int64")
    return _table(frame, source=source)


def _table(frame: pd.DataFrame, *, source: str) -> Table:
    if not isinstance(frame, gpd.GeoDataFrame):
        return Table(frame=frame, has_geometry=False, crs=None, source=source)
    crs: Crs | None = frame.crs
    return Table(frame=frame, has_geometry=True, crs=crs, source=source)


def read_parquet(path: Path, layer: str | None) -> Table:
    """A Parquet or GeoParquet file."""
    del layer
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to load, and few files are Parquet

    with quiet_libraries(path.name):
        is_spatial = b"geo" in (pq.read_schema(path).metadata or {})
        frame = gpd.read_parquet(path) if is_spatial else pd.read_parquet(path)
    return _table(frame.reset_index(drop=True), source=path.name)
