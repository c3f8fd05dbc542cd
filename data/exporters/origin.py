"""Who exported a file, when, and as of which day: what every file carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a file comes from; ``at`` in the deployment's zone.

    ``in_chinese``: whether tables have Chinese titles and words instead of the names and codes of programs.
    """

    by: str
    at: datetime
    as_of: date
    community: str
    in_chinese: bool = False

    def facts(self) -> dict[str, str]:
        """The same as names and texts."""
        return {
            "exported_by": self.by,
            "exported_at": self.at.isoformat(timespec="seconds"),
            "as_of": self.as_of.isoformat(),
            "community": self.community,
        }
