"""Python and the browser work out the same: the vectors by hand, then random trees over nasty values."""

from __future__ import annotations

import pytest

from gisgrid.forms.expressions.patterns import is_taken
from tests.gisgrid.forms.browsers import evaluated
from tests.gisgrid.forms.random_trees import PATTERNS, differences, drawn, shown
from tests.gisgrid.forms.vectors import vectors


def test_the_vectors_are_the_same_in_the_browser() -> None:
    rows = vectors("taken")
    wanted = [shown(row["want"]) for row in rows]
    assert [shown(value) for value in evaluated(rows)] == wanted


def test_random_trees_are_the_same_in_the_browser() -> None:
    assert all(map(is_taken, PATTERNS))
    assert not differences(drawn(7, 1_000))


@pytest.mark.parametrize("text", ["", "7", "x" * 201, "𠮷" * 200, "a\nb", "\u2028", "12-3"])
def test_every_pattern_is_the_same_in_the_browser(text: str) -> None:
    trees = [["call", "regex", ["self"], ["text", pattern]] for pattern in PATTERNS]
    assert not differences(
        [{"tree": tree, "values": {}, "self": text, "today": "2026-12-01"} for tree in trees]
    )
