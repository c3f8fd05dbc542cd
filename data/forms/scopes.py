"""Names of questions in repeats: outside their repeat they are many, and only some functions take many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from data.forms.survey import repeat_of_names, repeats_of
from gisgrid.errors import Fault, say
from gisgrid.forms.expressions.nodes import Expression
from gisgrid.forms.tree import FormTree
from gisgrid.forms.tree_faults import expressions_of

_TAKE_MANY: Final = frozenset({"sum", "count", "count-non-empty", "join", "max", "min"})


def scope_faults(form: FormTree) -> list[Fault]:
    """Names that stand in a repeat and are used outside it as if they were one."""
    around = repeat_of_names(form.items)
    message = (
        "{name} stands in a repeat and is used outside: sum(), count(), join(), max() or min() are needed"
    )
    return [
        Fault(message=say(message, name=name), field=item.name)
        for item, within in repeats_of(form.items)
        for expression in expressions_of(item)
        for name in sorted(set(_single(expression)))
        if _is_many(around, name, within, item.name)
    ]


def _is_many(around: Mapping[str, str | None], name: str, within: str | None, item: str) -> bool:
    repeat = around.get(name)
    return repeat is not None and repeat not in {within, item}


def _single(expression: Expression) -> Iterator[str]:
    """Names that stand for one value: not those handed to a function that takes many."""
    head, rest = expression[0], expression[1:]
    if head == "ref":
        yield str(rest[0])
    elif head == "call" and rest[0] in _TAKE_MANY:
        for part in rest[1:]:
            if not (isinstance(part, list) and part[0] == "ref"):
                yield from _single(part) if isinstance(part, list) else ()
    else:
        for part in rest:
            if isinstance(part, list):
                yield from _single(part)
