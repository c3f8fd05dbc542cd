"""The heads of tables that leave as CSV, in the reader's language."""

from __future__ import annotations

from gisgrid.indicators.words import NAMES
from gisgrid.labels.columns import COLUMNS
from web.i18n import current_language, label


def head_of(name: str) -> str:
    """What a column is called; its own name where it has no words."""
    if name in NAMES:
        return NAMES[name][0 if current_language() == "zh" else 1]
    return label(COLUMNS, name) if name in COLUMNS else name
