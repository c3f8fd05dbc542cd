"""The interface's own description."""

from __future__ import annotations

from typing import cast

import orjson
from flask import Response, current_app
from flask_openapi3.openapi import OpenAPI

from web.blueprints import Pages
from web.security.gate import EVERY_PART, Open

document_api = Pages("api_document", __name__, parts=EVERY_PART, url_prefix="/api/v1")


@document_api.get("/openapi.json", right=Open.PUBLIC)
def openapi() -> Response:
    """The OpenAPI 3.1 document. It holds no data, so that everybody may read it."""
    document = cast("OpenAPI", current_app).api_doc
    response = Response(orjson.dumps(document), content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response
