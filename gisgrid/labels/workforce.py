"""Who works in the grids, and how many households a grid should have."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels, Synonyms
from gisgrid.labels.table import mark as _

DUTIES: Final[Labels] = {
    "grid_member": _("网格员"),
    "grid_leader": _("网格长"),
    "grid_supervisor": _("网管员"),
    "community_police": _("社区民警"),
    "party_cadre": _("党员干部"),
    "building_steward": _("楼栋管家"),
    "specialist": _("专员"),
}
DUTY_SYNONYMS: Final[Synonyms] = {"party_cadre": ("党务干部",)}
DUTIES_IN_FILES: Final[Labels] = {**DUTIES, "party_cadre": DUTY_SYNONYMS["party_cadre"][0]}
"""As lists of people on duty that leave the house say it."""
NORM_CLASSES: Final[Labels] = {"low": _("偏少"), "ok": _("适中"), "high": _("偏多"), "over": _("超过上限")}
