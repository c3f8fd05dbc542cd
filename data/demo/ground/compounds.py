"""What the five compounds are like: age, kinds of houses, how many households, who lives there.

The shares of `compounds.csv` are set so that all five together follow the 2020 census facts of Suqian: 2.92
persons a household, 18.58 % aged 60 and over, 23.48 % under 15. X1 is the hot old compound, X5 the far one,
X4 holds the grid of 700 households; together they have 9,600.
"""

from __future__ import annotations

from dataclasses import dataclass

from data.demo.tables import read_records


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseType:
    """A kind of house. A unit (stairwell) is ``unit_m`` wide; ``gap_m``, ``row_gap_m`` to the next."""

    name: str
    kind: str
    weight: float
    unit_m: float
    depth_m: float
    units: tuple[int, ...]
    floors: tuple[int, ...]
    per_floor: int
    gap_m: float
    row_gap_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundPlan:
    """One compound. ``turn_deg``: how far its rows are turned from south; ``sway_deg``: from block to block.

    ``place``: a point inside its land, in metres of the plan. ``old_quarter_x_m``: west of it stand the house
    types of kind courtyard, east of it all others. ``grid_households``: how many households each of its four
    grids should have. ``mean_size``: persons a household; shares of persons by age, of households that rent.
    ``case_weight``: how many cases a household has, against an ordinary one.
    """

    key: str
    name: str
    sub_area: int
    place: tuple[float, float]
    built: tuple[int, int]
    conditions: dict[str, float]
    property_company: str | None = None
    house_types: tuple[str, ...]
    buildings: int
    grid_households: tuple[int, ...]
    turn_deg: float
    sway_deg: float
    old_quarter_x_m: float = 0.0
    lift: bool
    mean_size: float
    child_share: float
    elder_share: float
    renter_share: float
    need_share: float
    case_weight: float

    @property
    def households(self) -> int:
        """All households of the compound."""
        return sum(self.grid_households)

    @property
    def houses(self) -> list[HouseType]:
        """The kinds of its houses."""
        types = {
            house_type.name: house_type for house_type in read_records(HouseType, "demo/ground/house_types")
        }
        return [types[name] for name in self.house_types]


def compound_plans() -> tuple[CompoundPlan, ...]:
    """The compounds in their order."""
    return read_records(CompoundPlan, "demo/ground/compounds")
