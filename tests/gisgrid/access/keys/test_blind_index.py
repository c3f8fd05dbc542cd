"""Keyed digests: known again by their key alone, and no text from outside breaks the comparison."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.access.keys.blind_index import Digests
from tests.conftest import KEYS

DIGESTS = Digests(KEYS, "test")


@given(st.lists(st.text(), max_size=4))
def test_a_digest_is_of_its_texts_and_of_no_others(parts: list[str]) -> None:
    told = DIGESTS.current(parts)
    assert DIGESTS.is_of(told, parts)
    assert not DIGESTS.is_of(told, [*parts, ""])
    assert not Digests(KEYS, "another").is_of(told, parts)


@pytest.mark.parametrize(
    "told", ["", "#", "#³:ab", "#٣:ab", "#1", "#1:é", "#1:\ud800", "#" + "9" * 5000 + ":ab", "#-1:ab"]
)
def test_what_is_no_digest_is_of_nothing(told: str) -> None:
    assert not DIGESTS.is_of(told, ["a"])


@given(st.text())
def test_any_text_may_be_asked_about(told: str) -> None:
    assert not DIGESTS.is_of(told, ["a"])
