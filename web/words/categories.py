"""What categories of cases are called in the reader's language: English names stand beside Chinese ones."""

from __future__ import annotations

from flask import Flask, g
from sqlalchemy import select

from gisgrid.cases.core.models import Category
from gisgrid.errors import Sentence, say
from web.context import read_session
from web.i18n import current_language


def english_names() -> dict[str, str]:
    """English names of categories by their Chinese ones, for a reader of English; else nothing."""
    if current_language() != "en":
        return {}
    if "category_names" not in g:
        named = select(Category.name, Category.name_en).where(Category.name_en.is_not(None))
        g.category_names = {row.name: row.name_en for row in read_session().execute(named) if row.name_en}
    names: dict[str, str] = g.category_names
    return names


def category_word(name: str) -> str:
    """The name of a category in the reader's language; where it has none there, the name itself."""
    return english_names().get(name, name)


def with_category_words(said: Sentence) -> Sentence:
    """A sentence whose categories are in the reader's language."""
    values = {name: _word(name, value) for name, value in said.values.items()}
    return say(said.template, **values)


def _word(name: str, value: object) -> object:
    if isinstance(value, Sentence):
        return with_category_words(value)
    return category_word(value) if name == "category" and isinstance(value, str) else value


def init_category_words(app: Flask) -> None:
    """Give templates ``category``: the name of a category in the reader's language."""
    app.jinja_env.filters["category"] = category_word
