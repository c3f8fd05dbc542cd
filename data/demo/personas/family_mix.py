"""How many families of which type live in a compound, so that sizes and ages follow the census facts.

Among all mixes with the wanted mean size and shares of children and elders, the one nearest to the
published distribution of household sizes is taken (maximum entropy: weights times ``exp`` of a linear
form, whose three factors are found by Newton's method).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from data.demo.ground.compounds import CompoundPlan
from data.demo.tables import read_table
from gisgrid.crs import FloatArray
from gisgrid.errors import InvalidInput

_ROUNDS: Final = 60
_CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyType:
    """A type of family by how many adults (15 to 59), children (under 15) and elders (60 and over)."""

    name: str
    adults: int
    children: int
    elders: int

    @property
    def size(self) -> int:
        """Persons in all."""
        return self.adults + self.children + self.elders


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMix:
    """Types of families with the probability of each, in one order."""

    types: tuple[FamilyType, ...]
    shares: tuple[float, ...]


def family_types() -> tuple[tuple[FamilyType, float], ...]:
    """The types with their weights before solving: the census share of their size, split by preference."""
    by_size = {int(row["persons"]): float(row["percent"]) for row in read_table("reference/household_sizes")}
    rows = [(_type(row), float(row["weight"])) for row in read_table("reference/family_types")]
    totals = {size: sum(weight for family, weight in rows if family.size == size) for size in by_size}
    return tuple((family, by_size[family.size] * weight / totals[family.size]) for family, weight in rows)


def _type(row: dict[str, str]) -> FamilyType:
    return FamilyType(
        name=row["type"],
        adults=int(row["adults"]),
        children=int(row["children"]),
        elders=int(row["elders"]),
    )


def family_mix(plan: CompoundPlan) -> FamilyMix:
    """The mix with the mean size, child share and elder share of a compound.

    Raises
    ------
    InvalidInput
        No mix of the known types reaches these figures.
    """
    rows = family_types()
    base = np.array([weight for _, weight in rows])
    traits = np.array([(f.size, f.children, f.elders) for f, _ in rows], dtype=np.float64)
    wanted = plan.mean_size * np.array([1.0, plan.child_share, plan.elder_share])
    shares = _tilted(base / base.sum(), traits, wanted=wanted)
    return FamilyMix(types=tuple(f for f, _ in rows), shares=tuple(float(p) for p in shares))


def _tilted(base: FloatArray, traits: FloatArray, *, wanted: FloatArray) -> FloatArray:
    factors = np.zeros(traits.shape[1])
    for _ in range(_ROUNDS):
        weights = base * np.exp(np.clip(traits @ factors, -50.0, 50.0))
        shares: FloatArray = weights / weights.sum()
        means = shares @ traits
        if np.abs(means - wanted).max() < _CLOSE:
            return shares
        spread = (traits - means).T @ ((traits - means) * shares[:, None])
        step = np.linalg.solve(spread, wanted - means)
        factors += step * min(1.0, 1.0 / float(np.abs(step).max()))
    raise InvalidInput("no mix of families has this mean size and these shares of ages")
