"""What a form begins with: asked for by who is to fill it, told to heads after a reason."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.people.edits.field_states import FieldState
from gisgrid.people.edits.openings import is_shown_to
from gisgrid.people.queries import SIGHTS, Sight
from gisgrid.records.bindings.questions import bindings_of
from gisgrid.records.core.fillers import require_filling
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subject_places import subject_places
from gisgrid.records.core.versions import OpenedForm, published_version
from gisgrid.records.entries.consents import state_of
from gisgrid.records.entries.fields import closed_for
from gisgrid.records.entries.subject_scope import RecordSubject, subject_within
from gisgrid.records.prefill.values import KnownRow, KnownValue, RegisterReader


class PrefilledSubject(TypedDict):
    """Whom or what the form is about; the label is a name where the account may see it, else the address."""

    kind: str
    id: str | None
    label: str
    address: str
    household: str | None


class Prefill(TypedDict):
    """What a form begins with.

    ``consent``: what the subject answered to the form's purpose; where it isn't ``open``, nothing is told and
    ``is_granted`` is false. ``closed``: questions that may not be asked; ``closed_rows``: those of rows about
    people, by repeat and person, under ``""`` of somebody who is added. ``is_shown`` is false to heads who
    gave no reason: then no values are told.
    """

    form: str
    version: int
    subject: PrefilledSubject
    purpose: str | None
    consent: str
    is_granted: bool
    is_shown: bool
    closed: list[str]
    closed_rows: dict[str, dict[str, list[str]]]
    values: dict[str, KnownValue]
    rows: dict[str, list[KnownRow]]


def prefill(
    view: View,
    kind: SubjectKind,
    subject_id: str | None,
    form: str,
    *,
    reason: str | None = None,
    now: datetime,
) -> Prefill:
    """The register's values of every bound question of a form. Leaves one audit entry, without values.

    Raises
    ------
    NotAllowed
        The role writes no records, or doesn't fill this form.
    NotFound
        No such form, or no such subject within the actor's scope.
    InvalidInput
        The form is about another kind of subject.
    """
    require(view.actor, Action.RECORDS_WRITE)
    opened = published_version(view, form)
    require_filling(view.actor, opened.tree.settings)
    if kind != opened.tree.settings.subject:
        raise InvalidInput("this form is about another kind of subject", field="subject")
    subject = subject_within(view, kind, subject_id, lock=False)
    is_shown = subject.household is None or is_shown_to(view, reason)
    _log(view, opened, subject, reason, now)
    return _prefill(view, opened, subject, is_shown=is_shown)


def _prefill(view: View, opened: OpenedForm, subject: RecordSubject, *, is_shown: bool) -> Prefill:
    tree, state = opened.tree, state_of(view.session, opened.tree, subject)
    closed = closed_for(view.session, tree, subject, state)
    answer = Prefill(
        form=opened.form.code,
        version=opened.version.number,
        subject=_subject(view, subject, is_shown=is_shown),
        purpose=tree.settings.purpose,
        consent=state.value,
        is_granted=state == FieldState.OPEN,
        is_shown=is_shown,
        closed=sorted(closed),
        closed_rows={},
        values={},
        rows={},
    )
    if subject.household is not None and is_shown and state == FieldState.OPEN:
        reader = RegisterReader(view=view, tree=tree, household=subject.household)
        answer["values"], answer["rows"] = reader.outside(subject.person, closed), reader.rows()
        answer["closed_rows"] = reader.closed()
    return answer


def _subject(view: View, subject: RecordSubject, *, is_shown: bool) -> PrefilledSubject:
    key = (subject.kind, subject.id)
    place = subject_places(view, [key])[key]
    sight = SIGHTS.get(view.actor.role, Sight.NONE) if view.actor.role else Sight.NONE
    return PrefilledSubject(
        kind=subject.kind.value,
        id=subject.id,
        label=place.label(Sight.NAMES if is_shown and sight == Sight.MASKED else sight),
        address=place.address,
        household=place.household,
    )


def _log(view: View, opened: OpenedForm, subject: RecordSubject, reason: str | None, now: datetime) -> None:
    kind = {SubjectKind.PERSON: "resident"}.get(subject.kind, subject.kind.value)
    fields = sorted({binding.field.code for binding in bindings_of(opened.tree)})
    record(
        view.session,
        view.actor,
        "records:prefill",
        kind,
        now=now,
        object_id=subject.id,
        fields=fields,
        reason=(reason or "").strip() or None,
    )
