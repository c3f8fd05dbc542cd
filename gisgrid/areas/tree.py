"""The area tree as it stood at an instant: names, levels and parents in memory, a few hundred rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.models import Area, AreaName, AreaParent, Level
from gisgrid.errors import NotFound, say
from gisgrid.storage.base import valid_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeArea:
    """One area as it stood: ids are public ids, ``code`` and ``name`` those of that instant."""

    id: str
    level: Level
    code: str
    name: str
    parent_id: str | None
    community_id: str | None


@dataclass(frozen=True)
class AreaTree:
    """All areas of one community, and the subdistrict above, at one instant."""

    areas: dict[str, TreeArea] = field(default_factory=dict)

    @cached_property
    def _by_code(self) -> dict[str, TreeArea]:
        return {area.code: area for area in self.areas.values()}

    @cached_property
    def _children(self) -> dict[str | None, list[TreeArea]]:
        children: dict[str | None, list[TreeArea]] = {}
        for area in self.areas.values():
            children.setdefault(area.parent_id, []).append(area)
        for siblings in children.values():
            siblings.sort(key=lambda area: (len(area.code), area.code))
        return children

    def by_code(self, code: str) -> TreeArea:
        """The area of a code.

        Raises
        ------
        NotFound
            No area had that code then.
        """
        try:
            return self._by_code[code]
        except KeyError:
            raise NotFound(say("no area with the code {code!r}", code=code)) from None

    def children(self, area_id: str | None) -> list[TreeArea]:
        """Areas directly below one, by code."""
        return self._children.get(area_id, [])

    def at_level(self, level: Level) -> list[TreeArea]:
        """All areas of a level, by code (length, then text)."""
        areas = [area for area in self.areas.values() if area.level == level]
        return sorted(areas, key=lambda area: (len(area.code), area.code))

    def path(self, area_id: str) -> list[TreeArea]:
        """An area and all above it, top down."""
        areas: list[TreeArea] = []
        step: str | None = area_id
        while step is not None and (area := self.areas.get(step)) is not None:
            areas.append(area)
            step = area.parent_id
        return areas[::-1]

    def ancestor(self, area_id: str, level: Level) -> TreeArea | None:
        """The area of a level that holds another one (itself included)."""
        return next((area for area in self.path(area_id) if area.level == level), None)

    def below(self, area_id: str) -> Iterator[TreeArea]:
        """An area and everything under it."""
        if area_id in self.areas:
            yield self.areas[area_id]
        for child in self.children(area_id):
            yield from self.below(child.id)


def load_tree(session: Session, community_id: str, *, at: datetime) -> AreaTree:
    """The tree of a community at an instant, with the subdistrict above it."""
    statement = (
        select(Area.id, Area.level, Area.community_id, AreaName.code, AreaName.name, AreaParent.parent_id)
        .join(AreaName, (AreaName.area_id == Area.id) & valid_at(AreaName, at))
        .outerjoin(AreaParent, (AreaParent.area_id == Area.id) & valid_at(AreaParent, at))
        .where((Area.community_id == community_id) | (Area.level == Level.SUBDISTRICT))
    )
    areas = {
        row.id: TreeArea(
            id=row.id,
            level=Level(row.level),
            code=row.code,
            name=row.name,
            parent_id=row.parent_id,
            community_id=row.community_id,
        )
        for row in session.execute(statement)
    }
    top = areas[community_id].parent_id if community_id in areas else None
    in_sight = {key: area for key, area in areas.items() if area.level != Level.SUBDISTRICT or key == top}
    return AreaTree(in_sight)
