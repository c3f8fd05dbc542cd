"""What answers about cases have in common."""

from __future__ import annotations

from typing import TypeVar

from typing_extensions import TypedDict

Moment = TypeVar("Moment")
"""An instant, as a ``datetime`` in the house and as ISO 8601 in JSON."""


class NamedCase(TypedDict):
    """A case by its number and its category."""

    id: str
    number: str
    category: str
    category_name: str
