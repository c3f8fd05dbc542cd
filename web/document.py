"""The interface's own description."""

from __future__ import annotations

from typing import cast

import orjson
from flask import Blueprint, Response, current_app
from flask_openapi3.openapi import OpenAPI

document_api = Blueprint("api_document", __name__, url_prefix="/api/v1")


@document_api.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI 3.1 document. It holds no data, so that everybody may read it."""
    document = cast("OpenAPI", current_app).api_doc
    response = Response(orjson.dumps(document), content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response
