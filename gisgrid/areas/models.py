"""Tables of areas, unit cells, dated memberships, outlines, placements and revisions.

A grid is nothing but its cells. A redraw writes memberships; it touches no household and no case.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from shapely import MultiPolygon, Polygon
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.models import one_of
from gisgrid.storage.base import Base, Dated, Featured, Id, Keyed, dated_check
from gisgrid.storage.types import Shape


class Level(StrEnum):
    """Levels of the area tree, top down; those between community and grid can be left out."""

    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    SUB_AREA = "sub_area"
    COMPOUND = "compound"
    GRID = "grid"
    MICRO_GRID = "micro_grid"


class GridType(StrEnum):
    """A general grid, or one made for a market, a school, a park."""

    GENERAL = "general"
    EXCLUSIVE = "exclusive"


class CellKind(StrEnum):
    """What a unit cell is made of."""

    BUILDING = "building"
    BLOCK = "block"
    AREA = "area"


class PlacedKind(StrEnum):
    """Kinds of objects that lie in a cell."""

    BUILDING = "building"
    HOUSEHOLD = "household"
    FACILITY = "facility"
    CASE = "case"


def _open_once(name: str, *columns: str) -> Index:
    """At most one row of a thing is open at a time."""
    still_open = text("valid_to IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=still_open, postgresql_where=still_open)


class Area(Keyed, Base):
    """An area of any level. ``community_id`` is the community it lies in (its own id for a community)."""

    __tablename__ = "area"
    __table_args__ = (one_of("level", Level), one_of("grid_type", GridType))

    level: Mapped[str] = mapped_column(String(20), index=True)
    grid_type: Mapped[str] = mapped_column(String(20), default=GridType.GENERAL)
    community_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"), index=True)
    created_at: Mapped[datetime]


class AreaName(Keyed, Dated, Base):
    """Code and name of an area while they hold. A closed code is never used again."""

    __tablename__ = "area_name"
    __table_args__ = (dated_check(), _open_once("uq_area_name_open", "area_id"))

    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    code: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(200))


class AreaParent(Keyed, Dated, Base):
    """The area directly above another, while it is."""

    __tablename__ = "area_parent"
    __table_args__ = (dated_check(), _open_once("uq_area_parent_open", "area_id"))

    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    parent_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)


class UnitCell(Featured, Dated, Base):
    """A unit cell: a building with its land, a street block, or one whole given area.

    ``geom`` is on the lattice of 2**-24 degree. ``number`` decides ties and never depends on the owner; a
    cell that only got vertices on its border is a new row with the number it had.
    """

    __tablename__ = "unit_cell"
    __table_args__ = (
        one_of("kind", CellKind),
        dated_check(),
        _open_once("uq_unit_cell_open_number", "community_id", "number"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    geom: Mapped[Polygon] = mapped_column(Shape("POLYGON"), nullable=False)


class CellMembership(Keyed, Dated, Base):
    """Which micro grid a cell belongs to, while it does: exactly one at a time."""

    __tablename__ = "cell_membership"
    __table_args__ = (dated_check(), _open_once("uq_cell_membership_open", "cell_id"))

    cell_id: Mapped[Id] = mapped_column(ForeignKey("unit_cell.id"), index=True)
    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)


class CellLineage(Base):
    """Which closed cell a new cell came from; ``share`` is the part of the old cell's area, 0 to 1."""

    __tablename__ = "cell_lineage"
    __table_args__ = (CheckConstraint("share > 0 AND share <= 1", name="share"),)

    old_id: Mapped[Id] = mapped_column(ForeignKey("unit_cell.id"), primary_key=True)
    new_id: Mapped[Id] = mapped_column(ForeignKey("unit_cell.id"), primary_key=True, index=True)
    share: Mapped[float]


class AreaLineage(Keyed, Base):
    """An area that was split from another or merged into it."""

    __tablename__ = "area_lineage"
    __table_args__ = (CheckConstraint("kind IN ('split_from', 'merged_into')", name="kind"),)

    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    other_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    revision_id: Mapped[Id] = mapped_column(ForeignKey("revision.id"), index=True)


class AreaOutline(Featured, Dated, Base):
    """The outline of an area while it holds: the coverage union of its cells, every border vertex kept."""

    __tablename__ = "area_outline"
    __table_args__ = (dated_check(), _open_once("uq_area_outline_open", "area_id"))

    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    geom: Mapped[MultiPolygon] = mapped_column(Shape("MULTIPOLYGON"), nullable=False)


class Placement(Keyed, Base):
    """The cell an object lay in before a publish or a corrected pin changed it, until then.

    ``community_id``: the community it was in until then, where it went to another one; null is the same.
    """

    __tablename__ = "placement"
    __table_args__ = (one_of("kind", PlacedKind), Index("ix_placement_object", "object_id", "until"))

    kind: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[Id]
    cell_id: Mapped[Id | None] = mapped_column(ForeignKey("unit_cell.id"), index=True)
    community_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"), index=True)
    until: Mapped[datetime]


class PinChange(Keyed, Base):
    """A position that somebody set by hand, with how the object stood before, so that it can be undone.

    ``former`` and ``fresh``: ``lon``, ``lat`` (EPSG:4326 on the lattice, or null), ``building`` (its id, or
    null) and of a case ``accuracy_m``. Rows are never changed but for ``undone_at``.
    """

    __tablename__ = "pin_change"
    __table_args__ = (one_of("kind", PlacedKind), Index("ix_pin_change_object", "object_id", "at"))

    kind: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[Id]
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    former: Mapped[dict[str, Any]] = mapped_column(JSON)
    fresh: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]


class Revision(Keyed, Base):
    """One publishing of a community's division. Numbered per community."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("community_id", "number"),)

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int]
    published_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    is_backdated: Mapped[bool] = mapped_column(default=False)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)


class WithdrawnRevision(Keyed, Base):
    """A revision that was taken back before its day came. Its number is never given again. Append-only."""

    __tablename__ = "withdrawn_revision"
    __table_args__ = (UniqueConstraint("community_id", "number"),)

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int]
    published_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime]
    withdrawn_by_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text)


class LevelVersion(Keyed, Base):
    """Which levels a community uses and what it calls them, from one change to the next. Never changed.

    ``levels``: by level ``is_used``, ``name`` and ``name_en``; an empty name is the usual word.
    """

    __tablename__ = "level_version"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int]
    made_at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)
    levels: Mapped[dict[str, Any]] = mapped_column(JSON)


class CommunityState(Base):
    """What caches hang on: ``data_version`` goes up with every write that changes a figure."""

    __tablename__ = "community_state"

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), primary_key=True)
    data_version: Mapped[int] = mapped_column(default=0)
    metric_epsg: Mapped[int]
