"""Every table of the core, so that foreign keys find each other before the first row is written."""

from __future__ import annotations

import gisgrid.access.keycheck
import gisgrid.access.models
import gisgrid.access.sessions
import gisgrid.areas.models
import gisgrid.backgrounds.models
import gisgrid.cases.hooks.models
import gisgrid.cases.models
import gisgrid.cases.photos.models
import gisgrid.indicators.evaluation.models
import gisgrid.indicators.models
import gisgrid.overview.models
import gisgrid.people.models
import gisgrid.places.models
import gisgrid.redraw.models
import gisgrid.redraw.proposals.models
import gisgrid.welfare.models  # noqa: F401 - importing fills the metadata
