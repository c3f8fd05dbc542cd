"""The forms whose records are counted, and which of these counts are counts of persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput, NotFound, say
from gisgrid.forms.tree import FormTree, questions_of
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import MARK_MET, OF_PERSONS, SubjectKind, VersionState
from gisgrid.records.core.versions import form_of_code, opened_form, own_forms

COUNTED: Final = frozenset(
    {
        *(SubjectKind.PERSON, SubjectKind.HOUSEHOLD, SubjectKind.BUILDING),
        *(SubjectKind.FACILITY, SubjectKind.AREA, SubjectKind.COMMUNITY),
    }
)
"""What forms may be about whose records are counted; cases have figures of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedForm:
    """A form with its title by language.

    ``is_personal``: its counts are counts of persons or confidential, so small ones are hidden.
    ``asks_met``: it says whether somebody was met.
    """

    code: str
    title: Mapping[str, str]
    kind: SubjectKind
    is_personal: bool
    asks_met: bool


def counted_forms(view: View) -> list[CountedForm]:
    """The forms of the community that were ever published and whose records are counted, by their code."""
    statement = own_forms(view).where(FieldForm.subject.in_(COUNTED)).order_by(FieldForm.code)
    forms = [_counted(view, form) for form in view.session.scalars(statement)]
    return [form for form in forms if form is not None]


def counted_form(view: View, code: str) -> CountedForm:
    """One of them by its code.

    Raises
    ------
    NotFound
        The community has no such form, or it was never published.
    InvalidInput
        It is about cases, workers or organisations.
    """
    form = form_of_code(view, code)
    if form.subject not in COUNTED:
        raise InvalidInput(say("records about this are not counted"), field="form")
    counted = _counted(view, form)
    if counted is None:
        raise NotFound("no version of this form is published")
    return counted


def _counted(view: View, form: FieldForm) -> CountedForm | None:
    statement = (
        select(FormVersion)
        .where(FormVersion.form_id == form.id, FormVersion.state != VersionState.DRAFT)
        .order_by(FormVersion.number.desc())
        .limit(1)
    )
    version = view.session.scalar(statement)
    if version is None:
        return None
    tree = opened_form(view, form, version).tree
    return CountedForm(
        code=form.code,
        title=tree.title,
        kind=SubjectKind(form.subject),
        is_personal=_is_personal(view, form.code),
        asks_met=_asks_met(tree),
    )


def _is_personal(view: View, code: str) -> bool:
    """Whether any form of this code is: a community's own may stand in the place of one that is built in."""
    here = FieldForm.owner_area_id.is_(None) | (FieldForm.owner_area_id == view.community.id)
    forms = view.session.scalars(select(FieldForm).where(FieldForm.code == code, here))
    return any(
        form.subject in OF_PERSONS or form.purpose is not None or form.is_confidential for form in forms
    )


def _asks_met(tree: FormTree) -> bool:
    return any(question.mark and question.name == MARK_MET for question in questions_of(tree.items))
