"""What the register knows freshly of a round's subjects: whoever would be asked nothing new is left out.

A bound question is known of a subject where an answer to it was confirmed within its days of freshness, or
where it may not be asked since its purpose was refused. What says how a visit went, photos and positions ask
nobody anything; what stands in the rows of a household's people is about people who are known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import func, or_, select

from gisgrid.areas.view import View
from gisgrid.forms.tree import ANSWERED, FormTree, Repeat, questions_of, walk_items
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import LISTED_AGE, NOT_ASKED, latest_birth
from gisgrid.people.edits.fields import FieldType
from gisgrid.places.models import Household
from gisgrid.records.bindings.questions import Binding, bindings_of
from gisgrid.records.core.record_models import Record, RecordField
from gisgrid.records.core.rules import FieldBecame, SubjectKind
from gisgrid.records.work.refusals import RefusalDays, refusal_days
from gisgrid.storage.base import lived_on

_NO_QUESTIONS: Final = frozenset({"image", "geopoint", "start", "end", "today"})
_CONFIRMED: Final = (FieldBecame.CONFIRMED, FieldBecame.WRITTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKnown:
    """Of how many subjects a field is known, of those for whom it stands in the form."""

    field: str
    known: int
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSubjects:
    """How much of a form is known already: by field, and the subjects that would be asked nothing new."""

    fields: tuple[FieldKnown, ...]
    asked_nothing: frozenset[str]


NOTHING_KNOWN: Final = KnownSubjects(fields=(), asked_nothing=frozenset())


def known_subjects(view: View, kind: SubjectKind, tree: FormTree, ids: Collection[str]) -> KnownSubjects:
    """What is known of some subjects by the questions of a form."""
    bindings = [binding for binding in bindings_of(tree) if binding.field.type != FieldType.LEAVING]
    if not bindings:
        return NOTHING_KNOWN
    fields, known = _Known(view, kind, tuple(bindings), frozenset(ids)).of_subjects()
    return KnownSubjects(fields=fields, asked_nothing=frozenset() if asks_more(tree) else known)


def asks_more(tree: FormTree) -> bool:
    """Whether a form asks anything that stands for no field of the register."""
    bound = {binding.question.name for binding in bindings_of(tree)}
    in_rows = {binding.repeat for binding in bindings_of(tree)} - {None}
    return any(
        question.type in ANSWERED - _NO_QUESTIONS
        and not question.no_consent
        and question.name not in bound
        and question.calculation is None
        and question.name not in _questions_within(tree, in_rows)
        for question in questions_of(tree.items)
    )


def _questions_within(tree: FormTree, repeats: Collection[str | None]) -> set[str]:
    rows = [item for item in walk_items(tree.items) if isinstance(item, Repeat) and item.name in repeats]
    return {question.name for row in rows for question in questions_of(row.items)}


class _Row(NamedTuple):
    """A home or a person whose fields a form about ``subject`` asks for; of a home without a person."""

    subject: str
    home: str
    home_consent: str | None
    person: str | None
    own_consent: str | None


@dataclass(frozen=True)
class _Known:
    view: View
    kind: SubjectKind
    bindings: Sequence[Binding]
    ids: frozenset[str]

    def of_subjects(self) -> tuple[tuple[FieldKnown, ...], frozenset[str]]:
        """How much is known by field, and of which subjects everything is."""
        confirmed = self._confirmed()
        refused = refusal_days(self.view, Household.community_id == self.view.community.id)
        counts: dict[str, list[int]] = {binding.field.code: [0, 0] for binding in self.bindings}
        unknown, known = set[str](), set[str]()
        for row in self._rows():
            known.add(row.subject)
            for binding in self.bindings:
                if binding.is_of_household == (row.person is None):
                    is_known = self._is_known(binding, row, confirmed, refused)
                    counts[binding.field.code][0] += is_known
                    counts[binding.field.code][1] += 1
                    if not is_known:
                        unknown.add(row.subject)
        fields = (FieldKnown(field=code, known=row[0], subjects=row[1]) for code, row in counts.items())
        return tuple(fields), frozenset(known - unknown)

    def _is_known(
        self, binding: Binding, row: _Row, confirmed: Mapping[tuple[str, str], datetime], refused: RefusalDays
    ) -> bool:
        at = confirmed.get((binding.field.code, row.person or row.home))
        if at is not None and at > self.view.when.at - timedelta(days=binding.fresh_days):
            return True
        own = None if row.own_consent == NOT_ASKED else row.own_consent
        person = None if row.person is None else (row.person, own)
        today = self.view.when.day
        days = refused.of(binding.field.purpose, (row.home, row.home_consent), person)
        return any(start <= today and (end is None or end > today) for start, end in days)

    def _rows(self) -> Iterator[_Row]:
        yield from self._home_rows()
        yield from self._person_rows()

    def _home_rows(self) -> Iterator[_Row]:
        is_person = self.kind == SubjectKind.PERSON
        subject = Resident.id if is_person else Household.id
        statement: Any = select(subject, Household.id, Household.consent)
        if is_person:
            statement = statement.join(Household, Household.id == Resident.household_id)
        here = statement.where(Household.community_id == self.view.community.id)
        for subject_id, home, consent in self.view.session.execute(here):
            if subject_id in self.ids:
                yield _Row(subject_id, home, consent, None, None)

    def _person_rows(self) -> Iterator[_Row]:
        today = self.view.when.day
        old_enough = Resident.birth_date <= latest_birth(LISTED_AGE, today)
        statement = (
            select(Resident.id, Resident.consent, Household.id, Household.consent)
            .join(Household, Household.id == Resident.household_id)
            .where(
                Household.community_id == self.view.community.id,
                lived_on(Resident.lived_from, Resident.lived_to, today),
                Resident.erased_at.is_(None),
                or_(Resident.birth_date.is_(None), old_enough),
            )
        )
        for person, own, home, consent in self.view.session.execute(statement):
            subject = person if self.kind == SubjectKind.PERSON else home
            if subject in self.ids:
                yield _Row(subject, home, consent, person, own)

    def _confirmed(self) -> dict[tuple[str, str], datetime]:
        """When each field of a home or a person was last confirmed or written by a record."""
        longest = max(binding.fresh_days for binding in self.bindings)
        whose = func.coalesce(RecordField.resident_id, RecordField.household_id)
        statement = (
            select(RecordField.field, whose, func.max(RecordField.at))
            .join(Record, Record.id == RecordField.record_id)
            .where(
                Record.community_id == self.view.community.id,
                RecordField.became.in_(_CONFIRMED),
                RecordField.field.in_({binding.field.code for binding in self.bindings}),
                RecordField.at > self.view.when.at - timedelta(days=longest),
            )
            .group_by(RecordField.field, whose)
        )
        return {(field, owner): at for field, owner, at in self.view.session.execute(statement)}
