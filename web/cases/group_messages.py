"""Messages of a group chat as cases: pasted, read one by one, decided."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.cases.intake.duplicates import DuplicateCandidate
from gisgrid.cases.intake.group_messages import (
    MOST_MESSAGES,
    Decided,
    Deed,
    Pasted,
    Settled,
    joined,
    known_there,
    propose,
    settle,
)
from gisgrid.errors import Fault, InvalidInput, NotFound
from gisgrid.figures.hotspots import categories
from web.answers import writing_view
from web.blueprints import Pages
from web.context import close_reading, now, services, view_of
from web.frame import open_page, page_request, show
from web.i18n import gettext as _
from web.problems import placed

pasting = Pages("pasting", __name__)
_FIELDS = ("category", "description", "address", "contact")
_CARRIED = (*_FIELDS, "key", "asked", "said_at", "goes_on")
_SAME = f"{Deed.SAME.value}:"

Card = dict[str, Any]
"""A message as the page shows it: its fields, what is chosen for it, what may be the same, its faults."""


@pasting.get("/cases/paste", right=Action.CASES_HANDLE)
def page() -> str:
    """The place to paste messages in."""
    return show("cases/paste.html", open_page(), faults=[], message="", cards=None)


@pasting.post("/cases/paste", right=Action.CASES_HANDLE)
def read() -> tuple[str, int] | str:
    """What each message seems to say, to be put right and decided; nothing is kept."""
    view, message = view_of(page_request()), request.form.get("message", "")
    try:
        drafts = propose(view, message)
    except InvalidInput as error:
        faults = [placed(fault) for fault in error.faults]
        return show("cases/paste.html", view, faults=faults, message=message, cards=None), 422
    cards = [
        {name: getattr(draft, name) for name in (*_FIELDS, "said_at")}
        | {"asked": draft.address, "key": secrets.token_urlsafe(16), "goes_on": "1" if draft.goes_on else ""}
        for draft in drafts
    ]
    return _confirm(cards)


@pasting.post("/cases/paste/keep", right=Action.CASES_HANDLE)
def keep() -> tuple[str, int] | str | Response:
    """Do with each message what was decided; nothing yet where something is to be looked at again."""
    cards = _cards()
    decided = [_decided(card, is_only=len(cards) == 1) for card in cards]
    try:
        together = joined(decided)
    except InvalidInput as error:
        return _confirm(cards, error.faults), 422
    if len(together) < len(decided):
        flash(_("已并入上一条,请再核对一遍。"), "good")
        return _confirm(_merged(cards, together))
    kept = [card for card, message in zip(cards, decided, strict=True) if message.deed is Deed.KEEP]
    if any(_is_moved(card) and _known(card) for card in kept):
        return _confirm(cards)
    try:
        settled = _settle(decided)
    except InvalidInput as error:
        return _confirm(cards, error.faults), 422
    except NotFound:  # a known case has ended in between
        return _confirm([card | {"do": ""} if card["do"].startswith(_SAME) else card for card in cards]), 409
    return _done(settled, dropped=sum(message.deed is Deed.DROP for message in decided))


def _settle(decided: Sequence[Decided]) -> Settled:
    site, asked = services(), page_request()
    close_reading()
    with writing_view(asked) as view:
        return settle(view, decided, caches=site.cache, now=now(), tz=site.settings.tz)


def _done(settled: Settled, *, dropped: int) -> Response:
    """Say what became of the messages, and go where that is seen."""
    numbers = "、".join(number for _id, number in settled.made)
    if numbers:
        flash(_("已登记为案件 {number}。").format(number=numbers), "good")
    for count in settled.said_by:
        flash(_("这件事已有 {n} 人反映。如果还有别的情况,请另报一件。").format(n=count), "good")
    if dropped:
        flash(_("{n} 条消息没有登记。").format(n=dropped), "good")
    if len(settled.made) == 1 and not settled.said_by:
        return redirect(f"/cases/{settled.made[0][0]}", 303)
    return redirect("/cases" if settled.made else "/cases/paste", 303)


def _cards() -> list[Card]:
    """The messages as they were sent, in their order; a form has each field once for every message."""
    columns = {name: request.form.getlist(name) for name in _CARRIED}
    count = min(max(len(columns["key"]), 1), MOST_MESSAGES)
    cards = [
        {name: values[place] if place < len(values) else "" for name, values in columns.items()}
        for place in range(count)
    ]
    if not columns["asked"]:  # sent from elsewhere than the page: nothing was changed by hand
        cards = [card | {"asked": card["address"]} for card in cards]
    return [card | {"do": request.form.get(f"do-{card['key']}", "")} for card in cards]


def _decided(card: Card, *, is_only: bool) -> Decided:
    chosen, _sign, token = card["do"].partition(":")
    deed = Deed(chosen) if chosen in set(Deed) else Deed.KEEP if is_only and not chosen else None
    given = Pasted(**{name: card[name] for name in _FIELDS})
    return Decided(deed=deed, given=given, key=card["key"], token=token[:80])


def _merged(cards: Sequence[Card], together: Sequence[Decided]) -> list[Card]:
    """The messages that are left, those that others were joined to with all that was said."""
    by_key = {card["key"]: card for card in cards}
    return [
        by_key[message.key] | {name: getattr(message.given, name) for name in _FIELDS} | {"goes_on": ""}
        for message in together
    ]


def _is_moved(card: Card) -> bool:
    """Whether the address was put right by hand since somebody looked what is known there."""
    return bool(card["asked"] != card["address"])


def _confirm(cards: Sequence[Card], faults: Sequence[Fault] = ()) -> str:
    view = view_of(page_request())
    shown = [
        card
        | {
            "asked": card["address"],
            "known": _known(card),
            "faults": [placed(fault) for fault in faults if fault.row in (None, row)],
        }
        for row, card in enumerate(cards, start=1)
    ]
    return show(
        "cases/paste.html",
        view,
        faults=[],
        message="",
        cards=shown,
        categories=categories(view),
    )


def _known(card: Card) -> list[DuplicateCandidate]:
    view = view_of(page_request())
    return known_there(view, card["address"], category=card["category"], now=now())
