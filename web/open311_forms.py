"""Answers in both forms of GeoReport v2: JSON, and XML with the standard's element names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET  # only written with, never read

import orjson
from flask import Response, request

PREFIX: Final = "/open311/"
JSON: Final = "application/json; charset=utf-8"
XML: Final = "text/xml; charset=utf-8"
_ITEM: Final = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "attributes": "attribute",
    "values": "value",
}
"""What one of a list is called in XML."""
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_open311() -> bool:
    """Whether the request is for the facade."""
    return request.path.startswith(PREFIX)


def answer(root: str, value: Any, status: int = 200) -> Response:
    """A value in the form that the address asks for; ``root`` is XML's outermost element.

    A list of nothing is one empty element in XML: clients that read XML as a mapping (georeport) look
    for the element and find nothing in it, where without it they would break.
    """
    if request.path.endswith(".xml"):
        value = [None] if value == [] else value
        return Response(xml_text(root, value), status=status, content_type=XML)
    return Response(orjson.dumps(value), status=status, content_type=JSON)


def error_answer(status: int, sentences: list[str]) -> Response:
    """Errors as the standard tells them, one for each sentence."""
    return answer("errors", [{"code": status, "description": said} for said in sentences], status)


def xml_text(root: str, value: Any) -> bytes:
    """XML of mappings, lists and plain values; what stands for nothing is an empty element."""
    return bytes(ET.tostring(_element(root, value), encoding="utf-8", xml_declaration=True))


def _element(name: str, value: Any) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(key, inner) for key, inner in value.items())
    elif isinstance(value, list):
        element.extend(_element(_ITEM[name], item) for item in value)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NO_XML.sub("", str(value))
    return element
