"""The generator as a whole: repeatable, different by seed, several communities side by side."""

from __future__ import annotations

import hashlib

import pytest
import shapely

from data.demo.generate import DEFAULT_SEED, communities_for, generate
from data.demo.records import DemoCommunity
from gisgrid.errors import InvalidInput
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.partition import check_tiling


def digest(demo: DemoCommunity) -> str:
    """A hash over every field of every record; geometries by their exact bytes."""
    found = hashlib.sha256()
    for name in demo.__slots__:
        value = getattr(demo, name)
        records = value if isinstance(value, tuple) else (value,)
        for record in records:
            found.update(repr([_plain(part) for part in _parts(record)]).encode())
    return found.hexdigest()


def _parts(record: object) -> list[object]:
    names = getattr(record, "__dataclass_fields__", None)
    return [record] if names is None else [getattr(record, name) for name in names]


def _plain(part: object) -> object:
    return shapely.to_wkb(part).hex() if isinstance(part, shapely.Geometry) else part


def test_the_same_seed_gives_the_same_community(demo: DemoCommunity) -> None:
    again = generate(DEFAULT_SEED)
    assert digest(again) == digest(demo)


def test_another_community_has_other_ground_codes_numbers_and_accounts(
    demo: DemoCommunity, other: DemoCommunity
) -> None:
    assert not other.outline.intersects(demo.outline)
    assert check_tiling(as_array([cell.geom for cell in other.cells]), other.outline) == []
    shared = {area.code for area in other.areas} & {area.code for area in demo.areas}
    assert shared == {demo.areas[0].code}
    assert not {case.number for case in other.cases} & {case.number for case in demo.cases}
    assert not {account.name for account in other.accounts} & {account.name for account in demo.accounts}
    assert len(other.households) == 9600


@pytest.mark.parametrize(("households", "count"), [(1, 1), (9600, 1), (9601, 2), (96_000, 10)])
def test_communities_hold_9600_households_each(households: int, count: int) -> None:
    assert communities_for(households) == count


def test_a_demo_without_households_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one household"):
        generate(1, households=0)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(12))
def test_any_seed_gives_a_sound_community(seed: int) -> None:
    demo = generate(seed)
    assert check_tiling(as_array([cell.geom for cell in demo.cells]), demo.outline) == []
    assert len(demo.cells) >= 560
    assert len(demo.households) == 9600
    counts = sorted(demo.households_by_grid().values())
    assert all(420 <= count <= 520 for count in counts[:-1])
    assert counts[-1] == pytest.approx(700, abs=40)
