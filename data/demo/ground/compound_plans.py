"""What the five compounds are like: age, kinds of houses, how many households, who lives there.

The shares are set so that all five together follow the 2020 census facts of Suqian: 2.92 persons a
household, 18.58 % aged 60 and over, 23.48 % under 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseType:
    """A kind of house. A unit (stairwell) is ``unit_m`` wide; ``gap_m``, ``row_gap_m`` to the next."""

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
class People:
    """Who lives in a compound: mean persons a household and shares of persons by age."""

    mean_size: float
    child_share: float
    elder_share: float
    renter_share: float
    need_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundPlan:
    """One compound. ``turn_deg``: how far its rows are turned from south; ``sway_deg``: from block to block.

    ``old_quarter_x_m``: west of it (metres of the plan) stand the house types of kind courtyard, east of
    it all others. ``grid_households``: how many households each of its four grids should have.
    """

    key: str
    name: str
    sub_area: int
    built: tuple[int, int]
    conditions: dict[str, float]
    property_company: str | None
    houses: tuple[HouseType, ...]
    buildings: int
    grid_households: tuple[int, ...]
    turn_deg: float
    sway_deg: float
    people: People
    lift: bool = False
    old_quarter_x_m: float = 0.0

    @property
    def households(self) -> int:
        """All households of the compound."""
        return sum(self.grid_households)


WALK_UP: Final = HouseType(
    kind="walk_up",
    weight=1.0,
    unit_m=12.5,
    depth_m=9.5,
    units=(1, 2, 2, 2, 3),
    floors=(5, 5, 6),
    per_floor=2,
    gap_m=4.5,
    row_gap_m=10.0,
)
COURTYARD: Final = HouseType(
    kind="courtyard",
    weight=1.0,
    unit_m=17.0,
    depth_m=15.0,
    units=(1,),
    floors=(1,),
    per_floor=8,
    gap_m=3.0,
    row_gap_m=4.5,
)
SLAB: Final = HouseType(
    kind="slab",
    weight=1.0,
    unit_m=16.0,
    depth_m=11.5,
    units=(1, 2, 2, 2, 2),
    floors=(5, 5, 6),
    per_floor=2,
    gap_m=7.0,
    row_gap_m=15.0,
)
WIDE_SLAB: Final = HouseType(
    kind="slab",
    weight=1.0,
    unit_m=19.5,
    depth_m=13.0,
    units=(1, 2, 2, 2, 2),
    floors=(5, 5, 6),
    per_floor=2,
    gap_m=8.0,
    row_gap_m=17.0,
)
TOWER: Final = HouseType(
    kind="tower",
    weight=0.5,
    unit_m=25.0,
    depth_m=23.0,
    units=(1,),
    floors=(13, 15, 15, 18),
    per_floor=3,
    gap_m=26.0,
    row_gap_m=30.0,
)
MID_RISE: Final = HouseType(
    kind="mid_rise",
    weight=0.35,
    unit_m=24.0,
    depth_m=14.0,
    units=(1, 2),
    floors=(11,),
    per_floor=2,
    gap_m=16.0,
    row_gap_m=27.0,
)
TERRACE: Final = HouseType(
    kind="terrace",
    weight=0.15,
    unit_m=6.5,
    depth_m=12.0,
    units=(7, 8),
    floors=(3,),
    per_floor=1,
    gap_m=10.0,
    row_gap_m=14.0,
)

PLANS: Final = (
    CompoundPlan(
        key="X1",
        name="柳岸新村",
        sub_area=1,
        built=(1979, 1997),
        conditions={"B": 0.1, "C": 0.62, "D": 0.28},
        property_company=None,
        houses=(WALK_UP, COURTYARD),
        buildings=128,
        grid_households=(468, 468, 468, 468),
        turn_deg=4.0,
        sway_deg=7.0,
        people=People(mean_size=2.5, child_share=0.17, elder_share=0.29, renter_share=0.22, need_share=0.1),
        old_quarter_x_m=300.0,
    ),
    CompoundPlan(
        key="X2",
        name="园丁花园",
        sub_area=1,
        built=(2001, 2005),
        conditions={"B": 0.7, "C": 0.3},
        property_company="示例安居物业",
        houses=(SLAB,),
        buildings=98,
        grid_households=(468, 468, 468, 468),
        turn_deg=-5.0,
        sway_deg=3.0,
        people=People(mean_size=2.9, child_share=0.235, elder_share=0.19, renter_share=0.1, need_share=0.05),
    ),
    CompoundPlan(
        key="X3",
        name="惠民家园",
        sub_area=2,
        built=(2004, 2009),
        conditions={"A": 0.2, "B": 0.7, "C": 0.1},
        property_company="示例惠邻物业",
        houses=(WIDE_SLAB,),
        buildings=104,
        grid_households=(468, 468, 468, 468),
        turn_deg=3.0,
        sway_deg=3.0,
        people=People(
            mean_size=3.02, child_share=0.245, elder_share=0.18, renter_share=0.12, need_share=0.05
        ),
    ),
    CompoundPlan(
        key="X4",
        name="御景华庭",
        sub_area=2,
        built=(2016, 2021),
        conditions={"A": 1.0},
        property_company="示例御景物业",
        houses=(TOWER, MID_RISE, TERRACE),
        buildings=70,
        grid_households=(700, 471, 471, 470),
        turn_deg=6.0,
        sway_deg=4.0,
        people=People(mean_size=3.15, child_share=0.28, elder_share=0.12, renter_share=0.08, need_share=0.03),
        lift=True,
    ),
    CompoundPlan(
        key="X5",
        name="北园新村",
        sub_area=3,
        built=(2002, 2007),
        conditions={"B": 0.8, "C": 0.2},
        property_company="示例北园物业",
        houses=(SLAB,),
        buildings=100,
        grid_households=(468, 468, 468, 468),
        turn_deg=-3.0,
        sway_deg=4.0,
        people=People(
            mean_size=3.0, child_share=0.225, elder_share=0.1786, renter_share=0.14, need_share=0.06
        ),
    ),
)
"""9,600 households. X1 is the hot old compound, X5 the far one, X4 holds the grid of 700 households."""
