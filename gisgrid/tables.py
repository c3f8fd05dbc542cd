"""Every table there is: whoever asks all of them, or writes rows with foreign keys, imports this module."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData, Table

import gisgrid.access.installation
import gisgrid.access.keys.check
import gisgrid.access.models
import gisgrid.access.sessions
import gisgrid.areas.models
import gisgrid.backgrounds.models
import gisgrid.cases.core.limit_models
import gisgrid.cases.core.models
import gisgrid.cases.core.outbox_models
import gisgrid.cases.disputes.models
import gisgrid.cases.photos.models
import gisgrid.indicators.evaluation.models
import gisgrid.indicators.models
import gisgrid.offline.models
import gisgrid.people.core.edit_models
import gisgrid.people.core.models
import gisgrid.people.core.need_models
import gisgrid.places.models
import gisgrid.records.core.form_models
import gisgrid.records.core.outward_models
import gisgrid.records.core.record_models
import gisgrid.records.core.work_models
import gisgrid.redraw.plans.models
import gisgrid.redraw.proposals.models
import gisgrid.storage.base
import gisgrid.welfare.models
import gisgrid.workforce.models

METADATA: Final[MetaData] = gisgrid.storage.base.Base.metadata


def all_tables() -> list[Table]:
    """Every table, those that others point to first."""
    return METADATA.sorted_tables
