"""Questions that wait for themselves are named with the whole way; any other form has an order."""

from __future__ import annotations

from typing import Any

import pytest

from gisgrid.forms.circles import circles, dependencies, worked_out
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import FormTree
from gisgrid.forms.tree_json import form_from_json
from tests.gisgrid.forms.trees import VISIT


def form_of(*items: dict[str, Any]) -> FormTree:
    """A form of these items."""
    return form_from_json({**VISIT, "items": list(items)})


def text(name: str, relevant: str | None = None) -> dict[str, Any]:
    condition = {"relevant": parse(relevant)} if relevant else {}
    return {"kind": "question", "name": name, "type": "text", **condition}


def calculated(name: str, calculation: str) -> dict[str, Any]:
    return {"kind": "question", "name": name, "type": "calculate", "calculation": parse(calculation)}


GROUP = {"kind": "group", "name": "g", "relevant": parse("${x} = 'a'"), "items": [text("x")]}


@pytest.mark.parametrize(
    ("items", "ways"),
    [
        ([text("a", "${a} = 'x'")], ["a → a"]),
        ([text("b", "${a} = 'x'"), text("a", "${b} = 'x'")], ["a → b → a"]),
        (
            [calculated("c", "${a} + 1"), calculated("b", "${c} + 1"), calculated("a", "${b}")],
            ["a → b → c → a"],
        ),
        ([GROUP], ["g → x → g"]),
        ([text("a", "${a} = 'x'"), text("b", "${b} = 'x'")], ["a → a", "b → b"]),
        ([text("a"), text("b", "${a} = 'x'"), calculated("c", "concat(${a}, ${b})")], []),
    ],
)
def test_circles_are_named(items: list[dict[str, Any]], ways: list[str]) -> None:
    faults = circles(form_of(*items))
    assert sorted(fault.message for fault in faults) == [f"{way[0]} waits for itself: {way}" for way in ways]
    assert [fault.field for fault in faults] == [fault.message[0] for fault in faults]


def test_whoever_waits_is_worked_out_later() -> None:
    form = form_from_json(VISIT)
    assert not circles(form)
    places = {item.name: place for place, item in enumerate(worked_out(form))}
    assert len(places) == len(dependencies(form))
    late = {name: needed for name, needed in dependencies(form).items() if needed}
    assert len(late) > 10
    assert all(places[name] > places[other] for name, needed in late.items() for other in needed)
