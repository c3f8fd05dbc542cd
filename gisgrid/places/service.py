"""Keeps buildings and streets that come from outside: new ones, changed ones, and no more than that.

The cell a building lies in is not decided here: objects are placed by `gisgrid.positions.placement`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.imports import ImportNotes
from gisgrid.areas.communities import touch
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.places.address import parse_address, search_keys
from gisgrid.places.import_rows import Change, differences, stored_rows, write
from gisgrid.places.models import Building, Compound, Street
from gisgrid.storage.base import new_id

_AT_ONCE: Final = 500
"""Rows compared and written together: the memory needed does not grow with the file."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBuilding:
    """A building as a file has it. ``footprint`` in EPSG:4326 on the lattice; None is not known."""

    row: int
    address: str
    footprint: BaseGeometry
    code: str | None = None
    name: str | None = None
    compound: str | None = None
    floors: int | None = None
    built_year: int | None = None
    condition: str | None = None
    has_lift: bool | None = None
    dwellings: int | None = None

    @property
    def key(self) -> str:
        """What a building is known by: its code, else its address."""
        return self.code or self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStreet:
    """A street as a file has it. ``geom`` in EPSG:4326 on the lattice is what it is known by."""

    row: int
    geom: BaseGeometry
    name: str | None = None
    kind: str | None = None
    tunnel: bool = False
    bridge: bool = False
    layer: int = 0


@dataclass(slots=True, kw_only=True)
class Saved:
    """Rows that are new, that were known and changed (with the names of what did), or are as they were."""

    new: int = 0
    unchanged: int = 0
    updated: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)


def save_buildings(
    session: Session,
    actor: Actor,
    community_id: str,
    *,
    buildings: Sequence[NewBuilding],
    at: datetime,
    pulse: Pulse = no_pulse,
    notes: ImportNotes | None = None,
) -> Saved:
    """Keep buildings: new by code, else address; known ones take what the file says of them.

    A field the file doesn't fill keeps its value. Compounds are made by name as they are needed. Cells are
    not touched: a new building has none until objects are placed. ``notes`` take down what is made and
    changed, so that it can be undone.
    """
    require(actor, Action.PLACES_IMPORT)
    saved = Saved()
    names = {building.compound for building in buildings if building.compound}
    compounds = _compounds(session, community_id, names, notes=notes)
    for count, batch in _batches(buildings):
        stored = _known_buildings(session, community_id, batch)
        fresh: list[dict[str, Any]] = []
        changes: list[Change] = []
        for building in batch:
            wanted = _building_values(building, compounds)
            row = stored.get(building.code or "") if building.code else stored.get(f"\0{building.address}")
            if row is None:
                fresh.append({**_EMPTY_BUILDING, **wanted, "id": new_id(), "community_id": community_id})
            else:
                _note(saved, building.row, building.key, stored=row, wanted=wanted, changes=changes)
        write(session, Building, key="fid", fresh=fresh, changes=changes, notes=notes)
        saved.new += len(fresh)
        pulse(count)
    _finish(session, actor, community_id, saved=saved, kind="building", at=at)
    return saved


_EMPTY_BUILDING: Final[Mapping[str, Any]] = dict.fromkeys(
    ("code", "name", "compound_id", "floors", "built_year", "condition", "has_lift", "dwellings", "cell_id")
)


def _compounds(
    session: Session, community_id: str, names: set[str], *, notes: ImportNotes | None
) -> dict[str, str]:
    """Ids of compounds by name, the community's own before those it shares; others are made."""
    named = select(Building.compound_id).where(Building.community_id == community_id)
    statement = select(Compound.name, Compound.id, Compound.community_id).where(
        or_(Compound.community_id == community_id, Compound.id.in_(named))
    )
    rows = sorted(session.execute(statement), key=lambda row: row.community_id == community_id)
    ids = {row.name: row.id for row in rows}
    fresh = [
        {"id": new_id(), "community_id": community_id, "name": name, "area_id": None}
        for name in sorted(names - ids.keys())
    ]
    ids |= {compound["name"]: compound["id"] for compound in fresh}
    write(session, Compound, key="id", fresh=fresh, notes=notes)
    return ids


