"""Reads the reference tables that the demo is made from; each row there names its source."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent.parent / "reference"


@lru_cache(maxsize=16)
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``data/reference/NAME.csv`` as texts by column."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
