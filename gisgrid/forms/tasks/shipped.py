"""The rules that come with the program, from their file; a community may switch each on or off."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from gisgrid.forms.tasks.documents import read_rule
from gisgrid.forms.tasks.model import TaskRule

_FILE: Final = Path(__file__).with_name("shipped.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedRule:
    """A version of a rule as it is shipped: a changed rule is another number that begins where this one ends.

    ``is_on``: it makes tasks unless a community switches it off; without it, only where one switches it on.
    ``document`` is the rule as it stands in the file.
    """

    number: int
    is_on: bool
    rule: TaskRule
    document: Mapping[str, Any]


@cache
def shipped_rules() -> tuple[ShippedRule, ...]:
    """All shipped rules with their versions, in the order in which they are shown."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        ShippedRule(
            number=row["number"], is_on=row["is_on"], rule=read_rule(row["rule"]), document=row["rule"]
        )
        for row in rows
    )
