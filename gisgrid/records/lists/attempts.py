"""What is told of a household that said no: to what, and on which days somebody came nevertheless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field
from sqlalchemy import ColumnElement, func, or_, select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.places.models import Household
from gisgrid.records.core.form_models import FieldForm
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.core.versions import own_forms
from gisgrid.records.lists.lines import kept_rows
from gisgrid.records.lists.scope import is_agreed_to, record_rows

_MOST: Final = 20


class AttemptLine(TypedDict):
    """A day on which somebody came after a no; nothing else was kept of it, and it opens nothing."""

    day: str
    form: str
    title: Annotated[Mapping[str, str], Field(description="of the form, by language")]
    by: str | None


def refused_purposes(view: View, household: Household) -> list[str]:
    """The purposes of the community's forms to which a household said no."""
    statement = own_forms(view).with_only_columns(FieldForm.purpose).where(FieldForm.purpose.is_not(None))
    states = states_of(view.session, household)
    wanted = {Purpose(purpose) for purpose in view.session.scalars(statement) if purpose}
    return [
        purpose.value for purpose in Purpose if purpose in wanted and states[purpose] == FieldState.REFUSED
    ]


def attempts_of(view: View, of_household: ColumnElement[bool]) -> list[AttemptLine]:
    """The newest 20 records of refused purposes noted after the last no, of a condition on records.

    From a no on only day and attempt are kept; what was noted before it is told to nobody here.
    """
    statement = (
        record_rows()
        .where(of_household, is_valid(), ~is_agreed_to(), Record.filled_at >= _last_no())
        .order_by(Record.day.desc(), Record.filled_at.desc(), Record.id.desc())
        .limit(_MOST)
    )
    return [
        AttemptLine(
            day=row.record.day.isoformat(), form=row.record.form_code, title=row.opened.tree.title, by=row.by
        )
        for row in kept_rows(view, statement)
    ]


def _last_no() -> Any:
    """When a household or the person of a record said no last, to its purpose or to being registered."""
    of_subject = or_(Consent.household_id == Household.id, Consent.resident_id == Resident.id)
    purposes = or_(Consent.purpose == FieldForm.purpose, Consent.purpose == Purpose.REGISTRATION)
    return (
        select(func.max(Consent.asked_at))
        .where(of_subject, purposes, Consent.status.in_(NO_CONSENT))
        .scalar_subquery()
    )
