"""Where pages stand in the navigation: each says it at its route, with who may open it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from flask import Flask, current_app

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.labels.table import N_
from web.context import current_actor
from web.i18n import gettext as _
from web.security.gate import Access

_KEPT: Final = "gisgrid_navigation"


class Group(Enum):
    """The groups of the rail from top to bottom, and the tabs of the administration: symbol and word."""

    MAPS = ("map", N_("一张图"))
    GRIDS = ("vector-pen", N_("网格划分"))
    CASES = ("clipboard-check", N_("案件"))
    VISITS = ("person-hearts", N_("走访与老人"))
    FIGURES = ("bar-chart", N_("统计"))
    RECORDS = ("clipboard-data", N_("资料"))
    SETTINGS = ("list-check", N_("设置"))
    ADMINISTRATION = ("", N_("系统管理"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its group, its place in it, its word, and the key by which its page says that it is open.

    Whoever may open the page sees it; ``needs`` asks for a right more, ``unless`` leaves it out for those who
    have another entry instead.
    """

    group: Group
    place: int
    key: str
    word: str
    symbol: str = ""
    needs: Action | None = None
    unless: Action | None = None


@dataclass(frozen=True, slots=True)
class _Page:
    entry: Entry
    address: str
    access: Access

    def is_shown(self) -> bool:
        actor, entry = current_actor(), self.entry
        if entry.unless is not None and may(actor, entry.unless):
            return False
        return self.access.is_open_to_asker() and (entry.needs is None or may(actor, entry.needs))


def init_navigation(app: Flask) -> None:
    """Give templates ``rail`` and ``tabs_of_administration``."""
    app.extensions[_KEPT] = []
    app.add_template_global(rail)
    app.add_template_global(tabs_of_administration)


def add_entries(app: Flask, entries: Iterable[Entry], address: str, access: Access) -> None:
    """Put a page into the navigation."""
    app.extensions[_KEPT] += [_Page(entry, address, access) for entry in entries]


def rail() -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Symbol and word of each group with the pages the asker may open as (key, address, word)."""
    groups = [group for group in Group if group != Group.ADMINISTRATION]
    rows = [(*_worded(group), [_describe(page) for page in _shown(group)]) for group in groups]
    return [row for row in rows if row[2]]


def tabs_of_administration() -> list[tuple[str, str, str, str]]:
    """The pages of the administration as (key, address, word, symbol)."""
    return [(*_describe(page), page.entry.symbol) for page in _shown(Group.ADMINISTRATION)]


def _worded(group: Group) -> tuple[str, str]:
    symbol, word = group.value
    return symbol, _(word)


def _describe(page: _Page) -> tuple[str, str, str]:
    return page.entry.key, page.address, _(page.entry.word)


def _shown(group: Group) -> list[_Page]:
    pages: list[_Page] = current_app.extensions[_KEPT]
    shown = [page for page in pages if page.entry.group == group and page.is_shown()]
    return sorted(shown, key=lambda page: page.entry.place)
