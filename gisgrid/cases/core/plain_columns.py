"""Reading cases where nothing of what people wrote is told: what is sealed is then not even opened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import defer
from sqlalchemy.orm.interfaces import ORMOption

from gisgrid.cases.core.models import Case


def without_texts() -> Sequence[ORMOption]:
    """For the options of a statement of many cases: their sealed columns are read only when asked for."""
    sealed = (Case.description, Case.result, Case.public_description, Case.reporter_contact)
    return [defer(column) for column in sealed]
