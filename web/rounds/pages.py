"""Pages of rounds: which there are, a new one, and how far one is."""

from __future__ import annotations

from typing import Final

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.labels.table import N_
from gisgrid.labels.tasks import FACT_WORDS
from gisgrid.records.core.rules import RoundState
from gisgrid.records.publication.queries import FormListed, list_forms
from gisgrid.records.rounds.progress import RoundProgress, round_progress
from gisgrid.records.rounds.queries import list_rounds, one_round
from gisgrid.records.work.round_lines import OF_ROUNDS
from web.answers import audited_view
from web.blueprints import Pages
from web.frame import grid_choices, page_request, show
from web.i18n import label
from web.navigation import Entry, Group
from web.words.choice_words import words_of

round_pages = Pages("round_pages", __name__)
_TRUTHS: Final = (
    *("living_alone", "empty_nest", "no_income", "min_allowance", "disabled", "hardship", "has_visitor"),
)
"""Facts of people that are ticked in the form of a new round."""


@round_pages.get(
    "/rounds", right=Action.ROUNDS_VIEW, entries=(Entry(Group.VISITS, 4, "rounds", N_("采集轮次")),)
)
def listing() -> str:
    """The rounds of the community; who drafts has the form of a new one beside them."""
    with audited_view(page_request()) as view:
        rows = list_rounds(view)
        drafts = may(view.actor, Action.ROUNDS_DRAFT)
        forms = _forms(view) if drafts else []
        grids = grid_choices(view)
    truths = [(fact, label(FACT_WORDS, fact)) for fact in _TRUTHS]
    return show("rounds/rounds.html", view, rows=rows, drafts=drafts, forms=forms, grids=grids, truths=truths)


@round_pages.get("/rounds/<round_id>", right=Action.ROUNDS_VIEW)
def one(round_id: str) -> str:
    """A round: what it asks of whom, and how far it is."""
    with audited_view(page_request()) as view:
        row = one_round(view, round_id)
        progress = _progress(view, round_id) if row["state"] != RoundState.DRAFT else None
        names = dict(grid_choices(view))
    return show(
        "rounds/round.html",
        view,
        row=row,
        progress=progress,
        words=words_of(row["who"]),
        grids=[names.get(code, code) for code in row["grids"]],
    )


def _forms(view: View) -> list[FormListed]:
    """Published forms that rounds may be of."""
    return [row for row in list_forms(view) if row["version"] is not None and row["subject"] in OF_ROUNDS]


def _progress(view: View, round_id: str) -> RoundProgress | None:
    try:
        return round_progress(view, round_id)
    except NotFound:
        return None