def _known_buildings(session: Session, community_id: str, batch: Sequence[NewBuilding]) -> dict[str, Any]:
    """Stored buildings the rows may mean, by code, and by address (marked) where they have no code."""
    codes = [building.code for building in batch if building.code]
    addresses = [building.address for building in batch if not building.code]
    here = select(*Building.__table__.columns).where(Building.community_id == community_id)
    stored = {row["code"]: row for row in stored_rows(session, here.where(Building.code.in_(codes)))}
    unnamed = here.where(Building.address.in_(addresses)).order_by(Building.fid.desc())
    return stored | {f"\0{row['address']}": row for row in stored_rows(session, unnamed)}


def _building_values(building: NewBuilding, compounds: Mapping[str, str]) -> dict[str, Any]:
    """What a row says of a building; fields it leaves empty are not in it."""
    compound, number = _spoken_of(building)
    keys = search_keys(compound, number)
    values = {
        "code": building.code,
        "address": building.address,
        "name": building.name,
        "compound_id": compounds[building.compound] if building.compound else None,
        "floors": building.floors,
        "built_year": building.built_year,
        "condition": building.condition,
        "has_lift": building.has_lift,
        "dwellings": building.dwellings,
        "footprint": building.footprint,
        "search_text": keys.text[:200],
        "search_pinyin": keys.pinyin[:600],
        "search_initials": keys.initials[:120],
    }
    return {name: value for name, value in values.items() if value is not None}


def _spoken_of(building: NewBuilding) -> tuple[str, str | None]:
    """Compound and building by which people ask for it."""
    if building.compound and building.address.startswith(building.compound):
        return building.compound, building.address[len(building.compound) :].strip() or None
    reading = parse_address(building.address)
    if building.compound:
        return building.compound, reading.building
    return reading.compound or building.address, reading.building


def _note(
    saved: Saved,
    row: int,
    key: str,
    *,
    stored: Mapping[str, Any],
    wanted: Mapping[str, Any],
    changes: list[Change],
) -> None:
    """Count a known row as changed or unchanged, and keep what is to be written."""
    different = differences(stored, wanted)
    if not different:
        saved.unchanged += 1
        return
    changes.append(Change(key=stored["fid"], id=stored["id"], stored=stored, fresh=different))
    shown = tuple(name for name in different if not name.startswith("search_"))
    saved.updated.append((row, key, shown or tuple(different)))


def save_streets(
    session: Session,
    actor: Actor,
    community_id: str,
    *,
    streets: Sequence[NewStreet],
    at: datetime,
    pulse: Pulse = no_pulse,
    notes: ImportNotes | None = None,
) -> Saved:
    """Keep streets, known by their line; a known one takes the file's name, kind and level."""
    require(actor, Action.PLACES_IMPORT)
    saved = Saved()
    stored = _known_streets(session, community_id)
    for count, batch in _batches(streets):
        fresh: list[dict[str, Any]] = []
        changes: list[Change] = []
        for street in batch:
            wanted = {
                "name": street.name,
                "kind": street.kind,
                "tunnel": street.tunnel,
                "bridge": street.bridge,
                "layer": street.layer,
            }
            row = stored.get(shapely.to_wkb(street.geom))
            if row is None:
                fresh.append({**wanted, "geom": street.geom, "id": new_id(), "community_id": community_id})
            else:
                _note(
                    saved,
                    street.row,
                    street.name or f"row {street.row}",
                    stored=row,
                    wanted=wanted,
                    changes=changes,
                )
        write(session, Street, key="fid", fresh=fresh, changes=changes, notes=notes)
        saved.new += len(fresh)
        pulse(count)
    _finish(session, actor, community_id, saved=saved, kind="street", at=at)
    return saved


def _known_streets(session: Session, community_id: str) -> dict[bytes, Any]:
    statement = select(*Street.__table__.columns).where(Street.community_id == community_id)
    return {shapely.to_wkb(row["geom"]): row for row in stored_rows(session, statement)}


def _batches(rows: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """The rows in batches, each with how many are done after it."""
    for start in range(0, len(rows), _AT_ONCE):
        batch = rows[start : start + _AT_ONCE]
        yield start + len(batch), batch


def _finish(
    session: Session, actor: Actor, community_id: str, *, saved: Saved, kind: str, at: datetime
) -> None:
    if saved.new or saved.updated:
        touch(session, [community_id])
    record(
        session,
        actor,
        "places:import",
        kind,
        now=at,
        object_id=community_id,
        count=saved.new + len(saved.updated),
        reason=f"{saved.new} new, {len(saved.updated)} changed, {saved.unchanged} unchanged",
    )
