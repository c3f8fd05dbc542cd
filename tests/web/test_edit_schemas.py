"""What the interface's description says of edits is what the application takes."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from gisgrid.redraw.edits.forms import FIELDS, ONE_AREA


def test_every_edit_is_described_with_its_fields(lite_app: OpenAPI) -> None:
    document = lite_app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    described = {one["title"]: one for one in document["components"]["schemas"]["SentEdit"]["oneOf"]}
    assert described.keys() == FIELDS.keys()
    for op, schema in described.items():
        both = {"area", "grid"} if op in ONE_AREA else set()
        assert schema["properties"].keys() == FIELDS[op] | both | {"op"}, op
        assert schema["additionalProperties"] is False
