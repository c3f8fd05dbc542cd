"""A plot of land is called 地块 wherever somebody reads of it; 单元 is a staircase in an address."""

from __future__ import annotations

import re

import pytest

from data.exporters.layers import LAYERS
from tests import ROOT

_STAIRS = re.compile(r"单元(?!格)")
_TEXTS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder, ends in (
        ("web", (".py", ".html", ".js", ".po")),
        ("gisgrid/redraw", (".py",)),
        ("gisgrid/geometry", (".py",)),
        ("gisgrid/areas", (".py",)),
        ("docs", (".md",)),
    )
    for path in (ROOT / folder).rglob("*")
    if path.suffix in ends
)
_OF_ADDRESSES = (
    'msgctxt "field"\nmsgid "unit"\nmsgstr "单元"\n',
    'msgid "单元"\nmsgstr "Unit"\n',
    "{n} 单元",
    "单元(没有可不填)",
    "不分单元",
    "按单元和楼层",
    "座|单元|门",
    "座|单元|层",
)


@pytest.mark.parametrize("name", [*_TEXTS, "README.md", "README.zh-CN.md"])
def test_no_text_calls_a_plot_a_staircase(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for words in (*_OF_ADDRESSES, "单元文件"):  # the last is of systemd
        text = text.replace(words, "")
    assert not _STAIRS.search(text), name


def test_no_file_that_goes_out_calls_a_plot_a_staircase() -> None:
    said = {layer.title for layer in LAYERS.values()}
    said |= {column.title for layer in LAYERS.values() for column in layer.columns if column.name != "unit"}
    assert not [title for title in said if _STAIRS.search(title)]
    assert LAYERS["cells"].title == "地块"
