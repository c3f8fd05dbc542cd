"""The tables of the demo: each is read by a module, and a row is a record or a fault, never half of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

import data.demo
from data.demo import tables
from data.demo.tables import read_records, read_shares, read_table, read_words

FOLDER = Path(data.demo.__file__).parent


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    sizes: tuple[int, ...] = ()
    shares: dict[str, float]
    is_new: bool = False


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An own table of a test: ``rows``."""
    monkeypatch.setattr(tables, "_DATA", tmp_path)
    for cached in (read_table, read_records, read_words, read_shares):
        cached.cache_clear()
    return tmp_path / "rows.csv"


def test_every_table_is_read_by_a_module_of_the_demo() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py"))
    names = [f"demo/{path.relative_to(FOLDER).with_suffix('')}" for path in FOLDER.rglob("*.csv")]
    assert len(names) > 15
    assert [name for name in names if f'"{name}"' not in code] == []


def test_a_row_is_a_record_with_several_values_and_defaults(table: Path) -> None:
    table.write_text(
        "name,sizes,shares,is_new,source\n甲,1|2,A 0.25|B c 2,yes,x\n乙,,A 1,,x\n", encoding="utf-8"
    )
    assert read_records(Row, "rows") == (
        Row(name="甲", sizes=(1, 2), shares={"A": 0.25, "B c": 2.0}, is_new=True),
        Row(name="乙", shares={"A": 1.0}),
    )


@pytest.mark.parametrize("line", ["甲,one,A 1,", "甲,1,,", ",1,A 1,", "甲,1,A x,"])
def test_a_row_that_is_no_record_is_refused(table: Path, line: str) -> None:
    table.write_text(f"name,sizes,shares,is_new\n{line}\n", encoding="utf-8")
    with pytest.raises(ValidationError):
        read_records(Row, "rows")


def test_two_columns_are_words_or_shares(table: Path) -> None:
    table.write_text("a,b,what\nx,1|2,first\ny,3,second\n", encoding="utf-8")
    assert read_words("rows") == {"x": ("1", "2"), "y": ("3",)}
    table.write_text("a,b,what\nx,0.5,first\n", encoding="utf-8")
    read_table.cache_clear()
    assert read_shares("rows") == {"x": 0.5}
