"""What a field of a file is, and those that several kinds of file have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

EXAMPLE: Final = "示例行(导入时跳过)"
"""What a template's example row says in its field ``note``; a row that says so is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: our name, the headers it is known by (the template's first), what it means, an example.

    ``words``: what may stand there, each with its code, where not anything may. What only a list exported
    here has is not ``is_offered`` to who fills in a template.
    """

    name: str
    titles: Sequence[str]
    what: str
    example: str = ""
    is_needed: bool = False
    words: Mapping[str, str] | None = None
    is_offered: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """All headers the field is known by."""
        return (self.name, *self.titles)


NOTE: Final = Field(
    name="note", titles=("说明", "备注"), what=f"写着“{EXAMPLE}”的行不导入;其他内容不读取", example=EXAMPLE
)
LON_LAT: Final = (
    Field(name="lon", titles=("经度", "longitude", "lng"), what="经度;须说明坐标系(--crs),不猜测"),
    Field(name="lat", titles=("纬度", "latitude"), what="纬度"),
)
