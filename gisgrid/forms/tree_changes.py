"""What differs between two versions of a form: questions added, taken away or changed, and in what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from typing_extensions import TypedDict

from gisgrid.forms.tree import FormTree, Item, Question, Texts, walk_items


class ItemPart(StrEnum):
    """What of a question, a group or a repeat may differ; ``PLACE`` is its order or its group."""

    WORDS = "words"
    TYPE = "type"
    CHOICES = "choices"
    CONDITION = "condition"
    REQUIRED = "required"
    RULE = "rule"
    CALCULATION = "calculation"
    REGISTER = "register"
    CARE = "care"
    MARK = "mark"
    LOOKS = "looks"
    PLACE = "place"


class FormPart(StrEnum):
    """What of a form as a whole may differ."""

    TITLE = "title"
    PURPOSE = "purpose"
    LEGAL_BASIS = "legal_basis"
    DUTIES = "duties"
    LANGUAGES = "languages"


class NamedItem(TypedDict):
    """A question, a group or a repeat, with its words by language."""

    name: str
    label: Mapping[str, str]


class ChangedItem(NamedItem):
    """A question, a group or a repeat that stayed, and what differs."""

    parts: list[ItemPart]


class FormChanges(TypedDict):
    """What differs between a version of a form and the one before it."""

    added: list[NamedItem]
    taken: list[NamedItem]
    changed: list[ChangedItem]
    settings: list[FormPart]


_PARTS: Final[Mapping[ItemPart, tuple[str, ...]]] = {
    ItemPart.WORDS: ("label", "hint", "required_message", "constraint_message"),
    ItemPart.TYPE: ("type",),
    ItemPart.CONDITION: ("relevant", "choice_filter"),
    ItemPart.REQUIRED: ("required",),
    ItemPart.RULE: ("constraint",),
    ItemPart.CALCULATION: ("calculation", "default", "count"),
    ItemPart.REGISTER: ("register", "fresh_days"),
    ItemPart.CARE: ("sensitive", "no_consent"),
    ItemPart.MARK: ("mark",),
    ItemPart.LOOKS: ("appearance", "read_only"),
}


def form_changes(former: FormTree, tree: FormTree) -> FormChanges:
    """What a version of a form adds, takes away and changes; an item is the same while it keeps its name."""
    before, after = _items(former), _items(tree)
    moved = _moved(former, tree)
    pairs = [(name, before[name], item) for name, item in after.items() if name in before]
    changed = [
        ChangedItem(
            name=name, label=item.label, parts=_parts(former, tree, old, item, is_moved=name in moved)
        )
        for name, old, item in pairs
    ]
    return {
        "added": [_named(item) for name, item in after.items() if name not in before],
        "taken": [_named(item) for name, item in before.items() if name not in after],
        "changed": [row for row in changed if row["parts"]],
        "settings": list(_settings(former, tree)),
    }


def _items(tree: FormTree) -> dict[str, Item]:
    return {item.name: item for item in walk_items(tree.items)}


def _named(item: Item) -> NamedItem:
    return {"name": item.name, "label": item.label}


def _parts(former: FormTree, tree: FormTree, old: Item, item: Item, *, is_moved: bool) -> list[ItemPart]:
    others = {
        ItemPart.TYPE: type(old) is not type(item),
        ItemPart.CHOICES: _offered(former, old) != _offered(tree, item),
        ItemPart.PLACE: is_moved,
    }
    return [part for part in ItemPart if others.get(part) or _differs(old, item, part)]


def _differs(old: Item, item: Item, part: ItemPart) -> bool:
    names = _PARTS.get(part, ())
    return any(getattr(old, name, None) != getattr(item, name, None) for name in names)


def _offered(tree: FormTree, item: Item) -> Sequence[tuple[str, Texts, Mapping[str, str]]]:
    """The choices of a question; what their list is called makes no difference."""
    listed = tree.choices.get(item.choices or "", ()) if isinstance(item, Question) else ()
    return [(choice.name, dict(choice.label), dict(choice.columns)) for choice in listed]


def _moved(former: FormTree, tree: FormTree) -> set[str]:
    """Items that stand in another group, or that no longer follow what they followed."""
    before, after = dict(_homes(former.items)), dict(_homes(tree.items))
    common = [name for name in after if name in before]
    earlier = [name for name in before if name in after]
    blocks = SequenceMatcher(None, earlier, common, autojunk=False).get_matching_blocks()
    kept = {name for block in blocks for name in common[block.b : block.b + block.size]}
    return {name for name in common if name not in kept or before[name] != after[name]}


def _homes(items: Sequence[Item], home: str = "") -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.name, home
        if not isinstance(item, Question):
            yield from _homes(item.items, item.name)


def _settings(former: FormTree, tree: FormTree) -> Iterator[FormPart]:
    pairs = {
        FormPart.TITLE: (dict(former.title), dict(tree.title)),
        FormPart.PURPOSE: (former.settings.purpose, tree.settings.purpose),
        FormPart.LEGAL_BASIS: (former.settings.legal_basis, tree.settings.legal_basis),
        FormPart.DUTIES: (former.settings.duties, tree.settings.duties),
        FormPart.LANGUAGES: (former.languages, tree.languages),
    }
    return (part for part, (before, after) in pairs.items() if before != after)
