"""What stands in a cell of a department's table."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Final


class NoConsent(Enum):
    """Stands for a value that is left empty because nobody agreed to it being kept."""

    NO_CONSENT = "no_consent"


NO_CONSENT: Final = NoConsent.NO_CONSENT
CellValue = str | int | float | bool | date | datetime | NoConsent | None
"""What a field gives; nothing where it isn't known."""
