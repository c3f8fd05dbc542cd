"""The two signs for what isn't shown, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gisgrid.analysis.withheld import Withheld
from gisgrid.labels.figures import WITHHELD
from web.i18n import gettext as _
from web.i18n import label


def sign_of(row: Mapping[str, Any]) -> str:
    """The sign for the withheld figures of a row."""
    return label(WITHHELD, row.get("reason") or Withheld.NOT_SHOWN)


def signs_explained() -> str:
    """What the signs mean, for the foot of a table."""
    return _("“不显示”:1 至 4,或为保护他人一并不列,两者不作区分。“整季度结束后可见”:保密类别按整季度公布。")
