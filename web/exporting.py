"""One export as an answer: written to a folder of its own, kept in the audit trail, then streamed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from data.exporters.layer import Layer, Wish
from data.exporters.layers import LAYERS
from data.exporters.running import Ask, export
from data.exporters.writing import FORMS, form_of
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.look import Look
from gisgrid.areas.models import Level
from gisgrid.errors import NotFound
from web.api.answers import audited_look
from web.api.asking import AskedPeriod
from web.context import current_actor, is_program, now
from web.i18n import current_language

FORMATS: Final = ("xlsx", "csv", "gpkg", "zip", "geojson")
"""Forms that are one file; ``zip`` is a shapefile."""
_PIECE: Final = 2**16
_NOT_IN_NAMES: Final = re.compile(r"[^\w\-]+")


class AskedExport(AskedPeriod):
    """As of which day, in which CRS or datum; for some layers of which level and which days."""

    model_config = ConfigDict(extra="ignore")

    crs: str | None = Field(
        default=None, max_length=40, description="An EPSG code, GCJ-02 or BD-09; default EPSG:4326."
    )
    level: Level = Level.GRID

    def wish(self, look: Look) -> Wish:
        """In the exporters' form; without days, cases of all time and figures of a year."""
        is_dated = self.first is not None or self.last is not None
        return Wish(now=now(), level=self.level, period=self.period(look) if is_dated else None)


class NamedExport(BaseModel):
    """A layer and a form of file in a path."""

    layer: str = Field(max_length=40)
    format: str = Field(max_length=10)


def asked_layer(name: str) -> Layer:
    """A layer that the actor may export.

    Raises
    ------
    NotFound
        There is none of this name.
    NotAllowed
        The role lacks the right.
    """
    require(current_actor(), Action.EXPORTS_MAKE)
    layer = LAYERS.get(name)
    if layer is None:
        raise NotFound("there is no layer of this name")
    require(current_actor(), layer.action)
    return layer


def formats_of(layer: Layer) -> list[str]:
    """The forms of file a layer can be written in."""
    return [name for name in FORMATS if layer.geometry is not None or not FORMS[f".{name}"].needs_shapes]


def exported(named: NamedExport, query: AskedExport) -> Response:
    """The file, streamed from a disk where it has no name any more.

    Raises
    ------
    NotFound
        No such layer or form of file.
    NotAllowed
        The role lacks the right.
    InvalidInput
        The layer has no such form, or the CRS is unknown or doesn't reach there.
    """
    layer = asked_layer(named.layer)
    if named.format not in FORMATS:
        raise NotFound("there is no such form of file")
    form = form_of(f"x.{named.format}", has_shapes=layer.geometry is not None)
    in_chinese = current_language() == "zh"
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        out = Path(folder) / f"{layer.name}.{named.format}"
        with audited_look(query.asked) as look:
            words = in_chinese and not is_program()
            ask = Ask(layer=layer, wish=query.wish(look), crs=query.crs, in_chinese=words)
            made = export(look, ask, out)
            day = look.when.day.isoformat()
        size, file = out.stat().st_size, out.open("rb")
    response = Response(_pieces(file), content_type=form.media)
    response.content_length = size
    response.call_on_close(file.close)
    response.headers["Cache-Control"] = "no-store"
    place = "" if made.reference == "EPSG:4326" else _NOT_IN_NAMES.sub("-", f"-{made.reference}")
    _name(response, layer, f"-{day}{place}.{named.format}", in_chinese=in_chinese)
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _name(response: Response, layer: Layer, rest: str, *, in_chinese: bool) -> None:
    """A name for every browser, and the Chinese one (RFC 6266) for those that read it: all of today."""
    plain = f"{layer.name}{rest}"
    told = quote(f"{layer.title if in_chinese else layer.name}{rest}")
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{told}"
