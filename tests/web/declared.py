"""Every answer of the interface is held against its description, which leaves nothing out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import jsonschema_rs
from flask import Response, request
from flask_openapi3.openapi import OpenAPI
from jsonschema import Draft202012Validator

WATCHED: Final = tuple(
    f"api_{name}." for name in ("redraw", "planning", "proposals", "handover", "revisions", "exports")
)
"""Routes of plans and revisions."""
INTERFACE: Final = "api_"
UNDESCRIBED: Final = "api_document"
"""The description doesn't describe itself."""
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")

Answer = tuple[str, str, str, str, bytes]
"""Path of the description, method, status, media type, body."""


class Watch:
    """What an application has answered on its interface while it was tested."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, self.answers = app, set[Answer]()
        app.extensions["watch"] = self
        self.broken: set[str] = set()
        """What a test breaks on purpose: ``GET /api/v1/households/{id} 500``."""
        app.after_request(self._note)

    def _note(self, response: Response) -> Response:
        room = request.blueprint or ""
        is_watched = room.startswith(INTERFACE) and room != UNDESCRIBED
        if is_watched and request.url_rule is not None and request.method not in {"HEAD", "OPTIONS"}:
            path = described(str(request.url_rule))
            status = str(response.status_code)
            body = b"" if response.direct_passthrough or response.is_streamed else response.get_data()
            self.answers.add((path, request.method.lower(), status, response.mimetype or "", body))
        return response

    def faults(self) -> list[str]:
        """What was answered and is not described, in words."""
        if not self.answers:
            return []
        description = description_of(self.app)
        faults = (description.fault_of(answer) for answer in self.answers)
        return [fault for fault in faults if fault is not None and fault not in self.broken]


class Description:
    """A description, whose schemas are compiled once for all answers that are held against them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._is_valid: dict[str, Callable[[Any], bool]] = {}
        """By the text of a schema: what many operations say of a status is compiled once for all of them."""

    def fault_of(self, answer: Answer) -> str | None:
        """What the description doesn't say of an answer: its status, its media type, or what is in it."""
        path, method, status, kind, body = answer
        where = f"{method.upper()} {path} {status}"
        found = self.document["paths"].get(path, {}).get(method, {}).get("responses", {}).get(status)
        if found is None:
            return where
        if status in {"204", "304"}:
            return None
        content = found.get("content", {})
        if kind not in content:
            return f"{where} {kind}"
        if not kind.endswith("json") or not body:
            return None
        schema, value = content[kind]["schema"], json.loads(body)
        if self._check_of(schema)(value):
            return None
        # The words are those of the slower one, which writes them as everybody knows them.
        wrong = next(Draft202012Validator(self._whole(schema)).iter_errors(value))
        return f"{where} {wrong.json_path}: {wrong.message[:120]}"

    def _check_of(self, schema: dict[str, Any]) -> Callable[[Any], bool]:
        text = json.dumps(schema)
        if text not in self._is_valid:
            self._is_valid[text] = jsonschema_rs.Draft202012Validator(self._whole(schema)).is_valid
        return self._is_valid[text]

    def _whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {**schema, "components": self.document["components"]}


def description_of(app: OpenAPI) -> Description:
    """The strict description of an application; applications with the same routes have the same."""
    routes = tuple((str(rule), *sorted(rule.methods or ())) for rule in app.url_map.iter_rules())
    if routes not in _known:
        _known[routes] = Description(strict_document(app))
    return _known[routes]


_known: dict[tuple[tuple[str, ...], ...], Description] = {}


def strict_document(app: OpenAPI) -> Any:
    """The description of an application, by which an answer has no field that isn't described."""
    return _closed(json.loads(json.dumps(app.api_doc, default=str)))


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(one) for name, one in node.items()}
    return {"additionalProperties": False, **closed} if "properties" in node else closed


def described(rule: str) -> str:
    """The path of a rule as the description writes it."""
    return _PARAMETER.sub(r"{\1}", rule)
