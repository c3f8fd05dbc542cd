"""Load of grid members, and the size of grids against the norm."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from gisgrid.crs import FloatArray
from gisgrid.errors import Fault, InvalidInput

GRID_COLUMNS: Final = ("grid", "member", "households", "elders", "open_cases")


class NormClass(StrEnum):
    """Households of a grid against the norm."""

    LOW = "low"
    OK = "ok"
    HIGH = "high"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class NormPolicy:
    """The norm for households: of a grid (bounds included in ``ok`` and ``high``), and of a member.

    Defaults: 300 to 500 households per grid as in the national norm, up to 600 tolerated, since the
    community counts one member for about 600 households.
    """

    ok_from: int = 300
    ok_to: int = 500
    high_to: int = 600
    per_member: int = 600

    def __post_init__(self) -> None:
        """Refuses bounds that don't rise."""
        if not 0 < self.ok_from <= self.ok_to <= self.high_to or self.per_member < 1:
            raise InvalidInput("the bounds of the norm have to rise from 1", field="norm")


_GRAVITY: Final = (NormClass.OVER, NormClass.HIGH, NormClass.LOW, NormClass.OK)


def load(households: npt.ArrayLike, policy: NormPolicy | None = None) -> FloatArray:
    """Load of a member with so many households in all grids together: 1 is a full norm (600)."""
    per_member = (policy or NormPolicy()).per_member
    result: FloatArray = np.asarray(households, dtype=np.float64) / per_member
    return result


def norm_class(households: int, policy: NormPolicy | None = None) -> NormClass:
    """The class of one grid: below 300 low, 300 to 500 ok, 501 to 600 high, above 600 over."""
    policy = policy or NormPolicy()
    if households < policy.ok_from:
        return NormClass.LOW
    if households <= policy.ok_to:
        return NormClass.OK
    return NormClass.HIGH if households <= policy.high_to else NormClass.OVER


def gravest(classes: pd.Series[str] | list[NormClass]) -> NormClass:
    """The class that stands for several grids of one member: over before high before low before ok.

    Raises
    ------
    InvalidInput
        There is no class at all.
    """
    present = {NormClass(name) for name in classes}
    gravest_class = next((candidate for candidate in _GRAVITY if candidate in present), None)
    if gravest_class is None:
        raise InvalidInput("no grid to classify", field="norm_class")
    return gravest_class


def territories(grids: pd.DataFrame, policy: NormPolicy | None = None) -> pd.DataFrame:
    """The table behind the territory map: one row per primary member, one per grid without one.

    Parameters
    ----------
    grids
        One row per grid: ``grid`` (code), ``member`` (primary member, missing for none), ``households``,
        ``elders``, ``open_cases``. Not changed.
    policy
        The norm.

    Returns
    -------
    pandas.DataFrame
        Columns ``member``, ``grids`` (codes in their order), ``households``, ``elders``, ``open_cases``,
        ``load`` and ``norm_class`` (the gravest of its grids), in the order of each member's first grid.

    Raises
    ------
    InvalidInput
        Columns are missing.
    """
    missing = [name for name in GRID_COLUMNS if name not in grids.columns]
    if missing:
        raise InvalidInput([Fault(message="the column is missing", field=name) for name in missing])
    rows = grids.assign(norm_class=[str(norm_class(int(count), policy)) for count in grids["households"]])
    has_member = rows["member"].notna().to_numpy()
    codes = pd.factorize(rows["member"])[0]
    # Each grid without a member is a territory of its own, told apart by its row.
    owner = np.where(has_member, codes, len(rows) + np.arange(len(rows)))
    result = rows.groupby(owner, sort=False).agg(
        member=("member", "first"),
        grids=("grid", list),
        households=("households", "sum"),
        elders=("elders", "sum"),
        open_cases=("open_cases", "sum"),
        norm_class=("norm_class", gravest),
    )
    result["load"] = load(result["households"].to_numpy(dtype=np.float64), policy)
    result["member"] = result["member"].astype(object).where(result["member"].notna(), None)
    return result.reset_index(drop=True)
