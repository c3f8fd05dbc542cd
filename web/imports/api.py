"""Templates of the files that can be imported."""

from __future__ import annotations

from typing import Final, Literal

from flask import Response
from pydantic import BaseModel, Field

from data.importers.kinds.fields import KINDS
from data.importers.templates import template
from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.errors import NotFound
from web.answer_models import Responses
from web.blueprints import Api

imports_api = Api("imports", __name__, part=ApiPart.ADMIN)

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


_FILE: Final[Responses] = {
    "200": {
        "description": "The file, in the form that is asked for",
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for media in _TYPES.values()
        },
    }
}


class KindOfFile(BaseModel):
    """What a file holds."""

    kind: str = Field(max_length=20, description=f"One of: {', '.join(KINDS)}")


class TemplateQuery(BaseModel):
    """A template as one kind of file."""

    format: Literal["csv", "xlsx"] = "xlsx"


@imports_api.get("/imports/<kind>/template", right=Action.IMPORTS_VIEW, responses=_FILE)
def file_template(path: KindOfFile, query: TemplateQuery) -> Response:
    """A file to fill in: headers in Chinese, an example that imports skip, and what each column means."""
    if path.kind not in KINDS:
        raise NotFound("there is no import of this kind")
    response = Response(template(path.kind, query.format), content_type=_TYPES[query.format])
    file = f"gisgrid-{path.kind}.{query.format}"
    response.headers.set("Content-Disposition", "attachment", filename=file)
    return response
