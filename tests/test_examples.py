"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests import ROOT


def modules_with_examples() -> list[str]:
    files = [
        path for folder in ("gisgrid", "data", "layers", "web") for path in (ROOT / folder).rglob("*.py")
    ]
    told = [path.relative_to(ROOT) for path in sorted(files) if ">>>" in path.read_text(encoding="utf-8")]
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in told]


@pytest.mark.parametrize("name", modules_with_examples())
def test_an_example_gives_what_it_says(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted
    assert not found.failed
