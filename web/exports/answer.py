"""One export as an answer: written to a folder of its own, kept in the audit trail, then streamed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.wsgi import FileWrapper

from data.exporters.files import FORMS, form_of
from data.exporters.kept_files import KeptFile, KeptFiles
from data.exporters.layer import ExportRequest, Layer
from data.exporters.layers import LAYERS
from data.exporters.run import Ask, export
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from web.answers import audited_view
from web.context import current_actor, is_program, now, services
from web.i18n import current_language
from web.request_models import PeriodQuery

FORMATS: Final = ("xlsx", "csv", "gpkg", "zip", "geojson")
"""Forms that are one file; ``zip`` is a shapefile."""
_PIECE: Final = 2**16
_NOT_IN_NAMES: Final = re.compile(r"[^\w\-]+")


class ExportQuery(PeriodQuery):
    """As of which day, in which CRS or datum; for some layers of which level and which days."""

    model_config = ConfigDict(extra="ignore")

    crs: str | None = Field(
        default=None, max_length=40, description="An EPSG code, GCJ-02 or BD-09; default EPSG:4326."
    )
    level: Level = Level.GRID

    def wish(self, view: View) -> ExportRequest:
        """In the exporters' form; without days, cases of all time and figures of a year."""
        is_dated = self.first is not None or self.last is not None
        return ExportRequest(now=now(), level=self.level, period=self.period(view) if is_dated else None)


class NamedExport(BaseModel):
    """A layer and a form of file in a path."""

    layer: str = Field(max_length=40)
    format: str = Field(max_length=10)


def exportable_layer(name: str) -> Layer:
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


def exported(named: NamedExport, query: ExportQuery) -> Response:
    """The file, streamed from a disk where it has no name any more; or a range of it.

    Who asks for ranges, or how large the file is, gets all of it out of one file that is kept for minutes,
    sealed, and for the same rights alone. Making it is what the audit trail notes.

    Raises
    ------
    NotFound
        No such layer or form of file.
    NotAllowed
        The role lacks the right.
    InvalidInput
        The layer has no such form, or the CRS is unknown or doesn't reach there.
    """
    layer = exportable_layer(named.layer)
    if named.format not in FORMATS:
        raise NotFound("there is no such form of file")
    form = form_of(f"x.{named.format}", has_shapes=layer.geometry is not None)
    if request.method == "HEAD" or request.range is not None:
        return _in_pieces(_kept(layer, named, query), form.media)
    with _written(layer, named.format, query) as (out, name):
        size, file = out.stat().st_size, out.open("rb")
    response = Response(_pieces(file), content_type=form.media)
    response.content_length = size
    response.call_on_close(file.close)
    response.headers["Accept-Ranges"] = "bytes"
    return _named(response, name)


@contextmanager
def _written(layer: Layer, ending: str, query: ExportQuery) -> Iterator[tuple[Path, str]]:
    """The file for as long as the block lasts, and what it is called for who saves it."""
    in_chinese = current_language() == "zh"
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        out = Path(folder) / f"{layer.name}.{ending}"
        with audited_view(query.view_request) as view:
            words = in_chinese and not is_program()
            ask = Ask(layer=layer, wish=query.wish(view), crs=query.crs, in_chinese=words)
            made = export(view, ask, out)
            day = view.when.day.isoformat()
        place = "" if made.reference == "EPSG:4326" else _NOT_IN_NAMES.sub("-", f"-{made.reference}")
        yield out, _disposition(layer, f"-{day}{place}.{ending}", in_chinese=in_chinese)


def _kept(layer: Layer, named: NamedExport, query: ExportQuery) -> KeptFile:
    """The file that answers this question for this actor, made now if none is kept."""
    store = KeptFiles(services().settings.kept_exports, services().keys)
    asked = _question(named, query)
    kept_file = store.find(asked)
    if kept_file is not None:
        return kept_file
    with _written(layer, named.format, query) as (out, name):
        return store.keep(asked, out, name=name)


def _question(named: NamedExport, query: ExportQuery) -> str:
    """What is asked for, by whom, with which rights: other rights are another question."""
    actor = current_actor()
    rights = (actor.account_id, actor.role, sorted(actor.areas), sorted(actor.buildings), actor.worker_id)
    asked_for = (named.model_dump_json(), query.model_dump_json(), current_language(), is_program())
    return repr((rights, asked_for))


def _in_pieces(kept: KeptFile, media: str) -> Response:
    response = Response(FileWrapper(kept.content, _PIECE), content_type=media)
    response.call_on_close(kept.content.close)
    response.content_length = kept.size
    response.set_etag(kept.tag)
    if not kept.is_new:
        response.headers["Age"] = str(int(kept.age_s))
    asked = dict(request.environ)
    if request.range is not None and len(request.range.ranges) != 1:
        del asked["HTTP_RANGE"]  # who wants several ranges at once may be given the whole
    response.make_conditional(asked, accept_ranges=True, complete_length=kept.size)
    return _named(response, kept.name)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _named(response: Response, disposition: str) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = disposition
    return response


def _disposition(layer: Layer, rest: str, *, in_chinese: bool) -> str:
    """A name for every browser, and the Chinese one (RFC 6266) for those that read it: all of today."""
    plain = f"{layer.name}{rest}"
    title = quote(f"{layer.title if in_chinese else layer.name}{rest}")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{title}"
