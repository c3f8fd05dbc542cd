"""A visit or a verification never needs a position, a photo or a track."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask_openapi3.openapi import OpenAPI

ENFORCING = {"position", "lon", "lat", "photo", "photos", "picture", "track"}
AT_THE_DOOR = re.compile(r"visit|verif|edits|persons|records|door")


def test_no_verification_or_visit_asks_for_a_position_or_a_photo(lite_app: OpenAPI) -> None:
    document: Any = lite_app.test_client().get("/api/v1/openapi.json").json
    schemas = document["components"]["schemas"]
    asked = {
        (path, name): set(schemas[name].get("required", ())) & ENFORCING
        for path, name in bodies_of(document)
        if AT_THE_DOOR.search(path)
    }
    assert asked
    assert not {body: names for body, names in asked.items() if names}


def bodies_of(document: Any) -> Iterator[tuple[str, str]]:
    """Paths with the names of the bodies that they take."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if reference := content["schema"].get("$ref"):
                    yield path, reference.rpartition("/")[2]
