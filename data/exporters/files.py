"""The forms of files by their endings, and how one comes to its place whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.exporters.frame import ExportSheet
from data.exporters.geojson import write_geojson
from data.exporters.origin import Origin
from data.exporters.tables import write_csv, write_xlsx
from data.exporters.vector import write_geopackage, write_shapefile, write_zipped_shapefile
from gisgrid.errors import InvalidInput, say

Writer = Callable[[Path, ExportSheet, Origin], int]
"""Writes a file and says how many texts had to be cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of file: how it is written, whether it needs shapes, its media type."""

    write: Writer
    media: str
    needs_shapes: bool = False


_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Final[dict[str, Form]] = {
    ".csv": Form(write=write_csv, media="text/csv; charset=utf-8"),
    ".xlsx": Form(write=write_xlsx, media=_SPREADSHEET),
    ".geojson": Form(write=write_geojson, media="application/geo+json", needs_shapes=True),
    ".gpkg": Form(write=write_geopackage, media="application/geopackage+sqlite3", needs_shapes=True),
    ".shp": Form(write=write_shapefile, media="application/octet-stream", needs_shapes=True),
    ".zip": Form(write=write_zipped_shapefile, media="application/zip", needs_shapes=True),
}


def form_of(name: str, *, has_shapes: bool) -> Form:
    """The form that a file's ending names.

    Raises
    ------
    InvalidInput
        No such form, or one for shapes while the layer is a table.
    """
    suffix = Path(name).suffix.lower()
    form = FORMS.get(".geojson" if suffix == ".json" else suffix)
    if form is None:
        raise InvalidInput(say("the file must end in {endings}", endings=", ".join(FORMS)), field="format")
    if form.needs_shapes and not has_shapes:
        message = say("this table has no shapes: write it as .csv or .xlsx")
        raise InvalidInput(message, field="format")
    return form


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """A name in a new folder beside ``out``: what is written there comes to its place whole or not at all.

    Raises
    ------
    InvalidInput
        The folder of ``out`` isn't there.
    OSError
        The disk is full, or the folder can't be written.
    """
    folder = out.absolute().parent
    if not folder.is_dir():
        raise InvalidInput(say("the folder of the output isn't there"), file=str(out))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as temporary:
        yield Path(temporary) / out.name
        for made in sorted(Path(temporary).iterdir()):
            made.replace(folder / made.name)
