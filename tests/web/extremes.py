"""Calls with one extreme value each, for every parameter and field of the description of the interface."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

Schema = Mapping[str, Any]

DAYS: Final = ("0001-01-01", "9999-12-31", "1677-09-20", "2262-04-12", "0000-00-00", "-0001-01-01")
INSTANTS: Final = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "1677-09-21T00:12:43Z",
    "2262-04-11T23:47:17Z",
    "9999-12-31T23:59:59.999999",
)
MONTHS: Final = ("0001-01", "9999-12", "2262-05", "1677-08", "2026-13")
NUMBERS: Final = (-1, 0, 10**18, -(10**18), 2**31, 2**63, 1e308, 5e-324, float("nan"), float("inf"), -0.0)
TEXTS: Final = ("", "\0", "a\0b", "\ud800", "x\udfff", "9" * 400, "文" * 40_000, "%", "\u202e", "null", "-1")
IN_QUERIES: Final = ("文" * 2_000, *(text for text in TEXTS if len(text) < 2_000))
IN_PATHS: Final = ("\0", "\ud800", "9" * 400, "%2F", "..", "-1", str(10**18), "9999-12", "nan", "文" * 300)
ODD: Final = (None, [], {}, [None], {"": ""}, [[]], [{}], [1e308, -1e308], "nan", True)


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """A call that is like any other but for one value."""

    method: str
    route: str
    path: str
    query: str = ""
    body: str | None = None
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The operations of a description; ``usual`` are values with which a call comes further, by name."""

    document: Mapping[str, Any]
    usual: Mapping[str, Any]
    ids: Mapping[str, str] = field(default_factory=dict)

    def calls(self) -> Iterator[Extreme]:
        """One call for each operation, parameter or field, and extreme value."""
        for route, methods in self.document["paths"].items():
            for method, told in methods.items():
                yield from self._of_operation(method.upper(), route, told)

    def _of_operation(self, method: str, route: str, told: Mapping[str, Any]) -> Iterator[Extreme]:
        parameters = [self._resolved(one) for one in told.get("parameters", ())]
        path = self._path(route, {})
        query = {one["name"]: self._usual(one["name"], one["schema"]) for one in parameters if _is_asked(one)}
        fields = self._fields(told)
        plain = self._body(fields, told)
        text = None if plain is None else json.dumps(plain)
        for one in parameters:
            name = one["name"]
            if one["in"] == "path":
                for value in IN_PATHS:
                    place = self._path(route, {name: value})
                    yield Extreme(
                        method=method, route=route, path=place, query=_query(query), body=text,
                        what=f"{name}={value[:20]!r}",
                    )  # fmt: skip
            else:
                for drawn in _in_query(name, self._resolved(one["schema"])):
                    asked = _query({**query, name: drawn})
                    yield Extreme(
                        method=method, route=route, path=path, query=asked, body=text,
                        what=f"?{name}={str(drawn)[:20]!r}",
                    )  # fmt: skip
        for name, schema in fields.items():
            for drawn in (*_in_body(name, self._resolved(schema)), *ODD):
                body = {**(plain or {}), name: drawn}
                yield Extreme(
                    method=method, route=route, path=path, query=_query(query), body=json.dumps(body),
                    what=f"{name}: {str(drawn)[:20]!r}",
                )  # fmt: skip

    def _resolved(self, schema: Schema) -> Schema:
        """What a reference stands for; of several kinds the first that is something."""
        while "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        for name in ("anyOf", "oneOf", "allOf"):
            if name in schema:
                kinds = [self._resolved(one) for one in schema[name]]
                schema = next((one for one in kinds if one.get("type") != "null"), kinds[0])
        return schema

    def _content(self, told: Mapping[str, Any]) -> Schema:
        content = told.get("requestBody", {}).get("content", {})
        found = content.get("application/json", {}).get("schema", {})
        return self._resolved(found)

    def _fields(self, told: Mapping[str, Any]) -> dict[str, Schema]:
        return dict(self._content(told).get("properties", {}))

    def _body(self, fields: Mapping[str, Schema], told: Mapping[str, Any]) -> dict[str, Any] | None:
        if not fields:
            return None
        needed = set(self._content(told).get("required", ()))
        return {name: self._usual(name, one) for name, one in fields.items() if name in needed}

    def _usual(self, name: str, schema: Schema) -> Any:
        if name in self.usual:
            return self.usual[name]
        found = self._resolved(schema)
        if "enum" in found:
            return found["enum"][0]
        if found.get("type") == "object":
            needed = found.get("required", ())
            return {one: self._usual(one, found["properties"][one]) for one in needed}
        plain = {"integer": 1, "number": 1.0, "boolean": False, "array": []}
        return plain.get(str(found.get("type")), "x")

    def _path(self, route: str, given: Mapping[str, str]) -> str:
        subject = route.removeprefix("/api/v1/").partition("/")[0]

        def part(found: re.Match[str]) -> str:
            name = found[1]
            usual = self.ids.get(subject, "none") if name == "id" else self.usual.get(name, "none")
            return quote(str(given.get(name, usual)), safe="", errors="surrogatepass")

        return re.sub(r"\{(\w+)\}", part, route)


def _is_asked(one: Mapping[str, Any]) -> bool:
    return one["in"] == "query" and bool(one.get("required"))


def _query(values: Mapping[str, Any]) -> str:
    return "&".join(
        f"{quote(name)}={quote(_written(value), safe='', errors='surrogatepass')}"
        for name, value in values.items()
    )


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _in_query(name: str, schema: Schema) -> Sequence[Any]:
    if name == "month":
        return (*MONTHS, *TEXTS[:4])
    kind = _kind(name, schema)
    numbers = [str(one) for one in NUMBERS]
    if kind == "day":
        return (*DAYS, *TEXTS[:4])
    if kind == "instant":
        return (*INSTANTS, *DAYS[:2], *TEXTS[:4])
    if kind == "number":
        return (*numbers, *TEXTS[:4])
    if name in {"bbox", "near"}:
        corners = (
            "nan,nan,nan,nan",
            "-1e308,-1e308,1e308,1e308",
            "inf,inf",
            "180,90",
            "-180,-90,180,90",
            "1,1,1,1",
        )
        return (*corners, *IN_QUERIES)
    return IN_QUERIES


def _in_body(name: str, schema: Schema) -> Sequence[Any]:
    if name == "month":
        return (*MONTHS, *TEXTS)
    kind = _kind(name, schema)
    if kind == "day":
        return (*DAYS, *TEXTS)
    if kind == "instant":
        return (*INSTANTS, *DAYS, *TEXTS)
    if kind == "number":
        return (*NUMBERS, *TEXTS)
    if schema.get("type") == "array":
        return (
            [],
            [""],
            ["\0"],
            ["\ud800"],
            [-1],
            [10**18],
            [float("nan")],
            ["x"] * 20_000,
            [[1e308, 1e308]],
        )
    return (*TEXTS, *DAYS[:2], *NUMBERS[:3])


def _kind(name: str, schema: Schema) -> str:
    if schema.get("format") == "date" or name in {"as_of", "borders", "from", "to"}:
        return "day"
    if schema.get("format") == "date-time":
        return "instant"
    return "number" if schema.get("type") in {"integer", "number"} else "text"
