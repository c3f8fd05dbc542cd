"""Every table of the core: a copy that left one out would be none, but for what belongs to one database."""

from __future__ import annotations

from sqlalchemy import Table

import gisgrid.access.installation
import gisgrid.access.keycheck
import gisgrid.access.models
import gisgrid.access.sessions
import gisgrid.areas.models
import gisgrid.backgrounds.models
import gisgrid.cases.disputes.models
import gisgrid.cases.hooks.models
import gisgrid.cases.models
import gisgrid.cases.photos.models
import gisgrid.cases.timing.models
import gisgrid.indicators.evaluation.models
import gisgrid.indicators.models
import gisgrid.overview.models
import gisgrid.people.models
import gisgrid.places.models
import gisgrid.redraw.models
import gisgrid.redraw.proposals.models
import gisgrid.welfare.models  # noqa: F401 - importing fills the metadata
from gisgrid.access.encryption import Sealed
from gisgrid.storage.base import STAYS_HERE, Base
from gisgrid.storage.whole.forms import TableForm, form_of


def all_forms() -> list[TableForm]:
    """Every table that a backup holds, those that others point to first."""
    return [form_of(table) for table in Base.metadata.sorted_tables if not _stays(table)]


def staying_forms() -> list[TableForm]:
    """Tables whose rows belong to one database: they are emptied with it, and never carried."""
    return [form_of(table) for table in Base.metadata.sorted_tables if _stays(table)]


def _stays(table: Table) -> bool:
    return STAYS_HERE.items() <= table.info.items()


def sealed_columns() -> dict[str, list[str]]:
    """The encrypted columns of each table that has any."""
    found = {
        table.name: [column.name for column in table.columns if isinstance(column.type, Sealed)]
        for table in Base.metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}
