"""Areas, and what lies in them and is drawn around them."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels, Synonyms

LEVELS: Final[Labels] = {
    "subdistrict": N_("街道"),
    "community": N_("社区"),
    "sub_area": N_("片区"),
    "compound": N_("小区"),
    "grid": N_("网格"),
    "micro_grid": N_("微网格"),
}
GRID_TYPES: Final[Labels] = {"general": "综合网格", "exclusive": "专属网格"}
"""Only in files: pages name no types."""
GRID_TYPE_SYNONYMS: Final[Synonyms] = {"general": ("基础网格", "一般网格")}
