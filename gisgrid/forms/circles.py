"""Which questions wait for which: the order in which a form is worked out, and circles, which have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from gisgrid.errors import Fault, say
from gisgrid.forms.expressions.nodes import Expression, names_of
from gisgrid.forms.tree import FormTree, Item, Question, QuestionGroup, Repeat, walk_items


def circles(form: FormTree) -> list[Fault]:
    """The circles of a form, each once, at the question where it begins (the first by name)."""
    waits, faults = dependencies(form), []
    while circle := _circle_in(waits):
        start = circle.index(min(circle))
        way = [*circle[start:], *circle[:start], circle[start]]
        message = say("{name} waits for itself: {way}", name=way[0], way=" → ".join(way))
        faults.append(Fault(message=message, field=way[0]))
        waits = {name: needed - {way[1]} if name == way[0] else needed for name, needed in waits.items()}
    return faults


def worked_out(form: FormTree) -> list[Item]:
    """All items, each behind those it waits for. A form with circles has no such order: it keeps its own."""
    items = {item.name: item for item in walk_items(form.items)}
    try:
        names = list(TopologicalSorter(dependencies(form)).static_order())
    except CycleError:
        names = list(items)
    return [items[name] for name in names if name in items]


def dependencies(form: FormTree) -> Mapping[str, set[str]]:
    """For each item the names it waits for: what its expressions ask for and the group around it."""
    return {item.name: set(_waits_for(item, parent)) for item, parent in _with_parents(form.items, None)}


def _waits_for(item: Item, parent: str | None) -> Iterator[str]:
    if parent:
        yield parent
    for expression in _value_expressions(item):
        yield from names_of(expression)


def _value_expressions(item: Item) -> list[Expression]:
    """The expressions on which the value of an item depends."""
    match item:
        case Question():
            values = (item.relevant, item.calculation)
        case Repeat():
            values = (item.relevant, item.count)
        case QuestionGroup():
            values = (item.relevant, None)
    return [value for value in values if value is not None]


def _with_parents(items: tuple[Item, ...], parent: str | None) -> Iterator[tuple[Item, str | None]]:
    for item in items:
        yield item, parent
        if not isinstance(item, Question):
            yield from _with_parents(item.items, item.name)


def _circle_in(waits: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        names: list[str] = error.args[1]
        return names[:0:-1]
    return []
