"""The interface's description is valid and says how it fails."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI
from openapi_spec_validator import OpenAPIV31SpecValidator


def test_the_document_is_valid_openapi_3_1(lite_app: OpenAPI) -> None:
    answer = lite_app.test_client().get("/api/v1/openapi.json")
    assert answer.json is not None
    assert answer.json["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(answer.json).validate()


def test_faults_are_described_as_problems(lite_app: OpenAPI) -> None:
    document = lite_app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    assert {"Problem", "ProblemFault"} <= set(document["components"]["schemas"])
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            described = operation["responses"]["422"]["content"]
            assert set(described) == {"application/problem+json"}, (path, method)
