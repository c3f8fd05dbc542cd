"""Expressions worked out by hand, and values as JSON writes them."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any, Final

from gisgrid.forms.expressions.functions import EvaluationContext
from gisgrid.forms.expressions.values import (
    ChoiceSet,
    Day,
    RepeatValues,
    Value,
    day_from_text,
    day_of,
    text_of,
)

FILE: Final = Path(__file__).with_name("expressions.json")


def vectors(part: str) -> list[dict[str, Any]]:
    """The expressions that are ``taken`` or ``refused``."""
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))[part]
    return rows


def value_of(value: Any) -> Value:
    """A value from JSON."""
    match value:
        case "NaN":
            return math.nan
        case {"date": text}:
            return day_from_text(text)
        case {"set": names}:
            return ChoiceSet(tuple(names))
        case {"many": rows}:
            return RepeatValues(tuple(map(value_of, rows)))
    scalar: str | float | bool = value
    return scalar


def json_of(value: Value) -> object:
    """A value as JSON, the other way round."""
    match value:
        case Day():
            return {"date": text_of(value)}
        case ChoiceSet():
            return {"set": list(value.names)}
        case RepeatValues():
            return {"many": [json_of(row) for row in value.values]}
        case str() | bool():
            return value
    return "NaN" if math.isnan(value) else float(value)


def context_of(vector: dict[str, Any]) -> EvaluationContext:
    """What an expression of the vectors can ask for."""
    return EvaluationContext(
        values={name: value_of(value) for name, value in vector["values"].items()},
        today=day_of(date.fromisoformat(vector["today"])),
        own=value_of(vector.get("self", "")),
        position=vector.get("position", 1),
        labels=vector.get("labels", {}),
        columns=vector.get("choice", {}),
    )
