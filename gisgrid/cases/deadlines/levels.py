"""At how much of a case's time who is told: its owner, the community, the subdistrict."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from gisgrid.errors import Fault, InvalidInput

_LAST_FOR_OWNER: Final = 99
_DEADLINE: Final = 100
_MOST: Final = 1000


class WarningLevel(StrEnum):
    """Whose level it is. The subdistrict also supervises the case from then on."""

    OWNER = "owner"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Whole percents of the time of a case, rising; the deadline is 100.

    The owner is told while the case can still be settled in time. The subdistrict isn't told before the
    deadline: supervising begins then, and its reason is that the case is late.
    """

    owner: int = 75
    community: int = 100
    subdistrict: int = 150

    def __post_init__(self) -> None:
        """Refuses percents that can't be, each with its field."""
        faults = [
            Fault(message="a level is a whole number of percent", field=f"levels.{level}")
            for level in WarningLevel
            if isinstance(getattr(self, level), bool) or not isinstance(getattr(self, level), int)
        ]
        if faults or (faults := self._misplaced()):
            raise InvalidInput(faults)

    def _misplaced(self) -> list[Fault]:
        faults = []
        if not 1 <= self.owner <= _LAST_FOR_OWNER:
            message = "the owner is told before the deadline, at 1 to 99 percent of the time"
            faults.append(Fault(message=message, field="levels.owner"))
        if not _DEADLINE <= self.subdistrict <= _MOST:
            message = "the subdistrict is told from the deadline on, at 100 to 1000 percent of the time"
            faults.append(Fault(message=message, field="levels.subdistrict"))
        if not self.owner < self.community < self.subdistrict:
            message = "the community is told after the owner and before the subdistrict"
            faults.append(Fault(message=message, field="levels.community"))
        return faults

    def rows(self) -> tuple[tuple[WarningLevel, int], ...]:
        """Who is told at which percent, the first one first."""
        return tuple((WarningLevel(field.name), getattr(self, field.name)) for field in fields(self))

    def as_json(self) -> dict[str, int]:
        """By name, as it is stored and shown."""
        return {who.value: percent for who, percent in self.rows()}

    def reached(self, elapsed: float) -> int:
        """The highest level that a share of the time reaches, in percent, or 0."""
        return max((percent for _who, percent in self.rows() if elapsed >= percent / 100), default=0)

    def between(self, last: int, reached: int) -> tuple[tuple[WarningLevel, int], ...]:
        """Levels above the one told last, up to and with the one that is reached."""
        return tuple((who, percent) for who, percent in self.rows() if last < percent <= reached)

    def after(self, last: int) -> int | None:
        """The level after the one told last; nothing after the last one."""
        return next((percent for _who, percent in self.rows() if percent > last), None)


STANDARD_LEVELS: Final = Levels()
"""What holds where a community has set nothing."""
