"""Drafting a round, and what it would ask of how many before it is drafted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
from gisgrid.errors import Fault, InvalidInput, NotFound, say
from gisgrid.places.import_rows import batches
from gisgrid.records.core.rules import RoundState, SubjectKind
from gisgrid.records.core.subjects import subject_columns
from gisgrid.records.core.versions import OpenedForm, published_version
from gisgrid.records.core.work_models import Round, RoundSubject
from gisgrid.records.rounds.inputs import RoundInput, RoundSelector, input_faults, selector_faults
from gisgrid.records.rounds.known_fields import FieldKnown, known_subjects
from gisgrid.records.rounds.selection import grid_faults, selected_ids
from gisgrid.records.work.round_lines import OF_ROUNDS
from gisgrid.storage.base import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrial:
    """Whom a round would ask today: ``ids`` without the ``left_out``, who would be asked nothing new."""

    ids: tuple[str, ...]
    left_out: int
    fields: tuple[FieldKnown, ...]


def try_round(view: View, form: str, selector: RoundSelector) -> RoundTrial:
    """Whom a round with a form would ask today, and how much of it the register knows; nothing is kept.

    Raises
    ------
    NotAllowed
        The role drafts no rounds.
    InvalidInput
        The form or the choice can't be so: all faults; or nobody would be asked anything new.
    """
    require(view.actor, Action.ROUNDS_DRAFT)
    opened, faults = _form(view, form)
    faults += _choice_faults(view, opened, selector)
    if faults or opened is None:
        raise InvalidInput(faults)
    return trial_of(view, opened, ids_of(view, opened, selector))


def draft_round(view: View, sent: RoundInput, *, now: datetime) -> str:
    """Keep a draft of a round; its id. A list of subjects is kept with it, a choice is made when it opens.

    Raises
    ------
    NotAllowed
        The role drafts no rounds.
    InvalidInput
        Anything of it can't be so: all faults; or nobody would be asked anything new.
    """
    require(view.actor, Action.ROUNDS_DRAFT)
    wait_for_others(view.session, view.community.id)
    opened, faults = _form(view, sent.form)
    faults += [*input_faults(sent, view.when.day), *_choice_faults(view, opened, sent.selector)]
    if faults or opened is None:
        raise InvalidInput(faults)
    trial_of(view, opened, ids_of(view, opened, sent.selector))
    row = Round(
        id=new_id(),
        community_id=view.community.id,
        form_version_id=opened.version.id,
        title=sent.title.strip(),
        first_day=sent.first_day,
        last_day=sent.last_day,
        state=RoundState.DRAFT,
        selector=sent.document(),
        made_at=now,
        made_by=view.actor.account_id,
    )
    view.session.add(row)
    view.session.flush()
    if sent.selector.ids is not None:
        keep_subjects(view, row, kind_of(opened), sorted(set(sent.selector.ids)))
    record(view.session, view.actor, "rounds:draft", "round", now=now, object_id=row.id)
    view.session.flush()
    return row.id


def ids_of(view: View, opened: OpenedForm, selector: RoundSelector) -> list[str]:
    """The subjects of today that a form would be filled for by a choice or a list."""
    return selected_ids(view, kind_of(opened), opened.tree.settings.purpose, selector)


def trial_of(view: View, opened: OpenedForm, ids: Sequence[str]) -> RoundTrial:
    """Those of some subjects whom the form asks anything that isn't known freshly.

    Raises
    ------
    InvalidInput
        There are none: the register knows it all.
    """
    kind = kind_of(opened)
    known = known_subjects(view, kind, opened.tree, ids)
    asked = tuple(subject for subject in ids if subject not in known.asked_nothing)
    if not asked:
        raise InvalidInput(
            say("a round can't ask what the register knows: all of this was confirmed lately"), field="form"
        )
    return RoundTrial(ids=asked, left_out=len(ids) - len(asked), fields=known.fields)


def keep_subjects(view: View, row: Round, kind: SubjectKind, subjects: Sequence[str]) -> None:
    """Write the subjects of a round by their ids."""
    rows = [{"id": new_id(), "round_id": row.id, **subject_columns(kind, subject)} for subject in subjects]
    for few in batches(rows):
        view.session.execute(insert(RoundSubject), list(few))


def kind_of(opened: OpenedForm) -> SubjectKind:
    """The kind of subject that a form is about."""
    return SubjectKind(opened.form.subject)


def _form(view: View, code: str) -> tuple[OpenedForm | None, list[Fault]]:
    """The version of a form that is filled now, or what keeps a round from asking it."""
    try:
        opened = published_version(view, code)
    except NotFound as error:
        return None, [Fault(message=error.args[0], field="form")]
    if kind_of(opened) not in OF_ROUNDS:
        message = say("rounds are of people, households, buildings and facilities; this form is about others")
        return None, [Fault(message=message, field="form")]
    return opened, []


def _choice_faults(view: View, opened: OpenedForm | None, selector: RoundSelector) -> list[Fault]:
    faults = grid_faults(view, selector.grids)
    return faults if opened is None else [*faults, *selector_faults(selector, kind_of(opened))]
