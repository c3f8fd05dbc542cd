"""Names and phones are sealed in the row, bound to their column, and never searchable in SQL."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.access.keys.encryption import KeyRing, ensure_keys, load_keys
from gisgrid.errors import InvalidInput, MissingPart
from gisgrid.people.core.models import Resident

RING = KeyRing(1, {1: b"a" * 32})


@given(st.text())
def test_every_text_opens_again(text: str) -> None:
    assert RING.decrypt(RING.encrypt(text, "resident.name"), "resident.name") == text


def test_two_encryptions_of_one_text_differ() -> None:
    assert RING.encrypt("示例", "resident.name") != RING.encrypt("示例", "resident.name")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(MissingPart, match=r"resident\.phone"):
        RING.decrypt(RING.encrypt("示例", "resident.name"), "resident.phone")


def test_an_older_key_still_reads() -> None:
    newer = KeyRing(2, {1: b"a" * 32, 2: b"b" * 32})
    assert newer.decrypt(RING.encrypt("示例", "x"), "x") == "示例"
    with pytest.raises(MissingPart):
        RING.decrypt(newer.encrypt("示例", "x"), "x")


def test_key_file_is_made_once_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = ensure_keys(path)
    assert ensure_keys(path) == first == load_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_missing_or_broken_key_file_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="missing"):
        load_keys(tmp_path / "keys.json")
    (tmp_path / "keys.json").write_text("[]")
    with pytest.raises(MissingPart, match="can't be read"):
        load_keys(tmp_path / "keys.json")


def test_encrypted_columns_refuse_comparison() -> None:
    with pytest.raises(InvalidInput):
        _ = Resident.name == "示例"
