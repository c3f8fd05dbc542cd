"""What the interface's description says of edits is what the application takes."""

from __future__ import annotations

import json
from typing import Any

from flask_openapi3.openapi import OpenAPI

from gisgrid.redraw.edits.kinds import EDITS
from tests import ROOT

DESCRIBED = ROOT / "tests" / "web" / "edit_schemas.json"
"""The schemas of edits that programs know, without titles and descriptions."""


def bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    words = [name for name in ("title", "description") if isinstance(schema.get(name), str)]
    return {name: bare(one) for name, one in schema.items() if name not in words}


def described(app: OpenAPI) -> dict[str, Any]:
    """The schema of each edit, as the interface tells it."""
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    return {one["title"]: one for one in document["components"]["schemas"]["SentEdit"]["oneOf"]}


def test_every_edit_is_described_as_programs_know_it(lite_app: OpenAPI) -> None:
    schemas = described(lite_app)
    assert bare(schemas) == json.loads(DESCRIBED.read_text(encoding="utf-8"))
    assert all(schema["description"] for schema in schemas.values())


def test_every_edit_is_described_with_the_fields_it_reads(lite_app: OpenAPI) -> None:
    for op, schema in described(lite_app).items():
        names = {field.alias or name for name, field in EDITS[op].model_fields.items()}
        both = {"area", "grid"} if "anyOf" in schema else set()
        assert schema["properties"].keys() == names | both
