"""Areas, and what lies in them and is drawn around them."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels, Synonyms
from gisgrid.labels.table import mark as _

LEVELS: Final[Labels] = {
    "subdistrict": _("街道"),
    "community": _("社区"),
    "sub_area": _("片区"),
    "compound": _("小区"),
    "grid": _("网格"),
    "micro_grid": _("微网格"),
}
GRID_TYPES: Final[Labels] = {"general": "综合网格", "exclusive": "专属网格"}
"""Only in files: pages name no types."""
GRID_TYPE_SYNONYMS: Final[Synonyms] = {"general": ("基础网格", "一般网格")}
