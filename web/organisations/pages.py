"""The page of the monthly report of property companies and social organisations."""

from __future__ import annotations

from flask import request

from gisgrid.access.actions import Action
from gisgrid.errors import InvalidInput, NotFound, say
from gisgrid.indicators.appraisals.rules import is_over
from gisgrid.indicators.organisation_words import COUNTS
from gisgrid.indicators.organisations import organisations_in
from gisgrid.labels.table import N_
from web.answers import audited
from web.appraisals.api import chosen_month
from web.appraisals.pages import last_months
from web.blueprints import Pages
from web.context import now
from web.frame import open_page, show
from web.navigation import Entry, Group
from web.organisations.api import words_of_numbers
from web.problems import placed
from web.words.left_out import errands_note

organising = Pages("organisations", __name__)


@organising.get(
    "/organisations",
    right=Action.ORGANISATIONS_VIEW,
    entries=(Entry(Group.FIGURES, 4, "organisations", N_("单位月报")),),
)
def page() -> tuple[str, int]:
    """All organisations of a month, one of them with its numbers, what they mean and what is behind one."""
    view = open_page()
    if view is None:
        return show("organisations/list.html", None, months=[], month=None, faults=[]), 200
    faults, status, text = [], 200, request.args.get("month")
    try:
        month = chosen_month(view, text)
    except InvalidInput as error:
        faults, status, month = [placed(fault) for fault in error.faults], 422, chosen_month(view, None)
    with audited(view.session):
        months = organisations_in(view, month, now=now())
    words, wanted = words_of_numbers(), request.args.get("account")
    chosen = next((organisation for organisation in months if organisation.account == wanted), None)
    if wanted and chosen is None:
        raise NotFound(say("no such organisation"))
    if chosen is None and len(months) == 1:
        chosen = months[0]
    count = request.args.get("count", "asked")
    return show(
        "organisations/list.html",
        view,
        found=months,
        chosen=chosen,
        count=count if chosen and count in chosen.behind else "asked",
        counts=words[: len(COUNTS)],
        shares=words[len(COUNTS) :],
        month=f"{month:%Y-%m}",
        known_months=last_months(now().astimezone(view.tz).date()),
        unlisted=errands_note(),
        is_over=is_over(month, now=now(), tz=view.tz),
        faults=faults,
    ), status
