"""Who exported a file, when, and as of which day: what every file carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a file comes from; ``at`` in the deployment's zone.

    ``titles``: whether columns stand under their Chinese titles instead of their names.
    """

    by: str
    at: datetime
    as_of: date
    community: str
    titles: bool = False

    def facts(self) -> dict[str, str]:
        """The same as names and texts."""
        return {
            "exported_by": self.by,
            "exported_at": self.at.isoformat(timespec="seconds"),
            "as_of": self.as_of.isoformat(),
            "community": self.community,
        }
