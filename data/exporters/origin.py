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
    leaves_out_confidential: bool = False
    """Whether cases of confidential categories are neither listed nor counted in it."""
    but_escalated: bool = False
    """Whether those that are with the subdistrict are listed all the same."""

    def facts(self) -> dict[str, str]:
        """The same as names and texts."""
        return {
            "exported_by": self.by,
            "exported_at": self.at.isoformat(timespec="seconds"),
            "as_of": self.as_of.isoformat(),
            "community": self.community,
            **({"left_out": self.left_out} if self.left_out is not None else {}),
        }

    @property
    def left_out(self) -> str | None:
        """What is left out, in the words of the file."""
        if not self.leaves_out_confidential:
            return None
        if self.but_escalated:
            return (
                "保密类别(升级到街道的除外)"
                if self.in_chinese
                else "confidential categories, but escalated cases"
            )
        return "保密类别" if self.in_chinese else "confidential categories"
