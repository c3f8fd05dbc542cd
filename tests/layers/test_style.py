"""Classes and colours: half-open, few values too, told apart with the common kinds of colour blindness."""

from __future__ import annotations

import itertools
import json
import math
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from layers.style import (
    TERRITORIES,
    YL_OR_RD,
    change_breaks,
    class_breaks,
    class_name,
    class_of,
    colours_for,
    rounded,
)
from tests import ROOT

numbers = st.lists(st.one_of(st.none(), st.floats(0, 1e6), st.integers(0, 40)), max_size=60)
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
BLINDNESS = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
}


def to_lab(colour: str, blindness: str) -> np.ndarray:
    rgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(BLINDNESS[blindness]) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ seen / np.array([0.9505, 1, 1.089])
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@given(numbers, st.integers(1, 5), st.integers(0, 2))
def test_every_value_lies_in_exactly_one_half_open_class(
    values: list[float | None], classes: int, digits: int
) -> None:
    breaks = class_breaks(values, classes, digits=digits)
    assert breaks == sorted(set(breaks))
    assert len(breaks) <= classes
    for value in values:
        index = class_of(value, breaks, digits=digits)
        if value is None:
            assert index is None
        else:
            shown = rounded(value, digits)
            assert index is not None
            assert breaks[index] <= shown
            assert index == len(breaks) - 1 or shown < breaks[index + 1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([None, math.nan], []),
        ([3, 3, 3], [3]),
        ([0, 1], [0, 1]),
        ([0, 0, 5, 9], [0, 5, 9]),
        (list(range(10)), [0, 2, 4, 6, 8]),
    ],
)
def test_few_values_give_few_classes(values: list[float | None], expected: list[float]) -> None:
    assert class_breaks(values) == expected


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0.45, 1, 0.5), (11.25, 1, 11.3), (1.005, 2, 1.01), (11.349, 1, 11.3), (2.5, 0, 3.0), (1e300, 1, 1e300)],
)
def test_a_figure_is_rounded_half_up_by_its_decimal_digits(value: float, digits: int, shown: float) -> None:
    assert rounded(value, digits) == shown


def test_a_rate_lies_in_the_class_that_its_shown_figure_says() -> None:
    """11.26 is shown as 11.3 and so are the bounds: it isn't outside of "≥ 11.3"."""
    rates = [1.04, 2.0, 5.0, 8.0, 11.26, 11.34]
    breaks = class_breaks(rates, digits=1)
    assert breaks[-1] == 11.3
    assert [class_of(rate, breaks, digits=1) for rate in (11.249, 11.26, 11.34)] == [3, 4, 4]


def test_no_class_and_too_many_classes_are_refused() -> None:
    with pytest.raises(InvalidInput):
        class_breaks([1], 0)
    with pytest.raises(InvalidInput):
        colours_for(YL_OR_RD, 6)


def test_colours_are_spread_over_the_ramp() -> None:
    assert colours_for(YL_OR_RD, 0) == []
    assert colours_for(YL_OR_RD, 1) == [YL_OR_RD[2]]
    assert colours_for(YL_OR_RD, 2) == [YL_OR_RD[0], YL_OR_RD[-1]]
    assert colours_for(YL_OR_RD, 5) == list(YL_OR_RD)


@pytest.mark.parametrize("blindness", sorted(BLINDNESS))
def test_twelve_territories_are_told_apart(blindness: str) -> None:
    assert len(set(TERRITORIES)) == 12
    seen = [to_lab(colour, blindness) for colour in TERRITORIES]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
    assert nearest > 13, f"two colours look alike ({nearest:.1f})"


def test_the_browser_makes_the_same_classes() -> None:
    node = shutil.which("node", path=str(Path(sys.prefix) / "bin")) or shutil.which("node")
    if node is None:
        pytest.skip("node is not installed here")
    rng = random.Random(7)
    tables = [[rng.choice([None, rng.random() * 50, rng.randrange(9)]) for _ in range(n)] for n in range(60)]
    module = (ROOT / "web/static/map/classes.js").as_uri()
    script = (
        f"import {{ changeBreaks, classBreaks, className, classOf, coloursFor }} from {json.dumps(module)};"
        f"const tables = {json.dumps(tables)};"
        f"const ramp = {json.dumps(YL_OR_RD)};"
        "console.log(JSON.stringify(tables.map((values) => {"
        " const breaks = classBreaks(values, 5, 1);"
        " return [breaks, coloursFor(ramp, breaks.length), changeBreaks(values),"
        "  breaks.map((_low, index) => className(index, breaks, 1)),"
        "  changeBreaks(values).map((_low, index) => className(index, changeBreaks(values))),"
        "  values.map((value) => classOf(value, breaks, 1))]; })));"
    )
    run = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    breaks = [class_breaks(table, 5, digits=1) for table in tables]
    ours = [
        [
            made,
            colours_for(YL_OR_RD, len(made)),
            change_breaks(table),
            [class_name(index, made, digits=1) for index in range(len(made))],
            [class_name(index, change_breaks(table)) for index in range(5)],
            [class_of(value, made, digits=1) for value in table],
        ]
        for made, table in zip(breaks, tables, strict=True)
    ]
    assert json.loads(run.stdout) == ours


@given(st.lists(st.one_of(st.none(), st.integers(-5000, 5000)), max_size=40))
def test_a_change_of_nothing_has_a_class_of_its_own(values: list[float | None]) -> None:
    breaks = change_breaks(values)
    assert breaks == sorted(set(breaks))
    assert len(breaks) == 5
    for value in values:
        if value is not None:
            assert (class_of(value, breaks) == 2) == (value == 0)
