"""Reads the tables the demo is made from: its own beside its modules, and those of `data/reference`.

An empty field leaves the default of the record; ``a|b`` are several values, ``a 1|b 2`` numbers by word.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, get_origin, get_type_hints

from pydantic import TypeAdapter

_DATA: Final = Path(__file__).parent.parent

T = TypeVar("T")


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``data/NAME.csv`` as texts by column, such as of ``reference/surnames``."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def read_records(kind: type[T], name: str) -> tuple[T, ...]:
    """The rows of ``data/NAME.csv`` as records of a dataclass whose fields are called like its columns."""
    adapter = TypeAdapter(kind)
    hints = get_type_hints(kind)
    return tuple(
        adapter.validate_python(
            {field: _parse(hints.get(field), text) for field, text in row.items() if text}
        )
        for row in read_table(name)
    )


@cache
def read_words(name: str) -> dict[str, tuple[str, ...]]:
    """The several values of the second column by the first."""
    return {word: tuple(text.split("|")) for word, text, *_ in _values(name)}


@cache
def read_shares(name: str) -> dict[str, float]:
    """The number of the second column by the first."""
    return {word: float(number) for word, number, *_ in _values(name)}


def _values(name: str) -> Iterator[list[str]]:
    return (list(row.values()) for row in read_table(name))


def _parse(hint: Any, text: str) -> Any:
    if get_origin(hint) is tuple:
        return text.split("|")
    if get_origin(hint) is dict:
        return dict(pair.rsplit(" ", 1) for pair in text.split("|"))
    return text
