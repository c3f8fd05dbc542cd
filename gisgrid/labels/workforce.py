"""Who works in the grids, and how many households a grid should have."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels, Synonyms

DUTIES: Final[Labels] = {
    "grid_member": N_("网格员"),
    "grid_leader": N_("网格长"),
    "grid_supervisor": N_("网管员"),
    "community_police": N_("社区民警"),
    "party_cadre": N_("党员干部"),
    "building_steward": N_("楼栋管家"),
    "specialist": N_("专员"),
}
DUTY_SYNONYMS: Final[Synonyms] = {"party_cadre": ("党务干部",)}
DUTIES_IN_FILES: Final[Labels] = {**DUTIES, "party_cadre": DUTY_SYNONYMS["party_cadre"][0]}
"""As lists of people on duty that leave the house say it."""
NORM_CLASSES: Final[Labels] = {
    "low": N_("偏少"),
    "ok": N_("适中"),
    "high": N_("偏多"),
    "over": N_("超过上限"),
}
