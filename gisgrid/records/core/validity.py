"""Whether a record counts: not corrected by another, not redacted."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased

from gisgrid.records.core.record_models import Record


@cache  # an alias has a column for each of the table: they are made once
def is_valid() -> ColumnElement[bool]:
    """Records that no other corrects and nobody redacted, as SQL."""
    later = aliased(Record)
    return Record.redacted_at.is_(None) & ~exists().where(later.corrects_id == Record.id)
