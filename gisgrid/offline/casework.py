"""The account's own open cases as the phone holds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from gisgrid.areas.view import View
from gisgrid.cases.lists.queries import own_cards

_BY_THE_CLOCK: Final = frozenset({"elapsed", "left"})
"""What changes by itself from second to second: the phone works it out from the deadline."""
_CONFIDENTIAL: Final = ("id", "number", "address", "state", "deadline", "overdue", "confidential")
"""What of a case of a confidential category may lie on a phone."""


def cases_part(view: View, *, now: datetime) -> list[dict[str, Any]]:
    """The own open cases with their logs and steps, those due first; see the part ``cases``."""
    cards: list[Any] = list(own_cards(view, now=now))
    return [_held(card) for card in cards]


def _held(card: dict[str, Any]) -> dict[str, Any]:
    if card["confidential"]:
        return {name: card[name] for name in _CONFIDENTIAL}
    return {name: value for name, value in card.items() if name not in _BY_THE_CLOCK}
