"""The page of terms: what every figure means, where its definition is from, and who sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gisgrid.access.actions import RIGHTS, Action
from gisgrid.access.models import Role
from gisgrid.figures.measures import SETS, MeasureSet
from gisgrid.indicators.formulas import INDICATORS, OWN, Indicator
from gisgrid.indicators.organisation_words import COUNTS, Count
from gisgrid.labels.access import ROLES
from gisgrid.labels.columns import COLUMNS
from gisgrid.labels.table import N_
from web.blueprints import Pages
from web.frame import open_page, show
from web.i18n import current_language, label
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.security.gate import Open

definitions = Pages("definitions", __name__)


@dataclass(frozen=True, slots=True)
class Term:
    """One figure as the page tells it."""

    name: str
    definition: str
    source: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The figures of one page, and the roles that may open it."""

    title: str
    roles: tuple[str, ...]
    terms: tuple[Term, ...]


@definitions.get(
    "/definitions",
    right=Open.SIGNED_IN,
    entries=(Entry(Group.FIGURES, 5, "definitions", N_("术语与口径"), needs=Action.FIGURES_VIEW),),
)
def terms() -> str:
    """Every figure of the maps, the indicators and the organisations' months."""
    return show("figures/definitions.html", open_page(), chapters=list(_chapters()))


def _chapters() -> Iterator[Chapter]:
    for group in SETS:
        yield Chapter(_(group.title), _roles(group.right), tuple(_measures(group)))
    yield Chapter(_("案件指标"), _roles(Action.FIGURES_VIEW), tuple(_worded(INDICATORS)))
    yield Chapter(_("单位月报"), _roles(Action.ORGANISATIONS_VIEW), tuple(_worded(COUNTS)))


def _roles(right: Action) -> tuple[str, ...]:
    return tuple(label(ROLES, role) for role in Role if role in RIGHTS[right] and role != Role.LOCAL)


def _measures(group: MeasureSet) -> Iterator[Term]:
    for term in group.measures:
        yield Term(label(COLUMNS, term.code), _(term.definition).format(**term.values), _(term.source))


def _worded(figures: Iterable[Indicator | Count]) -> Iterator[Term]:
    is_chinese = current_language() == "zh"
    for term in figures:
        name, definition = (term.name, term.definition) if is_chinese else (term.name_en, term.definition_en)
        yield Term(name, definition, term.source if isinstance(term, Indicator) else _(OWN))
