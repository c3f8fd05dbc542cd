"""Exports: what may be taken out, and the files."""

from __future__ import annotations

from flask import Response
from typing_extensions import TypedDict

from data.exporters.files import FORMS
from data.exporters.layer import Geometry
from data.exporters.run import layers_for
from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from web.answer_models import Responses, Rows
from web.answers import json_answer
from web.blueprints import Api
from web.context import current_actor
from web.exports.answer import FORMATS, ExportQuery, NamedExport, exported, formats_of
from web.i18n import current_language
from web.problems import PROBLEM_RESPONSE

exports_api = Api("exports", __name__, part=ApiPart.PEOPLE)


def _schema(name: str) -> dict[str, str]:
    return {"type": "object"} if name == "geojson" else {"type": "string", "format": "binary"}


def _content(*, is_part: bool = False) -> dict[str, dict[str, dict[str, str]]]:
    forms = {name: FORMS[f".{name}"].media.partition(";")[0] for name in FORMATS}
    return {media: {"schema": _schema("part" if is_part else name)} for name, media in forms.items()}


_FILE: Responses = {
    "200": {"description": "The file, by the form its path names", "content": _content()},
    "206": {
        "description": "A range of the file, which is kept for some minutes so that all ranges are of one",
        "content": _content(is_part=True),
    },
    "416": PROBLEM_RESPONSE,
}


class ExportRow(TypedDict):
    """A layer that may be exported, the forms it is written in, and which wishes count for it."""

    layer: str
    title: str
    formats: list[str]
    geometry: Geometry | None
    personal: bool
    level: bool
    period: bool


@exports_api.get("/exports", right=Action.EXPORTS_MAKE, responses={"200": Rows[ExportRow]})
def listing() -> Response:
    """The layers the account may export. What is in each file is limited by its scope."""
    in_chinese = current_language() == "zh"
    rows: list[ExportRow] = [
        {
            "layer": layer.name,
            "title": layer.title if in_chinese else layer.title_en,
            "formats": formats_of(layer),
            "geometry": layer.geometry,
            "personal": layer.is_personal,
            "level": layer.of_level,
            "period": layer.of_period,
        }
        for layer in layers_for(current_actor())
    ]
    return json_answer({"rows": rows})


@exports_api.get("/exports/<layer>.<format>", right=Action.EXPORTS_MAKE, responses=_FILE)
def file(path: NamedExport, query: ExportQuery) -> Response:
    """A layer as a file. Leaves an audit entry; the file says who exported it, when and as of which day.

    Who asks for a range (``Range: bytes=``), or for the head alone, gets it out of a file that is made once
    and kept for some minutes, so that GDAL reads it by its URL.

    ``format``: xlsx, csv, gpkg, geojson, or zip (a shapefile). Tables have no form for maps: 422. The
    heads and words of tables are in the reader's language; with a token they are the names and codes of
    fields.
    """
    return exported(path, query)
