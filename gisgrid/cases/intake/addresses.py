"""Places cases that came with an address and no position: in the building that the address means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gisgrid.cases.intake.imported_case import ImportedCase
from gisgrid.places.address_base import AddressBase
from gisgrid.places.registered import Registered


@dataclass(slots=True, kw_only=True)
class Addressed:
    """Cases as they can be kept, how many of them an address has placed, and those it couldn't.

    What could not be placed is kept without position: it stands in the community's review list.
    """

    cases: list[ImportedCase] = field(default_factory=list)
    placed: int = 0
    unknown: list[ImportedCase] = field(default_factory=list)


def needs_addresses(cases: Sequence[ImportedCase]) -> bool:
    """Whether any case has an address and no position."""
    return any(_is_wanting(one) for one in cases)


def place_by_address(base: AddressBase, cases: Sequence[ImportedCase]) -> Addressed:
    """Cases with an address and no position get that of their building, on the lattice."""
    known: dict[str, Registered | None] = {}
    done = Addressed()
    for one in cases:
        if not _is_wanting(one):
            done.cases.append(one)
            continue
        if one.address not in known:
            home = base.find(one.address)
            known[one.address] = home.building if home else None
        building = known[one.address]
        if building is None:
            done.unknown.append(one)
            done.cases.append(one)
            continue
        done.placed += 1
        done.cases.append(_in_building(one, building))
    return done


def _is_wanting(one: ImportedCase) -> bool:
    return bool(one.address) and one.is_place_exact and bool(np.isnan(one.lon))


def _in_building(one: ImportedCase, building: Registered) -> ImportedCase:
    """The case in a building. Its key stays what it was, so that the same row is known again."""
    return replace(
        one,
        number=one.key,
        lon=building.point.x,
        lat=building.point.y,
        building=building.id,
        building_cell=building.cell_id,
    )
