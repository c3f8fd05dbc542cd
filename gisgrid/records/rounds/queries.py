"""Which rounds a community has, and what one asks of whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.areas.view import View
from gisgrid.days import local_text_or_none
from gisgrid.errors import NotFound
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import RoundState
from gisgrid.records.core.versions import opened_form
from gisgrid.records.rounds.inputs import selector_of
from gisgrid.records.work.round_lines import OpenedRound, round_of, rounds_of


class RoundRow(TypedDict):
    """A round: its form, whom it is for, its days and its legal basis.

    ``who`` is an expression over facts, `grids` are codes; of a list neither.
    """

    id: str
    title: str
    form: str
    form_title: Annotated[Mapping[str, str], Field(description="by language")]
    version: int
    subject: str
    state: str
    first_day: str
    last_day: str
    who: str | None
    grids: list[str]
    is_list: bool
    legal_basis: str
    opened_at: str | None
    closed_at: str | None


def list_rounds(view: View) -> list[RoundRow]:
    """The rounds of the community, the one that ends last at the head; drafts for who drafts alone.

    Raises
    ------
    NotAllowed
        The role sees no rounds.
    """
    require(view.actor, Action.ROUNDS_VIEW)
    return [_row(view, opened) for opened in rounds_of(view) if _is_shown(view, opened)]


def one_round(view: View, round_id: str) -> RoundRow:
    """A round of the community.

    Raises
    ------
    NotAllowed
        The role sees no rounds.
    NotFound
        No such round in the community, or a draft of others.
    """
    require(view.actor, Action.ROUNDS_VIEW)
    opened = round_of(view, round_id)
    if opened is None or not _is_shown(view, opened):
        raise NotFound("no such round")
    return _row(view, opened)


def _is_shown(view: View, opened: OpenedRound) -> bool:
    return opened.row.state != RoundState.DRAFT or may(view.actor, Action.ROUNDS_DRAFT)


def _row(view: View, opened: OpenedRound) -> RoundRow:
    row = opened.row
    version = view.session.get_one(FormVersion, row.form_version_id)
    tree = opened_form(view, view.session.get_one(FieldForm, version.form_id), version).tree
    selector = selector_of(row.selector)
    return {
        "id": row.id,
        "title": row.title,
        "form": opened.form,
        "form_title": tree.title,
        "version": version.number,
        "subject": opened.kind.value,
        "state": row.state,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "who": selector.who,
        "grids": list(selector.grids),
        "is_list": selector.ids is not None,
        "legal_basis": str((row.selector or {}).get("legal_basis", "")),
        "opened_at": local_text_or_none(row.opened_at, view.tz),
        "closed_at": local_text_or_none(row.closed_at, view.tz),
    }
