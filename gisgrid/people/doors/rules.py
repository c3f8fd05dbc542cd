"""In which state a door is, and on which floor: plain rules, without a database."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.freshness import AGEING_DAYS
from gisgrid.places.models import HouseholdKind

_ROOM: Final = re.compile(r"([0-9]{1,3})[0-9]{2}[A-Za-z]?")


class DoorState(StrEnum):
    """What is to be done at a door; exactly one holds."""

    VERIFIED = "verified"
    TO_VERIFY = "to_verify"
    NOBODY_MET = "nobody_met"
    REFUSED = "refused"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorFacts:
    """What is known of a door.

    ``vacated_at``: since when nobody of the register lives there; ``missed_at``: when somebody last knocked
    and met nobody.
    """

    consent: str | None = None
    kind: str | None = None
    vacated_at: datetime | None = None
    verified_at: datetime | None = None
    missed_at: datetime | None = None


def door_state(facts: DoorFacts, at: datetime) -> DoorState:
    """The state of a door at a moment.

    Nobody knocks where people refused or withdrew, whatever else is known, nor where nobody lives. Of the
    others a door is verified when somebody met its people within the days of freshness; else nobody was met
    there, if it was tried since then.
    """
    if facts.consent in NO_CONSENT:
        return DoorState.REFUSED
    if facts.kind == HouseholdKind.VACANT or (facts.vacated_at is not None and facts.vacated_at <= at):
        return DoorState.EMPTY
    since = at - timedelta(days=AGEING_DAYS)
    if facts.verified_at is not None and facts.verified_at >= since:
        return DoorState.VERIFIED
    if facts.missed_at is not None and facts.missed_at >= since:
        return DoorState.NOBODY_MET
    return DoorState.TO_VERIFY


def floor_of(room: str | None) -> int | None:
    """The floor that the number of a room tells; nothing where it tells none.

    >>> floor_of("1203"), floor_of("301A"), floor_of("5"), floor_of("门卫")
    (12, 3, None, None)
    """
    match = _ROOM.fullmatch(room or "")
    return (int(match[1]) or None) if match else None


class HasRoom(Protocol):
    """What stands behind a door: its unit and room."""

    @property
    def unit(self) -> str | None:
        """The unit, where the building has any."""

    @property
    def room(self) -> str | None:
        """The room, where there is one."""


Home = TypeVar("Home", bound=HasRoom)


def stacked(homes: Iterable[Home]) -> list[tuple[str | None, list[tuple[int | None, list[Home]]]]]:
    """Homes by unit, in each by floor from the top down, in each by room: as the house stands there.

    Homes whose unit or floor isn't known come last.
    """
    units: dict[str | None, dict[int | None, list[Home]]] = defaultdict(lambda: defaultdict(list))
    for home in homes:
        units[home.unit][floor_of(home.room)].append(home)
    return [
        (
            unit,
            [(floor, sorted(units[unit][floor], key=_by_room)) for floor in sorted(units[unit], key=_down)],
        )
        for unit in sorted(units, key=_by_number)
    ]


def _by_number(text: str | None) -> tuple[bool, int, str]:
    return text is None, len(text or ""), text or ""


def _by_room(home: HasRoom) -> tuple[bool, int, str]:
    return _by_number(home.room)


def _down(floor: int | None) -> tuple[bool, int]:
    return floor is None, -(floor or 0)
