"""Which households of a community are known already: by standard address, else by building, unit and room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.places.models import Household
from gisgrid.places.registered import RegisteredAddress


def known_homes(
    session: Session, community_id: str, homes: Iterable[RegisteredAddress], *, needs_unit: bool = True
) -> dict[str, str]:
    """The ids of households that are here, by the standard address of the home asked for.

    One whose address was stored in another spelling is known by its building, unit and room; unless
    ``needs_unit``, an address without a unit is known by its room in a house that has one unit only.
    """
    wanted = {home.std_address: home for home in homes}
    here = select(Household.id, Household.std_address).where(
        Household.community_id == community_id, Household.std_address.in_(wanted)
    )
    ids = {row.std_address: row.id for row in session.execute(here)}
    open_homes = {
        (home.building.id, home.unit, home.room): address
        for address, home in wanted.items()
        if address not in ids and home.building is not None and home.room is not None
    }
    if open_homes:
        ids |= _by_room(session, community_id, open_homes, needs_unit=needs_unit)
    return ids


def _by_room(
    session: Session, community_id: str, wanted: dict[tuple[str, str | None, str], str], *, needs_unit: bool
) -> dict[str, str]:
    """Ids by standard address of homes that are given by building, unit and room."""
    buildings = {building for building, _unit, _room in wanted}
    statement = (
        select(Household.id, Household.building_id, Household.unit, Household.room)
        .where(Household.community_id == community_id, Household.building_id.in_(buildings))
        .order_by(Household.fid.desc())  # of several the oldest stays
    )
    rows = session.execute(statement).all()
    units = defaultdict[str, set[str | None]](set)
    for row in rows:
        units[row.building_id].add(row.unit)
    one_unit = {building for building, names in units.items() if not needs_unit and len(names) == 1}
    alone = {
        address: row.id
        for row in rows
        if row.building_id in one_unit and (address := wanted.get((row.building_id, None, row.room)))
    }
    exact = {wanted[key]: row.id for row in rows if (key := (row.building_id, row.unit, row.room)) in wanted}
    return alone | exact
