"""A form as a tree of frozen rows: what is asked, in which order, under which conditions.

Words are those of XLSForm; texts are by language (``{"zh": "上门方式"}``), expressions are trees already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gisgrid.forms.expressions.nodes import Expression

Texts: TypeAlias = Mapping[str, str]
"""A text by language."""

ANSWERED: Final = frozenset(
    {
        *("text", "integer", "decimal", "date", "time", "select_one", "select_multiple", "acknowledge"),
        *("image", "geopoint", "start", "end", "today"),
    }
)
"""Types of questions that somebody, or the device itself, answers."""
SELECTS: Final = frozenset({"select_one", "select_multiple"})
QUESTION_TYPES: Final = ANSWERED | {"note", "calculate"}
SUBJECTS: Final = (
    *("person", "household", "building", "area", "facility", "community", "case", "worker", "organisation"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a list; ``columns`` are what a choice filter may ask for."""

    name: str
    label: Texts = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, a note or a calculation.

    ``choices`` is the name of a list. ``register`` is the field of the register it stands for, which is asked
    anew only ``fresh_days`` after it was last confirmed. ``sensitive`` is shown folded; ``mark`` is a
    calculation whose truth is kept with the record; ``no_consent`` may be asked where consent was refused.
    """

    name: str
    type: str
    label: Texts = field(default_factory=dict)
    hint: Texts = field(default_factory=dict)
    appearance: str = ""
    choices: str | None = None
    relevant: Expression | None = None
    required: Expression | None = None
    required_message: Texts = field(default_factory=dict)
    constraint: Expression | None = None
    constraint_message: Texts = field(default_factory=dict)
    calculation: Expression | None = None
    default: Expression | None = None
    choice_filter: Expression | None = None
    read_only: bool = False
    register: str | None = None
    sensitive: bool = False
    mark: bool = False
    no_consent: bool = False
    fresh_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionGroup:
    """Questions under one heading that are asked together or not at all."""

    name: str
    items: tuple[Item, ...]
    label: Texts = field(default_factory=dict)
    relevant: Expression | None = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Questions that are answered once per row; ``count`` says how many rows there are, if it is not free."""

    name: str
    items: tuple[Item, ...]
    label: Texts = field(default_factory=dict)
    relevant: Expression | None = None
    count: Expression | None = None
    register: str | None = None
    sensitive: bool = False
    no_consent: bool = False


Item: TypeAlias = Question | QuestionGroup | Repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSettings:
    """What a form is about, for which purpose and who may fill it (``duties``, the column ``for``)."""

    subject: str
    purpose: str | None = None
    legal_basis: str | None = None
    duties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTree:
    """A whole form. ``choices`` are the lists by name; the first of ``languages`` is the form's own."""

    code: str
    title: Texts
    languages: tuple[str, ...]
    settings: FormSettings
    items: tuple[Item, ...]
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)


def walk_items(items: tuple[Item, ...]) -> Iterator[Item]:
    """All questions, groups and repeats, each before what it holds."""
    for item in items:
        yield item
        if not isinstance(item, Question):
            yield from walk_items(item.items)


def questions_of(items: tuple[Item, ...]) -> list[Question]:
    """All questions below, those of groups and repeats too."""
    return [item for item in walk_items(items) if isinstance(item, Question)]


def text_in(texts: Texts, language: str) -> str:
    """A text in a language, or in the first there is; empty where there is none."""
    return texts.get(language) or next(iter(texts.values()), "")
