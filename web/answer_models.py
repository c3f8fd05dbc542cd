"""How the interface's description is made from the types of answers, and the envelopes around their rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from typing_extensions import TypedDict

from gisgrid.figures.tables import FigureMeta

Responses = dict[str | int, type[BaseModel] | dict[Any, Any] | None]
Row = TypeVar("Row")


class Rows(TypedDict, Generic[Row]):
    """A list of what is of one kind."""

    rows: list[Row]


class RowPage(TypedDict, Generic[Row]):
    """A page of a list, and how many there are in all."""

    rows: list[Row]
    total: int


class SearchAnswer(TypedDict, Generic[Row]):
    """What was found, in the order of the question or the likeliest first."""

    results: list[Row]


class Figures(TypedDict, Generic[Row]):
    """Figures by area or place, and what their legend says of them."""

    rows: list[Row]
    meta: FigureMeta


class FigureRows(TypedDict):
    """Figures by area; numbers that are withheld are null and named in the row's `suppressed`."""

    rows: list[dict[str, Any]]
    meta: FigureMeta


class _Described(BaseModel):
    """An answer as its ``TypedDict`` describes it, in the form that flask-openapi3 takes."""

    answer: ClassVar[Any]

    @classmethod
    def model_json_schema(cls, *_args: Any, **options: Any) -> JsonSchemaValue:
        """The schema of the answer under the name of this model."""
        options.pop("by_alias", None)
        return {**TypeAdapter(cls.answer).json_schema(**options), "title": cls.__name__}


def described(responses: Mapping[str, Any]) -> Responses:
    """The responses of a route, with a model for each answer that is described by its type."""
    return {status: _model(what) if _is_typed(what) else what for status, what in responses.items()}


def _is_typed(what: Any) -> bool:
    return what is not None and not isinstance(what, dict) and not _is_model(what)


def _is_model(what: Any) -> bool:
    return isinstance(what, type) and issubclass(what, BaseModel)


@cache
def _model(answer: Any) -> type[BaseModel]:
    return type(_name(answer), (_Described,), {"answer": answer, "__module__": __name__})


def _name(answer: Any) -> str:
    """What a type is called, like ``RowsOfCasePoint``."""
    if isinstance(answer, UnionType):
        return "Or".join(map(_name, get_args(answer)))
    own: str = (get_origin(answer) or answer).__name__
    return "Of".join([own, *map(_name, get_args(answer))])


UNCHANGED: Final[Responses] = {"304": {"description": "What the asker has is still right"}}


def file_response(media_type: str, description: str) -> Responses:
    """A file to be kept, under its media type."""
    schema = {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}
    return {"200": {"description": description, "content": {media_type: {"schema": schema}}}}


TABLE: Final = file_response(
    "text/csv",
    "UTF-8 with a byte order mark. Asked for with a token, heads are the names of the JSON fields (an "
    "inner one joined to its outer one by `_`) and words are codes, in any language; with a cookie, both are "
    "in the reader's language.",
)
"""A table as CSV."""


class ShapeFeature(TypedDict):
    """A GeoJSON feature in EPSG:4326; one that is gone has no geometry."""

    type: Literal["Feature"]
    id: str | None
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class Shapes(TypedDict):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[ShapeFeature]


GEOJSON: Final[Responses] = {
    "200": {
        "description": "GeoJSON",
        "content": {"application/geo+json": {"schema": {"$ref": "#/components/schemas/Shapes"}}},
    }
}
"""Where `Shapes` is described by another route."""
