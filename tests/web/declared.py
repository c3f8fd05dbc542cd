"""Every answer of the routes of plans and revisions is held against the interface's description."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from flask import Response, request
from flask_openapi3.openapi import OpenAPI
from jsonschema import Draft202012Validator

WATCHED: Final = tuple(
    f"api_{name}." for name in ("redraw", "planning", "proposals", "handover", "revisions", "exports")
)
SHAPES: Final = ("api_shapes.areas", "api_shapes.cells")
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")

Answer = tuple[str, str, str, str, bytes]
"""Path of the description, method, status, media type, body."""


class Watch:
    """What an application has answered on these routes while it was tested."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, self.answers = app, list[Answer]()
        app.after_request(self._note)

    def _note(self, response: Response) -> Response:
        is_watched = (request.endpoint or "").startswith((*WATCHED, *SHAPES))
        if is_watched and request.url_rule is not None and request.method not in {"HEAD", "OPTIONS"}:
            path = described(str(request.url_rule))
            status = str(response.status_code)
            body = b"" if response.direct_passthrough or response.is_streamed else response.get_data()
            self.answers.append((path, request.method.lower(), status, response.mimetype or "", body))
        return response

    def faults(self) -> list[str]:
        """What was answered and is not described, in words."""
        if not self.answers:
            return []
        document = json.loads(json.dumps(self.app.api_doc, default=str))
        return [fault for answer in self.answers if (fault := fault_of(document, answer))]


def described(rule: str) -> str:
    """The path of a rule as the description writes it."""
    return _PARAMETER.sub(r"{\1}", rule)


def fault_of(document: dict[str, Any], answer: Answer) -> str | None:
    """What the description doesn't say of an answer: its status, its media type, or what is in it."""
    path, method, status, kind, body = answer
    where = f"{method.upper()} {path} {status}"
    found = document["paths"].get(path, {}).get(method, {}).get("responses", {}).get(status)
    if found is None:
        return where
    if status == "304":
        return None
    content = found.get("content", {})
    if kind not in content:
        return f"{where} {kind}"
    if not kind.endswith("json") or not body:
        return None
    schema = {**content[kind]["schema"], "components": document["components"]}
    wrong = next(Draft202012Validator(schema).iter_errors(json.loads(body)), None)
    return None if wrong is None else f"{where} {wrong.json_path}: {wrong.message[:120]}"
