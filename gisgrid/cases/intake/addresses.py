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
    return any(_is_wanting(case) for case in cases)


def place_by_address(base: AddressBase, cases: Sequence[ImportedCase]) -> Addressed:
    """Cases with an address and no position get that of their building, on the lattice."""
    buildings: dict[str, Registered | None] = {}
    addressed = Addressed()
    for case in cases:
        if not _is_wanting(case):
            addressed.cases.append(case)
            continue
        if case.address not in buildings:
            home = base.find(case.address)
            buildings[case.address] = home.building if home else None
        building = buildings[case.address]
        if building is None:
            addressed.unknown.append(case)
            addressed.cases.append(case)
            continue
        addressed.placed += 1
        addressed.cases.append(_in_building(case, building))
    return addressed


def _is_wanting(case: ImportedCase) -> bool:
    return bool(case.address) and case.is_place_exact and bool(np.isnan(case.lon))


def _in_building(case: ImportedCase, building: Registered) -> ImportedCase:
    """The case in a building. Its key stays what it was, so that the same row is known again."""
    return replace(
        case,
        number=case.key,
        lon=building.point.x,
        lat=building.point.y,
        building=building.id,
        building_cell=building.cell_id,
    )
